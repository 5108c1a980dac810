#include "api/config.h"

#include "passes/pass.h"
#include "schedule/schedule.h"

namespace rondo::api {

namespace {

// Stores value in *field if it is an enumerator.
template <class E>
void store(const ErrorSink& sink, const char* where, E value, E* field) noexcept {
  guarded(sink, where, [&] {
    require_enum(value, where);
    *field = value;
  });
}

void store_at_least(const ErrorSink& sink, const char* where, int32_t value, int32_t least, int32_t* field) noexcept {
  guarded(sink, where, [&] {
    require(value >= least, where, ": ", value, " is below ", least);
    *field = value;
  });
}

BuilderFlags bit_of(BuilderFlag flag) {
  require_enum(flag, "IBuilderConfig: BuilderFlag");
  return 1U << static_cast<int32_t>(flag);
}

// True if the pass or phase can be disabled; Error if there is none of this name.
bool is_optional_pass(const char* name) {
  require_name(name, "IBuilderConfig::setPassEnabled: name");
  std::string known;
  for (const passes::Pass& pass : passes::pipeline()) {
    if (name == std::string(pass.name)) return !pass.required;
    known += (known.empty() ? "" : ", ") + std::string(pass.name);
  }
  for (const std::string& phase : schedule::phases()) {
    if (name == phase) return true;
    known += ", " + phase;
  }
  fail(Code::kInvalidArgument, "no pass is called '", name, "'; there are ", known);
}

}  // namespace

void Config::setMemoryPoolLimit(MemoryPoolType pool, std::size_t poolSize) noexcept {
  guarded(sink_, "IBuilderConfig::setMemoryPoolLimit", [&] {
    require_enum(pool, "IBuilderConfig::setMemoryPoolLimit: MemoryPoolType");
    settings_.pools[static_cast<size_t>(pool)] = poolSize;
  });
}

std::size_t Config::getMemoryPoolLimit(MemoryPoolType pool) const noexcept {
  return guarded(sink_, "IBuilderConfig::getMemoryPoolLimit", std::size_t{0}, [&] {
    require_enum(pool, "IBuilderConfig::getMemoryPoolLimit: MemoryPoolType");
    return settings_.pools[static_cast<size_t>(pool)];
  });
}

void Config::setMaxWorkspaceSize(std::size_t workspaceSize) noexcept {
  setMemoryPoolLimit(MemoryPoolType::kWORKSPACE, workspaceSize);
}

std::size_t Config::getMaxWorkspaceSize() const noexcept { return getMemoryPoolLimit(MemoryPoolType::kWORKSPACE); }

void Config::setFlags(BuilderFlags builderFlags) noexcept {
  guarded(sink_, "IBuilderConfig::setFlags", [&] {
    require(builderFlags >> EnumMax<BuilderFlag>() == 0, "IBuilderConfig::setFlags: mask ", builderFlags,
            " has bits without a BuilderFlag");
    settings_.flags = builderFlags;
  });
}

void Config::setFlag(BuilderFlag builderFlag) noexcept {
  guarded(sink_, "IBuilderConfig::setFlag", [&] { settings_.flags |= bit_of(builderFlag); });
}

void Config::clearFlag(BuilderFlag builderFlag) noexcept {
  guarded(sink_, "IBuilderConfig::clearFlag", [&] { settings_.flags &= ~bit_of(builderFlag); });
}

int32_t Config::addOptimizationProfile(IOptimizationProfile const* profile) noexcept {
  return guarded(sink_, "IBuilderConfig::addOptimizationProfile", -1, [&] {
    require(profile != nullptr, "IBuilderConfig::addOptimizationProfile: the profile is null");
    const auto& given = static_cast<const Profile&>(*profile);
    given.require_valid();
    auto copy = std::make_unique<Profile>(sink_);
    copy->copy_from(given);
    profiles_.push_back(std::move(copy));
    return static_cast<int32_t>(profiles_.size()) - 1;
  });
}

void Config::setBuilderOptimizationLevel(int32_t level) noexcept {
  guarded(sink_, "IBuilderConfig::setBuilderOptimizationLevel", [&] {
    require(level >= 0 && level <= 5, "IBuilderConfig::setBuilderOptimizationLevel: ", level, " is outside 0 .. 5");
    settings_.optimization_level = level;
  });
}

void Config::setProfilingVerbosity(ProfilingVerbosity verbosity) noexcept {
  store(sink_, "IBuilderConfig::setProfilingVerbosity", verbosity, &settings_.verbosity);
}

void Config::setAvgTimingIterations(int32_t avgTiming) noexcept {
  store_at_least(sink_, "IBuilderConfig::setAvgTimingIterations", avgTiming, 1, &settings_.avg_timing);
}

void Config::setMinTimingIterations(int32_t minTiming) noexcept {
  store_at_least(sink_, "IBuilderConfig::setMinTimingIterations", minTiming, 1, &settings_.min_timing);
}

void Config::setMaxNbTactics(int32_t maxNbTactics) noexcept {
  store_at_least(sink_, "IBuilderConfig::setMaxNbTactics", maxNbTactics, -1, &settings_.max_tactics);
}

bool Config::setTacticSources(TacticSources tacticSources) noexcept {
  return guarded(sink_, "IBuilderConfig::setTacticSources", [&] {
    require(tacticSources >> EnumMax<TacticSource>() == 0, "IBuilderConfig::setTacticSources: mask ", tacticSources,
            " has bits without a TacticSource");
    settings_.tactic_sources = tacticSources;
  });
}

void Config::setPreviewFeature(PreviewFeature feature, bool enable) noexcept {
  guarded(sink_, "IBuilderConfig::setPreviewFeature", [&] {
    require_enum(feature, "IBuilderConfig::setPreviewFeature: PreviewFeature");
    const uint32_t bit = 1U << static_cast<int32_t>(feature);
    settings_.preview_features = enable ? settings_.preview_features | bit : settings_.preview_features & ~bit;
  });
}

bool Config::getPreviewFeature(PreviewFeature feature) const noexcept {
  return guarded(sink_, "IBuilderConfig::getPreviewFeature", false, [&] {
    require_enum(feature, "IBuilderConfig::getPreviewFeature: PreviewFeature");
    return ((settings_.preview_features >> static_cast<int32_t>(feature)) & 1U) != 0;
  });
}

void Config::setEngineCapability(EngineCapability capability) noexcept {
  store(sink_, "IBuilderConfig::setEngineCapability", capability, &settings_.capability);
}

void Config::setHardwareCompatibilityLevel(HardwareCompatibilityLevel level) noexcept {
  store(sink_, "IBuilderConfig::setHardwareCompatibilityLevel", level, &settings_.compatibility);
}

void Config::setMaxAuxStreams(int32_t nbStreams) noexcept {
  store_at_least(sink_, "IBuilderConfig::setMaxAuxStreams", nbStreams, -1, &settings_.max_aux_streams);
}

void Config::setDeviceType(ILayer const* layer, DeviceType deviceType) noexcept {
  guarded(sink_, "IBuilderConfig::setDeviceType", [&] {
    require(layer != nullptr, "IBuilderConfig::setDeviceType: the layer is null");
    require_enum(deviceType, "IBuilderConfig::setDeviceType: DeviceType");
    settings_.devices[layer] = deviceType;
  });
}

DeviceType Config::getDeviceType(ILayer const* layer) const noexcept {
  const auto found = settings_.devices.find(layer);
  return found == settings_.devices.end() ? settings_.default_device : found->second;
}

void Config::setDefaultDeviceType(DeviceType deviceType) noexcept {
  store(sink_, "IBuilderConfig::setDefaultDeviceType", deviceType, &settings_.default_device);
}

bool Config::setPassEnabled(char const* name, bool enabled) noexcept {
  return guarded(sink_, "IBuilderConfig::setPassEnabled", [&] {
    require(is_optional_pass(name) || enabled, "pass '", name,
            "' cannot be disabled: the rest of the compiler needs it");
    if (enabled) {
      settings_.disabled_passes.erase(name);
    } else {
      settings_.disabled_passes.insert(name);
    }
  });
}

bool Config::getPassEnabled(char const* name) const noexcept {
  return guarded(sink_, "IBuilderConfig::getPassEnabled", false, [&] {
    is_optional_pass(name);
    return settings_.disabled_passes.count(name) == 0;
  });
}

void Config::setGraphDumpPath(char const* folder) noexcept {
  guarded(sink_, "IBuilderConfig::setGraphDumpPath", [&] { settings_.dump_path = folder ? folder : ""; });
}

char const* Config::getGraphDumpPath() const noexcept {
  return settings_.dump_path.empty() ? nullptr : settings_.dump_path.c_str();
}

bool Config::setMaxThreads(int32_t maxThreads) noexcept {
  return guarded(sink_, "IBuilderConfig::setMaxThreads", [&] {
    require(maxThreads >= 0, "IBuilderConfig::setMaxThreads: ", maxThreads, " is negative; 0 means all");
    settings_.max_threads = maxThreads;
  });
}

void Config::reset() noexcept {
  guarded(sink_, "IBuilderConfig::reset", [&] {
    settings_ = Settings{};
    profiles_.clear();
  });
}

bool Config::setCalibrationProfile(IOptimizationProfile const* profile) noexcept {
  return guarded(sink_, "IBuilderConfig::setCalibrationProfile", [&] {
    require(profile != nullptr, "setCalibrationProfile: the profile is null");
    calibration_profile_ = std::make_unique<Profile>(sink_);
    calibration_profile_->copy_from(static_cast<const Profile&>(*profile));
  });
}

ITimingCache* Config::createTimingCache(void const* blob, std::size_t size) noexcept {
  return guarded<ITimingCache*>(sink_, "IBuilderConfig::createTimingCache", nullptr, [&] {
    require(blob != nullptr || size == 0, "createTimingCache: the bytes are null");
    return new TimingCache({static_cast<const uint8_t*>(blob), size});
  });
}

bool Config::setTimingCache(ITimingCache const& cache, bool) noexcept {
  settings_.timing_cache = &cache;
  return true;
}

bool Config::setTilingOptimizationLevel(TilingOptimizationLevel level) noexcept {
  return guarded(sink_, "IBuilderConfig::setTilingOptimizationLevel", [&] {
    require_enum(level, "setTilingOptimizationLevel: TilingOptimizationLevel");
    settings_.tiling = level;
  });
}

bool Config::setL2LimitForTiling(int64_t size) noexcept {
  return guarded(sink_, "IBuilderConfig::setL2LimitForTiling", [&] {
    require(size >= 0, "setL2LimitForTiling: ", size, " bytes is below 0");
    settings_.tiling_l2 = size;
  });
}

}  // namespace rondo::api
