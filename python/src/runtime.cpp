// Runtime and engine inspector.
#include "binding.h"
#include "plugins.h"
#include "rondo/tuning/refitter.h"
#include "weights.h"

namespace rondo::python {
namespace {

nb::tuple roles_of(IRefitter& refitter, int32_t (IRefitter::*query)(int32_t, const char**, WeightsRole*) noexcept) {
  const auto count = static_cast<size_t>((refitter.*query)(0, nullptr, nullptr));
  std::vector<const char*> layers(count);
  std::vector<WeightsRole> roles(count);
  (refitter.*query)(static_cast<int32_t>(count), layers.data(), roles.data());
  return nb::make_tuple(nb::cast(layers), nb::cast(roles));
}

nb::object names_of(IRefitter& refitter, int32_t (IRefitter::*query)(int32_t, const char**) noexcept) {
  std::vector<const char*> names(static_cast<size_t>((refitter.*query)(0, nullptr)));
  (refitter.*query)(static_cast<int32_t>(names.size()), names.data());
  return nb::cast(names);
}

/// A plan in bytes, bytearray, memoryview, mmap, an array or IHostMemory.
nb::typed<nb::object, ICudaEngine> deserialize(nb::handle self, nb::handle plan) {
  auto& runtime = nb::cast<IRuntime&>(self);
  Py_buffer view;
  if (PyObject_GetBuffer(plan.ptr(), &view, PyBUF_SIMPLE) != 0) throw nb::python_error();
  ICudaEngine* engine = nullptr;
  {
    nb::gil_scoped_release release;
    engine = runtime.deserializeCudaEngine(view.buf, static_cast<size_t>(view.len));
  }
  PyBuffer_Release(&view);
  if (engine == nullptr) return nb::none();
  nb::object result = nb::cast(engine, nb::rv_policy::take_ownership);
  nb::detail::keep_alive(result.ptr(), self.ptr());
  return result;
}

template <class Reader>
nb::typed<nb::object, ICudaEngine> deserialize_stream(nb::handle self, Reader& reader) {
  auto& runtime = nb::cast<IRuntime&>(self);
  ICudaEngine* engine = nullptr;
  {
    nb::gil_scoped_release release;
    engine = runtime.deserializeCudaEngine(reader);
  }
  if (engine == nullptr) return nb::none();
  nb::object result = nb::cast(engine, nb::rv_policy::take_ownership);
  nb::detail::keep_alive(result.ptr(), self.ptr());
  return result;
}

nb::typed<nb::object, ICudaEngine> deserialize_file(nb::handle self, nb::handle path) {
  auto& runtime = nb::cast<IRuntime&>(self);
  PyObject* encoded = nullptr;
  if (PyUnicode_FSConverter(path.ptr(), &encoded) == 0) throw nb::python_error();
  const nb::bytes name = nb::steal<nb::bytes>(encoded);
  ICudaEngine* engine = nullptr;
  {
    nb::gil_scoped_release release;
    engine = runtime.deserializeCudaEngineFromFile(name.c_str());
  }
  if (engine == nullptr) return nb::none();
  nb::object result = nb::cast(engine, nb::rv_policy::take_ownership);
  nb::detail::keep_alive(result.ptr(), self.ptr());
  return result;
}

void bind_refitter(nb::module_& m) {
  using F = IRefitter;
  nb::class_<F>(m, "Refitter", "Replaces weights of an engine; see the C++ header for what this version refits.")
      .def(nb::new_([](ICudaEngine& engine, ILogger& logger) {
             IRefitter* refitter = createInferRefitter(engine, logger);
             if (refitter == nullptr) throw std::runtime_error("the engine cannot be refitted; see the log");
             return refitter;
           }),
           "engine"_a, "logger"_a, nb::keep_alive<0, 2>(), nb::keep_alive<0, 3>())
      .def(
          "set_weights",
          [](F& f, const char* layer, WeightsRole role, nb::object w) {
            return f.setWeights(layer, role, take_weights(w, nb::find(f)));
          },
          "layer_name"_a, "role"_a, "weights"_a)
      .def(
          "set_named_weights",
          [](F& f, const char* name, nb::object w) { return f.setNamedWeights(name, take_weights(w, nb::find(f))); },
          "name"_a, "weights"_a)
      .def("refit_cuda_engine", &F::refitCudaEngine, nb::call_guard<nb::gil_scoped_release>())
      .def("get_missing", [](F& f) { return roles_of(f, &F::getMissing); })
      .def("get_all", [](F& f) { return roles_of(f, &F::getAll); })
      .def("get_missing_weights", [](F& f) { return names_of(f, &F::getMissingWeights); })
      .def("get_all_weights", [](F& f) { return names_of(f, &F::getAllWeights); })
      .def_prop_ro("logger", &F::getLogger, nb::rv_policy::reference)
      .def_prop_rw("error_recorder", &F::getErrorRecorder, &F::setErrorRecorder, nb::arg("recorder").none());
}

}  // namespace

void bind_runtime(nb::module_& m) {
  bind_refitter(m);
  using R = IRuntime;
  nb::class_<R>(m, "Runtime", nb::is_weak_referenceable(), "Reads plans.")
      .def(nb::new_([](ILogger& logger) { return createInferRuntime(logger); }), "logger"_a, nb::keep_alive<0, 2>())
      .def("deserialize_cuda_engine", &deserialize_stream<IStreamReader>, "stream_reader"_a)
      .def("deserialize_cuda_engine", &deserialize_stream<IStreamReaderV2>, "stream_reader_v2"_a)
      .def("load_runtime", &R::loadRuntime, "path"_a, nb::rv_policy::take_ownership)
      .def_prop_rw("temporary_directory", &R::getTemporaryDirectory, &R::setTemporaryDirectory, nb::arg("path").none())
      .def_prop_rw("tempfile_control_flags", &R::getTempfileControlFlags, &R::setTempfileControlFlags)
      .def_prop_rw("max_threads", &R::getMaxThreads, &R::setMaxThreads)
      .def("deserialize_cuda_engine", &deserialize, "serialized_engine"_a)
      .def("deserialize_cuda_engine_from_file", &deserialize_file, "path"_a,
           "Loads a plan from a file and keeps it mapped; see the C++ header. Replace the file by rename only.")
      .def_prop_rw("engine_host_code_allowed", &R::getEngineHostCodeAllowed, &R::setEngineHostCodeAllowed)
      .def("get_plugin_registry",
           [](nb::handle self) { return registry_object(&nb::cast<R&>(self).getPluginRegistry(), self); })
      .def_prop_rw("DLA_core", &R::getDLACore, &R::setDLACore)
      .def_prop_ro("num_DLA_cores", &R::getNbDLACores)
      .def_prop_ro("logger", &R::getLogger, nb::rv_policy::reference)
      .def_prop_rw(
          "error_recorder", &R::getErrorRecorder,
          [](nb::handle self, IErrorRecorder* recorder) {
            nb::cast<R&>(self).setErrorRecorder(recorder);
            if (recorder != nullptr) nb::detail::keep_alive(self.ptr(), nb::find(recorder).ptr());
          },
          nb::arg("recorder").none())
      .def_prop_rw(
          "gpu_allocator", [](const R&) { return nb::none(); },
          [](nb::handle self, IGpuAllocator* allocator) {
            nb::cast<R&>(self).setGpuAllocator(allocator);
            if (allocator != nullptr) nb::detail::keep_alive(self.ptr(), nb::find(allocator).ptr());
          },
          nb::arg("allocator").none())
      .def("__enter__", [](nb::object self) { return self; })
      .def("__exit__", [](nb::handle, nb::args) {});

  using I = IEngineInspector;
  nb::class_<I>(m, "EngineInspector", "Tells what an engine consists of.")
      .def_prop_rw(
          "execution_context", &I::getExecutionContext,
          [](nb::handle self, IExecutionContext* context) {
            nb::cast<I&>(self).setExecutionContext(context);
            if (context != nullptr) nb::detail::keep_alive(self.ptr(), nb::find(context).ptr());
          },
          nb::arg("context").none())
      .def("get_layer_information", &I::getLayerInformation, "layer_index"_a, "format"_a)
      .def("get_engine_information", &I::getEngineInformation, "format"_a)
      .def_prop_rw("error_recorder", &I::getErrorRecorder, &I::setErrorRecorder, nb::arg("recorder").none());
}

}  // namespace rondo::python
