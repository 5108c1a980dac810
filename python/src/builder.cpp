// Builder, its configuration, and the progress monitor. Building releases the GIL; callbacks take it again.
#include <nanobind/trampoline.h>

#include "binding.h"
#include "plugins.h"

namespace rondo::python {
namespace {

class PyProgressMonitor final : public IProgressMonitor {
 public:
  NB_TRAMPOLINE(IProgressMonitor, 3);
  void phaseStart(const char* phase, const char* parent, int32_t steps) override {
    guarded_callback([&] { nb_trampoline.base().attr("phase_start")(phase, parent, steps); });
  }
  bool stepComplete(const char* phase, int32_t step) override {
    return guarded_callback(false,
                            [&] { return nb::cast<bool>(nb_trampoline.base().attr("step_complete")(phase, step)); });
  }
  void phaseFinish(const char* phase) override {
    guarded_callback([&] { nb_trampoline.base().attr("phase_finish")(phase); });
  }
};

template <class T>
void keep(nb::handle self, T* held) {
  if (held != nullptr) nb::detail::keep_alive(self.ptr(), nb::find(held).ptr());
}

/// A factory's product, which owns itself and keeps `parent` alive. None for null.
template <class T>
nb::typed<nb::object, T> product(T* made, nb::handle parent) {
  if (made == nullptr) return nb::none();
  nb::object result = nb::cast(made, nb::rv_policy::take_ownership);
  nb::detail::keep_alive(result.ptr(), parent.ptr());
  return result;
}

void bind_config_basics(nb::class_<IBuilderConfig>& c) {
  using C = IBuilderConfig;
  c.def("set_memory_pool_limit", &C::setMemoryPoolLimit, "pool"_a, "pool_size"_a)
      .def("get_memory_pool_limit", &C::getMemoryPoolLimit, "pool"_a)
      .def_prop_rw("max_workspace_size", &C::getMaxWorkspaceSize, &C::setMaxWorkspaceSize)
      .def_prop_rw("flags", &C::getFlags, &C::setFlags)
      .def("set_flag", &C::setFlag, "flag"_a)
      .def("clear_flag", &C::clearFlag, "flag"_a)
      .def("get_flag", &C::getFlag, "flag"_a)
      .def("add_optimization_profile", &C::addOptimizationProfile, "profile"_a)
      .def_prop_ro("num_optimization_profiles", &C::getNbOptimizationProfiles)
      .def_prop_rw("builder_optimization_level", &C::getBuilderOptimizationLevel, &C::setBuilderOptimizationLevel)
      .def_prop_rw("profiling_verbosity", &C::getProfilingVerbosity, &C::setProfilingVerbosity)
      .def_prop_rw("avg_timing_iterations", &C::getAvgTimingIterations, &C::setAvgTimingIterations)
      .def_prop_rw("min_timing_iterations", &C::getMinTimingIterations, &C::setMinTimingIterations)
      .def_prop_rw("max_num_tactics", &C::getMaxNbTactics, &C::setMaxNbTactics)
      .def("set_tactic_sources", &C::setTacticSources, "tactic_sources"_a)
      .def("get_tactic_sources", &C::getTacticSources)
      .def("set_preview_feature", &C::setPreviewFeature, "feature"_a, "enable"_a)
      .def("get_preview_feature", &C::getPreviewFeature, "feature"_a)
      .def_prop_rw("engine_capability", &C::getEngineCapability, &C::setEngineCapability)
      .def_prop_rw("hardware_compatibility_level", &C::getHardwareCompatibilityLevel, &C::setHardwareCompatibilityLevel)
      .def_prop_rw(
          "plugins_to_serialize",
          [](const C& c) {
            std::vector<std::string> paths;
            for (int32_t i = 0; i < c.getNbPluginsToSerialize(); ++i) paths.emplace_back(c.getPluginToSerialize(i));
            return paths;
          },
          [](C& c, const std::vector<std::string>& paths) {
            std::vector<const char*> all;
            for (const std::string& path : paths) all.push_back(path.c_str());
            c.setPluginsToSerialize(all.data(), static_cast<int32_t>(all.size()));
          })
      .def_prop_rw("max_aux_streams", &C::getMaxAuxStreams, &C::setMaxAuxStreams)
      .def_prop_rw("runtime_platform", &C::getRuntimePlatform, &C::setRuntimePlatform)
      .def_prop_rw("tiling_optimization_level", &C::getTilingOptimizationLevel,
                   [](C& s, TilingOptimizationLevel level) { s.setTilingOptimizationLevel(level); })
      .def_prop_rw("l2_limit_for_tiling", &C::getL2LimitForTiling,
                   [](C& s, int64_t size) { s.setL2LimitForTiling(size); })
      .def_prop_rw("quantization_flags", &C::getQuantizationFlags, &C::setQuantizationFlags)
      .def("set_quantization_flag", &C::setQuantizationFlag, "flag"_a)
      .def("clear_quantization_flag", &C::clearQuantizationFlag, "flag"_a)
      .def("get_quantization_flag", &C::getQuantizationFlag, "flag"_a)
      .def_prop_rw("max_threads", &C::getMaxThreads, &C::setMaxThreads)
      .def("reset", &C::reset)
      .def("__enter__", [](nb::object self) { return self; })
      .def("__exit__", [](nb::handle, nb::args) {});
}

/// A property that holds an object which the caller keeps: the configuration's Python object keeps it alive.
template <class T, class Get, class Set>
void held(nb::class_<IBuilderConfig>& c, const char* name, Get get, Set set) {
  c.def_prop_rw(
      name, get,
      [set](nb::handle self, T* object) {
        (nb::cast<IBuilderConfig&>(self).*set)(object);
        keep(self, object);
      },
      nb::arg("value").none());
}

void bind_tuning(nb::class_<IBuilderConfig>& c) {
  using C = IBuilderConfig;
  held<IInt8Calibrator>(c, "int8_calibrator", &C::getInt8Calibrator, &C::setInt8Calibrator);
  held<IAlgorithmSelector>(c, "algorithm_selector", &C::getAlgorithmSelector, &C::setAlgorithmSelector);
  c.def("set_calibration_profile", &C::setCalibrationProfile, "profile"_a)
      .def("get_calibration_profile", &C::getCalibrationProfile, nb::rv_policy::reference_internal)
      .def(
          "create_timing_cache",
          [](nb::handle self, nb::handle bytes) -> nb::typed<nb::object, ITimingCache> {
            Py_buffer view;
            if (PyObject_GetBuffer(bytes.ptr(), &view, PyBUF_SIMPLE) != 0) throw nb::python_error();
            ITimingCache* cache = nb::cast<C&>(self).createTimingCache(view.buf, static_cast<size_t>(view.len));
            PyBuffer_Release(&view);
            return cache == nullptr ? nb::none() : nb::cast(cache, nb::rv_policy::take_ownership);
          },
          "serialized_timing_cache"_a)
      .def(
          "set_timing_cache",
          [](nb::handle self, ITimingCache& cache, bool ignore_mismatch) {
            keep(self, &cache);
            return nb::cast<C&>(self).setTimingCache(cache, ignore_mismatch);
          },
          "cache"_a, "ignore_mismatch"_a)
      .def(
          "get_timing_cache", [](const C& s) { return const_cast<ITimingCache*>(s.getTimingCache()); },
          nb::rv_policy::reference);
}

void bind_config_objects(nb::class_<IBuilderConfig>& c) {
  using C = IBuilderConfig;
  c.def_prop_rw(
       "profile_stream", [](const C& s) { return reinterpret_cast<uintptr_t>(s.getProfileStream()); },
       [](C& s, nb::handle stream) { s.setProfileStream(stream_of(stream)); })
      .def_prop_rw(
          "progress_monitor", &C::getProgressMonitor,
          [](nb::handle self, IProgressMonitor* monitor) {
            nb::cast<C&>(self).setProgressMonitor(monitor);
            keep(self, monitor);
          },
          nb::arg("monitor").none())
      .def("set_device_type", &C::setDeviceType, "layer"_a, "device_type"_a)
      .def("get_device_type", &C::getDeviceType, "layer"_a)
      .def("is_device_type_set", &C::isDeviceTypeSet, "layer"_a)
      .def("reset_device_type", &C::resetDeviceType, "layer"_a)
      .def_prop_rw("default_device_type", &C::getDefaultDeviceType, &C::setDefaultDeviceType)
      .def("can_run_on_DLA", &C::canRunOnDLA, "layer"_a)
      .def_prop_rw("DLA_core", &C::getDLACore, &C::setDLACore)
      .def("set_pass_enabled", &C::setPassEnabled, "name"_a, "enabled"_a, "Leaves one named pass of the compiler out.")
      .def("get_pass_enabled", &C::getPassEnabled, "name"_a)
      .def_prop_rw("graph_dump_path", &C::getGraphDumpPath, &C::setGraphDumpPath,
                   "Folder for the graph before and after each pass; empty for none.");
}

nb::typed<nb::object, IHostMemory> build(nb::handle self, INetworkDefinition& network, IBuilderConfig& config) {
  auto& builder = nb::cast<IBuilder&>(self);
  IHostMemory* plan = nullptr;
  {
    nb::gil_scoped_release release;
    plan = builder.buildSerializedNetwork(network, config);
  }
  return plan == nullptr ? nb::none() : nb::cast(plan, nb::rv_policy::take_ownership);
}

nb::typed<nb::object, ICudaEngine> build_engine(nb::handle self, INetworkDefinition& network, IBuilderConfig& config) {
  auto& builder = nb::cast<IBuilder&>(self);
  ICudaEngine* engine = nullptr;
  {
    nb::gil_scoped_release release;
    engine = builder.buildEngineWithConfig(network, config);
  }
  return product(engine, self);
}

void bind_builder_methods(nb::class_<IBuilder>& c) {
  using B = IBuilder;
  c.def(nb::new_([](ILogger& logger) { return createInferBuilder(logger); }), "logger"_a, nb::keep_alive<0, 2>())
      .def(
          "create_network",
          [](nb::handle self, uint32_t flags) { return product(nb::cast<B&>(self).createNetworkV2(flags), self); },
          "flags"_a = 0)
      .def("create_builder_config",
           [](nb::handle self) { return product(nb::cast<B&>(self).createBuilderConfig(), self); })
      .def("create_optimization_profile", &B::createOptimizationProfile, nb::rv_policy::reference_internal)
      .def("build_serialized_network", &build, "network"_a, "config"_a)
      .def("build_serialized_network_to_stream", &B::buildSerializedNetworkToStream, "network"_a, "config"_a,
           "writer"_a, nb::call_guard<nb::gil_scoped_release>())
      .def("build_engine", &build_engine, "network"_a, "config"_a)
      .def("build_engine_with_config", &build_engine, "network"_a, "config"_a)
      .def("is_network_supported", &B::isNetworkSupported, "network"_a, "config"_a)
      .def("reset", &B::reset);
}

}  // namespace

void bind_builder(nb::module_& m) {
  nb::class_<IProgressMonitor, PyProgressMonitor>(
      m, "IProgressMonitor", "Base of progress monitors: override phase_start, step_complete and phase_finish.")
      .def(nb::init<>())
      .def("phase_start", [](nb::handle, nb::args) {})
      .def("step_complete", [](nb::handle, nb::args) { return true; })
      .def("phase_finish", [](nb::handle, nb::args) {});
  nb::class_<IBuilderConfig> config(m, "IBuilderConfig", "Settings of one build.");
  bind_config_basics(config);
  bind_config_objects(config);
  bind_tuning(config);

  using B = IBuilder;
  nb::class_<B> c(m, "Builder", nb::is_weak_referenceable(), "Makes networks and builds them into plans.");
  bind_builder_methods(c);
  c.def("get_plugin_registry",
        [](nb::handle self) { return registry_object(&nb::cast<B&>(self).getPluginRegistry(), self); });
  c.def_prop_rw("max_batch_size", &B::getMaxBatchSize, &B::setMaxBatchSize)
      .def_prop_rw("max_threads", &B::getMaxThreads, &B::setMaxThreads)
      .def_prop_ro("platform_has_fast_fp16", &B::platformHasFastFp16)
      .def_prop_ro("platform_has_fast_int8", &B::platformHasFastInt8)
      .def_prop_ro("platform_has_tf32", &B::platformHasTf32)
      .def_prop_ro("max_DLA_batch_size", &B::getMaxDLABatchSize)
      .def_prop_ro("num_DLA_cores", &B::getNbDLACores)
      .def_prop_ro("logger", &B::getLogger, nb::rv_policy::reference)
      .def_prop_rw(
          "error_recorder", &B::getErrorRecorder,
          [](nb::handle self, IErrorRecorder* recorder) {
            nb::cast<B&>(self).setErrorRecorder(recorder);
            keep(self, recorder);
          },
          nb::arg("recorder").none())
      .def_prop_rw(
          "gpu_allocator", [](const B&) { return nb::none(); },
          [](nb::handle self, IGpuAllocator* allocator) {
            nb::cast<B&>(self).setGpuAllocator(allocator);
            keep(self, allocator);
          },
          nb::arg("allocator").none())
      .def("__enter__", [](nb::object self) { return self; })
      .def("__exit__", [](nb::handle, nb::args) {});
}

}  // namespace rondo::python
