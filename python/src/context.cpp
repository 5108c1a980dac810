// IExecutionContext. Runs release the GIL; addresses and streams are integers.
#include "binding.h"

namespace rondo::python {
namespace {

using C = IExecutionContext;

template <class T>
void keep(nb::handle self, T* held) {
  if (held != nullptr) nb::detail::keep_alive(self.ptr(), nb::find(held).ptr());
}

std::vector<void*> addresses_of(nb::handle bindings) {
  std::vector<void*> result;
  for (nb::handle item : bindings) result.push_back(address_of(item));
  return result;
}

uintptr_t number(const void* address) { return reinterpret_cast<uintptr_t>(address); }

nb::list infer_shapes(C& context) {
  std::vector<const char*> names(static_cast<size_t>(context.getEngine().getNbIOTensors()), nullptr);
  const int32_t count = context.inferShapes(static_cast<int32_t>(names.size()), names.data());
  if (count < 0) throw std::runtime_error("infer_shapes failed; see the log");
  nb::list result;
  for (int32_t i = 0; i < count && i < static_cast<int32_t>(names.size()); ++i)
    result.append(nb::str(names[static_cast<size_t>(i)]));
  return result;
}

void bind_runs(nb::class_<C>& c) {
  c.def(
       "execute_v2",
       [](C& s, nb::handle bindings) {
         const std::vector<void*> addresses = addresses_of(bindings);
         nb::gil_scoped_release release;
         return s.executeV2(addresses.data());
       },
       "bindings"_a)
      .def(
          "execute_async_v2",
          [](C& s, nb::handle bindings, nb::handle stream, nb::handle) {
            const std::vector<void*> addresses = addresses_of(bindings);
            const cudaStream_t on = stream_of(stream);
            nb::gil_scoped_release release;
            return s.enqueueV2(addresses.data(), on, nullptr);
          },
          "bindings"_a, "stream_handle"_a, nb::arg("input_consumed").none() = nb::none())
      .def(
          "execute_async_v3",
          [](C& s, nb::handle stream) {
            const cudaStream_t on = stream_of(stream);
            nb::gil_scoped_release release;
            return s.enqueueV3(on);
          },
          "stream_handle"_a)
      .def(
          "execute",
          [](C& s, int32_t batch, nb::handle bindings) {
            const std::vector<void*> addresses = addresses_of(bindings);
            nb::gil_scoped_release release;
            return s.execute(batch, addresses.data());
          },
          "batch_size"_a = 1, "bindings"_a,
          nb::sig("def execute(self, batch_size: int = 1, bindings: collections.abc.Sequence[int] = ...) -> bool"))
      .def(
          "execute_async",
          [](C& s, int32_t batch, nb::handle bindings, nb::handle stream, nb::handle) {
            const std::vector<void*> addresses = addresses_of(bindings);
            const cudaStream_t on = stream_of(stream);
            nb::gil_scoped_release release;
            return s.enqueue(batch, addresses.data(), on, nullptr);
          },
          "batch_size"_a = 1, "bindings"_a, "stream_handle"_a, nb::arg("input_consumed").none() = nb::none(),
          nb::sig("def execute_async(self, batch_size: int = 1, bindings: collections.abc.Sequence[int] = ..., "
                  "stream_handle: int = ..., input_consumed: object = None) -> bool"));
}

void bind_tensors(nb::class_<C>& c) {
  c.def("set_input_shape", &C::setInputShape, "name"_a, "shape"_a)
      .def("get_tensor_shape", &C::getTensorShape, "name"_a)
      .def("get_tensor_strides", &C::getTensorStrides, "name"_a)
      .def(
          "set_tensor_address",
          [](C& s, const char* name, nb::handle memory) { return s.setTensorAddress(name, address_of(memory)); },
          "name"_a, "memory"_a)
      .def(
          "get_tensor_address", [](const C& s, const char* name) { return number(s.getTensorAddress(name)); }, "name"_a)
      .def("infer_shapes", &infer_shapes)
      .def(
          "set_output_allocator",
          [](nb::handle self, const char* name, IOutputAllocator* allocator) {
            const bool set = nb::cast<C&>(self).setOutputAllocator(name, allocator);
            keep(self, allocator);
            return set;
          },
          "name"_a, nb::arg("output_allocator").none())
      .def("get_output_allocator", &C::getOutputAllocator, "name"_a, nb::rv_policy::reference)
      .def("get_max_output_size", &C::getMaxOutputSize, "name"_a)
      .def(
          "set_input_consumed_event",
          [](C& s, nb::handle event) { return s.setInputConsumedEvent(static_cast<cudaEvent_t>(address_of(event))); },
          "event"_a)
      .def("get_input_consumed_event", [](const C& s) { return number(s.getInputConsumedEvent()); })
      .def("set_binding_shape", &C::setBindingDimensions, "binding"_a, "shape"_a)
      .def("get_binding_shape", &C::getBindingDimensions, "binding"_a)
      .def("get_strides", &C::getStrides, "binding"_a)
      .def(
          "set_shape_input",
          [](C& s, int32_t binding, const std::vector<int32_t>& values) {
            return s.setInputShapeBinding(binding, values.data());
          },
          "binding"_a, "shape"_a)
      .def(
          "get_shape",
          [](const C& s, int32_t binding) {
            std::vector<int32_t> values(64);
            if (!s.getShapeBinding(binding, values.data())) throw std::runtime_error("the binding has no shape values");
            const Dims dims = s.getBindingDimensions(binding);
            values.resize(dims.nbDims == 0 ? 1 : static_cast<size_t>(std::max<int64_t>(dims.d[0], 0)));
            return values;
          },
          "binding"_a)
      .def_prop_ro("all_binding_shapes_specified", &C::allInputDimensionsSpecified)
      .def_prop_ro("all_shape_inputs_specified", &C::allInputShapesSpecified);
}

void bind_settings(nb::class_<C>& c) {
  c.def_prop_rw("active_optimization_profile", &C::getOptimizationProfile,
                [](C& s, int32_t profile) {
                  if (!s.setOptimizationProfile(profile))
                    throw std::runtime_error("there is no such profile; see the log");
                })
      .def(
          "set_optimization_profile_async",
          [](C& s, int32_t profile, nb::handle stream) {
            return s.setOptimizationProfileAsync(profile, stream_of(stream));
          },
          "profile_index"_a, "stream_handle"_a)
      .def_prop_rw(
          "temporary_allocator", &C::getTemporaryStorageAllocator,
          [](nb::handle self, IGpuAllocator* allocator) {
            nb::cast<C&>(self).setTemporaryStorageAllocator(allocator);
            keep(self, allocator);
          },
          nb::arg("allocator").none())
      .def_prop_rw(
          "device_memory", [](const C&) { return nb::none(); },
          [](C& s, nb::handle memory) { s.setDeviceMemory(address_of(memory)); })
      .def(
          "set_device_memory",
          [](C& s, nb::handle memory, int64_t size) { s.setDeviceMemoryV2(address_of(memory), size); }, "memory"_a,
          "size"_a)
      .def("update_device_memory_size_for_shapes", &C::updateDeviceMemorySizeForShapes)
      .def_prop_rw(
          "profiler", &C::getProfiler,
          [](nb::handle self, IProfiler* profiler) {
            nb::cast<C&>(self).setProfiler(profiler);
            keep(self, profiler);
          },
          nb::arg("profiler").none())
      .def_prop_rw("enqueue_emits_profile", &C::getEnqueueEmitsProfile, &C::setEnqueueEmitsProfile)
      .def("report_to_profiler", &C::reportToProfiler)
      .def_prop_rw("max_threads", &C::getMaxThreads, &C::setMaxThreads)
      .def_prop_rw("debug_sync", &C::getDebugSync, &C::setDebugSync)
      .def_prop_rw("name", &C::getName, &C::setName)
      .def_prop_ro("engine", [](const C& s) { return nb::find(const_cast<ICudaEngine&>(s.getEngine())); })
      .def_prop_rw(
          "error_recorder", &C::getErrorRecorder,
          [](nb::handle self, IErrorRecorder* recorder) {
            nb::cast<C&>(self).setErrorRecorder(recorder);
            keep(self, recorder);
          },
          nb::arg("recorder").none())
      .def_prop_rw("persistent_cache_limit", &C::getPersistentCacheLimit, &C::setPersistentCacheLimit)
      .def_prop_rw("nvtx_verbosity", &C::getNvtxVerbosity, [](C& s, ProfilingVerbosity v) { s.setNvtxVerbosity(v); })
      .def(
          "set_aux_streams",
          [](C& s, nb::handle streams) {
            std::vector<cudaStream_t> handles;
            for (nb::handle stream : streams) handles.push_back(stream_of(stream));
            s.setAuxStreams(handles.data(), static_cast<int32_t>(handles.size()));
          },
          "aux_streams"_a)
      .def(
          "set_debug_listener",
          [](nb::handle self, IDebugListener* listener) {
            keep(self, listener);
            return nb::cast<C&>(self).setDebugListener(listener);
          },
          nb::arg("listener").none())
      .def("get_debug_listener", &C::getDebugListener, nb::rv_policy::reference)
      .def("set_tensor_debug_state", &C::setTensorDebugState, "name"_a, "flag"_a)
      .def("set_all_tensors_debug_state", &C::setAllTensorsDebugState, "flag"_a)
      .def("get_debug_state", &C::getDebugState, "name"_a)
      .def("get_runtime_config", &C::getRuntimeConfig, nb::rv_policy::take_ownership)
      .def("__enter__", [](nb::object self) { return self; })
      .def("__exit__", [](nb::handle, nb::args) {});
}

}  // namespace

void bind_context(nb::module_& m) {
  nb::class_<C> c(m, "IExecutionContext", nb::is_weak_referenceable(), "One line of execution of an engine.");
  bind_runs(c);
  bind_tensors(c);
  bind_settings(c);
}

}  // namespace rondo::python
