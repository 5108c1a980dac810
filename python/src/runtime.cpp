// Runtime and engine inspector.
#include "binding.h"

namespace rondo::python {
namespace {

/// A plan in bytes, bytearray, memoryview, mmap, an array or IHostMemory.
nb::object deserialize(nb::handle self, nb::handle plan) {
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

}  // namespace

void bind_runtime(nb::module_& m) {
  using R = IRuntime;
  nb::class_<R>(m, "Runtime", nb::is_weak_referenceable(), "Reads plans.")
      .def(nb::new_([](ILogger& logger) { return createInferRuntime(logger); }), "logger"_a, nb::keep_alive<1, 2>())
      .def("deserialize_cuda_engine", &deserialize, "serialized_engine"_a)
      .def_prop_rw("max_threads", &R::getMaxThreads, &R::setMaxThreads)
      .def_prop_rw("engine_host_code_allowed", &R::getEngineHostCodeAllowed, &R::setEngineHostCodeAllowed)
      .def_prop_rw("DLA_core", &R::getDLACore, &R::setDLACore)
      .def_prop_ro("num_DLA_cores", &R::getNbDLACores)
      .def_prop_ro("logger", &R::getLogger, nb::rv_policy::reference)
      .def_prop_rw("error_recorder", &R::getErrorRecorder,
                   [](nb::handle self, IErrorRecorder* recorder) {
                     nb::cast<R&>(self).setErrorRecorder(recorder);
                     if (recorder != nullptr) nb::detail::keep_alive(self.ptr(), nb::find(recorder).ptr());
                   }, nb::arg("recorder").none())
      .def_prop_rw("gpu_allocator", [](const R&) { return nb::none(); },
                   [](nb::handle self, IGpuAllocator* allocator) {
                     nb::cast<R&>(self).setGpuAllocator(allocator);
                     if (allocator != nullptr) nb::detail::keep_alive(self.ptr(), nb::find(allocator).ptr());
                   }, nb::arg("allocator").none())
      .def("__enter__", [](nb::object self) { return self; })
      .def("__exit__", [](nb::handle, nb::args) {});

  using I = IEngineInspector;
  nb::class_<I>(m, "EngineInspector", "Tells what an engine consists of.")
      .def_prop_rw("execution_context", &I::getExecutionContext,
                   [](nb::handle self, IExecutionContext* context) {
                     nb::cast<I&>(self).setExecutionContext(context);
                     if (context != nullptr) nb::detail::keep_alive(self.ptr(), nb::find(context).ptr());
                   }, nb::arg("context").none())
      .def("get_layer_information", &I::getLayerInformation, "layer_index"_a, "format"_a)
      .def("get_engine_information", &I::getEngineInformation, "format"_a)
      .def_prop_rw("error_recorder", &I::getErrorRecorder, &I::setErrorRecorder, nb::arg("recorder").none());
}

}  // namespace rondo::python
