// ICudaEngine: both generations of names side by side. A tensor is named by a string; the older calls take its index.
#include <string_view>

#include "binding.h"

namespace rondo::python {
namespace {

using E = ICudaEngine;

int32_t index_of(const E& engine, nb::handle binding) {
  if (nb::isinstance<nb::str>(binding)) return engine.getBindingIndex(nb::cast<const char*>(binding));
  const auto index = nb::cast<int32_t>(binding);
  if (index < 0 || index >= engine.getNbBindings()) throw nb::index_error("the engine has fewer bindings");
  return index;
}

const char* name_of(const E& engine, nb::handle binding) {
  if (nb::isinstance<nb::str>(binding)) return nb::cast<const char*>(binding);
  return engine.getBindingName(index_of(engine, binding));
}

nb::list profile_shape(const E& engine, const char* name, int32_t profile) {
  nb::list result;
  for (const auto selector : {OptProfileSelector::kMIN, OptProfileSelector::kOPT, OptProfileSelector::kMAX}) {
    const Dims dims = engine.getProfileShape(name, profile, selector);
    if (dims.nbDims < 0) throw nb::index_error("there is no such input or profile; see the log");
    result.append(dims);
  }
  return result;
}

nb::list profile_values(const E& engine, const char* name, int32_t profile) {
  nb::list result;
  const Dims shape = engine.getTensorShape(name);
  int64_t count = 1;
  for (int32_t i = 0; i < shape.nbDims; ++i) count *= shape.d[i];
  for (const auto selector : {OptProfileSelector::kMIN, OptProfileSelector::kOPT, OptProfileSelector::kMAX}) {
    const int64_t* values = engine.getProfileTensorValuesV2(name, profile, selector);
    if (values == nullptr) continue;
    nb::list items;
    for (int64_t i = 0; i < count; ++i) items.append(values[i]);
    result.append(items);
  }
  return result;
}

template <class T>
nb::typed<nb::object, T> product(T* made, nb::handle parent) {
  if (made == nullptr) return nb::none();
  nb::object result = nb::cast(made, nb::rv_policy::take_ownership);
  nb::detail::keep_alive(result.ptr(), parent.ptr());
  return result;
}

void bind_names(nb::class_<E>& c) {
  c.def_prop_ro("num_io_tensors", &E::getNbIOTensors)
      .def("get_tensor_name", &E::getIOTensorName, "index"_a)
      .def("get_tensor_shape", &E::getTensorShape, "name"_a)
      .def("get_tensor_dtype", &E::getTensorDataType, "name"_a)
      .def("get_tensor_mode", &E::getTensorIOMode, "name"_a)
      .def("get_tensor_location", &E::getTensorLocation, "name"_a)
      .def("is_shape_inference_io", &E::isShapeInferenceIO, "name"_a)
      .def("get_tensor_bytes_per_component", nb::overload_cast<const char*>(&E::getTensorBytesPerComponent, nb::const_),
           "name"_a)
      .def("get_tensor_bytes_per_component",
           nb::overload_cast<const char*, int32_t>(&E::getTensorBytesPerComponent, nb::const_), "name"_a,
           "profile_index"_a)
      .def("get_tensor_components_per_element",
           nb::overload_cast<const char*>(&E::getTensorComponentsPerElement, nb::const_), "name"_a)
      .def("get_tensor_components_per_element",
           nb::overload_cast<const char*, int32_t>(&E::getTensorComponentsPerElement, nb::const_), "name"_a,
           "profile_index"_a)
      .def("get_tensor_format", nb::overload_cast<const char*>(&E::getTensorFormat, nb::const_), "name"_a)
      .def("get_tensor_format", nb::overload_cast<const char*, int32_t>(&E::getTensorFormat, nb::const_), "name"_a,
           "profile_index"_a)
      .def("get_tensor_format_desc", nb::overload_cast<const char*>(&E::getTensorFormatDesc, nb::const_), "name"_a)
      .def("get_tensor_format_desc", nb::overload_cast<const char*, int32_t>(&E::getTensorFormatDesc, nb::const_),
           "name"_a, "profile_index"_a)
      .def("get_tensor_vectorized_dim", nb::overload_cast<const char*>(&E::getTensorVectorizedDim, nb::const_),
           "name"_a)
      .def("get_tensor_vectorized_dim", nb::overload_cast<const char*, int32_t>(&E::getTensorVectorizedDim, nb::const_),
           "name"_a, "profile_index"_a)
      .def("get_tensor_profile_shape", &profile_shape, "name"_a, "profile_index"_a)
      .def(
          "get_tensor_profile_values",
          [](const E& e, int32_t profile, const char* name) { return profile_values(e, name, profile); },
          "profile_index"_a, "name"_a);
}

void bind_bindings(nb::class_<E>& c) {
  c.def_prop_ro("num_bindings", &E::getNbBindings)
      .def("get_binding_index", &E::getBindingIndex, "name"_a)
      .def("get_binding_name", &E::getBindingName, "index"_a)
      .def(
          "get_binding_shape", [](const E& e, nb::handle b) { return e.getBindingDimensions(index_of(e, b)); },
          "binding"_a)
      .def(
          "get_binding_dtype", [](const E& e, nb::handle b) { return e.getBindingDataType(index_of(e, b)); },
          "binding"_a)
      .def(
          "binding_is_input", [](const E& e, nb::handle b) { return e.bindingIsInput(index_of(e, b)); }, "binding"_a)
      .def(
          "get_location", [](const E& e, nb::handle b) { return e.getLocation(index_of(e, b)); }, "binding"_a)
      .def("get_binding_bytes_per_component", &E::getBindingBytesPerComponent, "index"_a)
      .def("get_binding_components_per_element", &E::getBindingComponentsPerElement, "index"_a)
      .def("get_binding_format", &E::getBindingFormat, "index"_a)
      .def("get_binding_format_desc", &E::getBindingFormatDesc, "index"_a)
      .def("get_binding_vectorized_dim", &E::getBindingVectorizedDim, "index"_a)
      .def(
          "is_shape_binding", [](const E& e, nb::handle b) { return e.isShapeBinding(index_of(e, b)); }, "binding"_a)
      .def(
          "is_execution_binding", [](const E& e, nb::handle b) { return e.isExecutionBinding(index_of(e, b)); },
          "binding"_a)
      .def(
          "get_profile_shape",
          [](const E& e, int32_t profile, nb::handle b) { return profile_shape(e, name_of(e, b), profile); },
          "profile_index"_a, "binding"_a)
      .def(
          "get_profile_shape_input",
          [](const E& e, int32_t profile, nb::handle b) { return profile_values(e, name_of(e, b), profile); },
          "profile_index"_a, "binding"_a)
      .def("__len__", &E::getNbBindings)
      .def(
          "__getitem__", [](const E& e, int32_t i) { return e.getBindingName(index_of(e, nb::int_(i))); }, "index"_a)
      .def("__getitem__", &E::getBindingIndex, "name"_a)
      .def_prop_ro("max_batch_size", &E::getMaxBatchSize)
      .def_prop_ro("has_implicit_batch_dimension", &E::hasImplicitBatchDimension);
}

void bind_whole(nb::class_<E>& c) {
  using Strategy = ExecutionContextAllocationStrategy;
  c.def_prop_ro("name", &E::getName)
      .def_prop_ro("num_layers", &E::getNbLayers)
      .def_prop_ro("num_optimization_profiles", &E::getNbOptimizationProfiles)
      .def_prop_ro("refittable", &E::isRefittable)
      .def_prop_ro("device_memory_size", &E::getDeviceMemorySize)
      .def_prop_ro("device_memory_size_v2", &E::getDeviceMemorySizeV2)
      .def("get_device_memory_size_for_profile", &E::getDeviceMemorySizeForProfile, "profile_index"_a)
      .def("get_device_memory_size_for_profile_v2", &E::getDeviceMemorySizeForProfileV2, "profile_index"_a)
      .def_prop_ro("engine_capability", &E::getEngineCapability)
      .def_prop_ro("profiling_verbosity", &E::getProfilingVerbosity)
      .def_prop_ro("tactic_sources", &E::getTacticSources)
      .def_prop_ro("hardware_compatibility_level", &E::getHardwareCompatibilityLevel)
      .def_prop_ro("num_aux_streams", &E::getNbAuxStreams)
      .def(
          "serialize", [](const E& e) { return e.serialize(); }, nb::rv_policy::take_ownership,
          nb::call_guard<nb::gil_scoped_release>())
      .def(
          "create_execution_context",
          [](nb::handle self, Strategy s) { return product(nb::cast<E&>(self).createExecutionContext(s), self); },
          "strategy"_a = Strategy::kSTATIC)
      .def(
          "create_execution_context",
          [](nb::handle self, IRuntimeConfig* config) {
            return product(nb::cast<E&>(self).createExecutionContext(config), self);
          },
          "runtime_config"_a)
      .def("create_runtime_config", &E::createRuntimeConfig, nb::rv_policy::take_ownership)
      .def("create_serialization_config", &E::createSerializationConfig, nb::rv_policy::take_ownership)
      .def("serialize_with_config", &E::serializeWithConfig, "config"_a, nb::rv_policy::take_ownership,
           nb::call_guard<nb::gil_scoped_release>())
      .def("get_engine_stat", &E::getEngineStat, "stat"_a)
      .def("get_aliased_input_tensor", &E::getAliasedInputTensor, "name"_a)
      .def("is_debug_tensor", &E::isDebugTensor, "name"_a)
      .def_prop_ro("streamable_weights_size", &E::getStreamableWeightsSize)
      .def_prop_ro("minimum_weight_streaming_budget", &E::getMinimumWeightStreamingBudget)
      .def_prop_ro("weight_streaming_scratch_memory_size", &E::getWeightStreamingScratchMemorySize)
      .def("get_weight_streaming_automatic_budget", &E::getWeightStreamingAutomaticBudget)
      .def_prop_rw("weight_streaming_budget", &E::getWeightStreamingBudget,
                   [](E& e, int64_t budget) { e.setWeightStreamingBudget(budget); })
      .def_prop_rw("weight_streaming_budget_v2", &E::getWeightStreamingBudgetV2,
                   [](E& e, int64_t budget) { e.setWeightStreamingBudgetV2(budget); })
      .def(
          "create_execution_context_without_device_memory",
          [](nb::handle self) { return product(nb::cast<E&>(self).createExecutionContextWithoutDeviceMemory(), self); })
      .def("create_engine_inspector",
           [](nb::handle self) { return product(nb::cast<E&>(self).createEngineInspector(), self); })
      .def_prop_rw(
          "error_recorder", &E::getErrorRecorder,
          [](nb::handle self, IErrorRecorder* recorder) {
            nb::cast<E&>(self).setErrorRecorder(recorder);
            if (recorder != nullptr) nb::detail::keep_alive(self.ptr(), nb::find(recorder).ptr());
          },
          nb::arg("recorder").none())
      .def("__enter__", [](nb::object self) { return self; })
      .def("__exit__", [](nb::handle, nb::args) {});
}

}  // namespace

void bind_engine(nb::module_& m) {
  nb::class_<E> c(m, "ICudaEngine", nb::is_weak_referenceable(),
                  "A plan ready to run. Iterating over it yields its tensors' names.");
  bind_names(c);
  bind_bindings(c);
  bind_whole(c);
}

}  // namespace rondo::python
