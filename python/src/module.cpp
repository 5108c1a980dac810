// The extension module rondo._rondo: TensorRT's classes under TensorRT's Python names. What is written in Python stands
// in python/rondo/__init__.py.
#include "binding.h"
#include "plugins.h"

NB_MODULE(_rondo, m) {
  using namespace rondo::python;
  // Programs leave engines and contexts in globals, which the interpreter does not free when it ends; that is no leak
  // of theirs.
  nb::set_leak_warnings(false);
  m.doc() = "Rondo: an inference engine for the TensorRT programming model.";
  bind_enums(m);
  bind_types(m);
  bind_weights(m);
  bind_logger(m);
  bind_memory(m);
  bind_tensor(m);
  bind_layer_classes(m);
  bind_irregular_layers(m);
  bind_calibrators(m);
  bind_streams(m);
  bind_plugin_values(m);
  bind_plugin_registry(m);
  bind_network(m);
  bind_profile(m);
  bind_builder(m);
  bind_engine(m);
  bind_context(m);
  bind_runtime(m);
  m.attr("_version") = rondo::getRondoVersion();
  m.def(
      "init_libnvinfer_plugins",
      [](nb::handle logger, const char* ns) {
        auto* to = logger.is_none() ? nullptr : nb::cast<rondo::ILogger*>(logger);
        return initLibNvInferPlugins(to, ns);
      },
      nb::arg("logger").none(), nb::arg("namespace"));
}
