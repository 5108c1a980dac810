#pragma once

#include <array>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "api/profile.h"
#include "api/timing_cache.h"
#include "rondo/builder_config.h"

namespace rondo::api {

/// Everything a configuration stores, with its defaults; reset() assigns a fresh one.
struct Settings {
  std::array<size_t, 6> pools;  ///< by MemoryPoolType; SIZE_MAX is no limit
  BuilderFlags flags = 1U << static_cast<int32_t>(BuilderFlag::kTF32);
  int32_t optimization_level = 3;
  ProfilingVerbosity verbosity = ProfilingVerbosity::kLAYER_NAMES_ONLY;
  int32_t avg_timing = 1, min_timing = 1, max_tactics = -1, max_aux_streams = -1, dla_core = -1, max_threads = 0;
  TacticSources tactic_sources = (1U << EnumMax<TacticSource>()) - 1;
  uint32_t preview_features = (1U << EnumMax<PreviewFeature>()) - 1;
  EngineCapability capability = EngineCapability::kSTANDARD;
  HardwareCompatibilityLevel compatibility = HardwareCompatibilityLevel::kNONE;
  DeviceType default_device = DeviceType::kGPU;
  std::map<const ILayer*, DeviceType> devices;
  cudaStream_t profile_stream = nullptr;
  IProgressMonitor* monitor = nullptr;
  std::set<std::string> disabled_passes;
  std::string dump_path;
  IInt8Calibrator* calibrator = nullptr;
  QuantizationFlags quantization = 0;
  IAlgorithmSelector* selector = nullptr;
  const ITimingCache* timing_cache = nullptr;
  RuntimePlatform platform = RuntimePlatform::kSAME_AS_BUILD;
  TilingOptimizationLevel tiling = TilingOptimizationLevel::kNONE;
  int64_t tiling_l2 = -1;
  std::vector<std::string> plugin_libraries;  ///< paths

  Settings() { pools.fill(SIZE_MAX); }
  bool has(BuilderFlag flag) const { return (flags >> static_cast<int32_t>(flag)) & 1U; }
};

/// IBuilderConfig: settings and copies of the profiles that were added.
class Config final : public IBuilderConfig {
 public:
  /// The sink is the builder's, which outlives its configurations.
  explicit Config(const ErrorSink& sink) : sink_(sink) {}

  const Settings& settings() const { return settings_; }
  const std::vector<std::unique_ptr<Profile>>& profiles() const { return profiles_; }
  const Profile* calibration_profile() const { return calibration_profile_.get(); }  ///< null: none was set

  void setMemoryPoolLimit(MemoryPoolType pool, std::size_t poolSize) noexcept override;
  std::size_t getMemoryPoolLimit(MemoryPoolType pool) const noexcept override;
  void setMaxWorkspaceSize(std::size_t workspaceSize) noexcept override;
  std::size_t getMaxWorkspaceSize() const noexcept override;
  void setFlags(BuilderFlags builderFlags) noexcept override;
  BuilderFlags getFlags() const noexcept override { return settings_.flags; }
  void setFlag(BuilderFlag builderFlag) noexcept override;
  void clearFlag(BuilderFlag builderFlag) noexcept override;
  bool getFlag(BuilderFlag builderFlag) const noexcept override { return settings_.has(builderFlag); }
  int32_t addOptimizationProfile(IOptimizationProfile const* profile) noexcept override;
  int32_t getNbOptimizationProfiles() const noexcept override { return static_cast<int32_t>(profiles_.size()); }
  void setBuilderOptimizationLevel(int32_t level) noexcept override;
  int32_t getBuilderOptimizationLevel() const noexcept override { return settings_.optimization_level; }
  void setProfilingVerbosity(ProfilingVerbosity verbosity) noexcept override;
  ProfilingVerbosity getProfilingVerbosity() const noexcept override { return settings_.verbosity; }
  void setAvgTimingIterations(int32_t avgTiming) noexcept override;
  int32_t getAvgTimingIterations() const noexcept override { return settings_.avg_timing; }
  void setMinTimingIterations(int32_t minTiming) noexcept override;
  int32_t getMinTimingIterations() const noexcept override { return settings_.min_timing; }
  void setMaxNbTactics(int32_t maxNbTactics) noexcept override;
  int32_t getMaxNbTactics() const noexcept override { return settings_.max_tactics; }
  bool setTacticSources(TacticSources tacticSources) noexcept override;
  TacticSources getTacticSources() const noexcept override { return settings_.tactic_sources; }
  void setPreviewFeature(PreviewFeature feature, bool enable) noexcept override;
  bool getPreviewFeature(PreviewFeature feature) const noexcept override;
  void setEngineCapability(EngineCapability capability) noexcept override;
  EngineCapability getEngineCapability() const noexcept override { return settings_.capability; }
  void setHardwareCompatibilityLevel(HardwareCompatibilityLevel level) noexcept override;
  HardwareCompatibilityLevel getHardwareCompatibilityLevel() const noexcept override { return settings_.compatibility; }
  void setMaxAuxStreams(int32_t nbStreams) noexcept override;
  int32_t getMaxAuxStreams() const noexcept override { return settings_.max_aux_streams; }
  void setProfileStream(cudaStream_t const stream) noexcept override { settings_.profile_stream = stream; }
  cudaStream_t getProfileStream() const noexcept override { return settings_.profile_stream; }
  void setProgressMonitor(IProgressMonitor* monitor) noexcept override { settings_.monitor = monitor; }
  IProgressMonitor* getProgressMonitor() const noexcept override { return settings_.monitor; }
  void setDeviceType(ILayer const* layer, DeviceType deviceType) noexcept override;
  DeviceType getDeviceType(ILayer const* layer) const noexcept override;
  bool isDeviceTypeSet(ILayer const* layer) const noexcept override { return settings_.devices.count(layer) != 0; }
  void resetDeviceType(ILayer const* layer) noexcept override { settings_.devices.erase(layer); }
  void setDefaultDeviceType(DeviceType deviceType) noexcept override;
  DeviceType getDefaultDeviceType() const noexcept override { return settings_.default_device; }
  bool canRunOnDLA(ILayer const*) const noexcept override { return false; }
  void setDLACore(int32_t dlaCore) noexcept override { settings_.dla_core = dlaCore; }
  int32_t getDLACore() const noexcept override { return settings_.dla_core; }
  bool setPassEnabled(char const* name, bool enabled) noexcept override;
  bool getPassEnabled(char const* name) const noexcept override;
  void setGraphDumpPath(char const* folder) noexcept override;
  char const* getGraphDumpPath() const noexcept override;
  void setInt8Calibrator(IInt8Calibrator* calibrator) noexcept override { settings_.calibrator = calibrator; }
  IInt8Calibrator* getInt8Calibrator() const noexcept override { return settings_.calibrator; }
  bool setCalibrationProfile(IOptimizationProfile const* profile) noexcept override;
  IOptimizationProfile const* getCalibrationProfile() noexcept override { return calibration_profile_.get(); }
  void setQuantizationFlags(QuantizationFlags flags) noexcept override { settings_.quantization = flags; }
  QuantizationFlags getQuantizationFlags() const noexcept override { return settings_.quantization; }
  void setQuantizationFlag(QuantizationFlag flag) noexcept override {
    settings_.quantization |= 1U << static_cast<int32_t>(flag);
  }
  void clearQuantizationFlag(QuantizationFlag flag) noexcept override {
    settings_.quantization &= ~(1U << static_cast<int32_t>(flag));
  }
  bool getQuantizationFlag(QuantizationFlag flag) const noexcept override {
    return ((settings_.quantization >> static_cast<int32_t>(flag)) & 1U) != 0;
  }
  void setAlgorithmSelector(IAlgorithmSelector* selector) noexcept override { settings_.selector = selector; }
  IAlgorithmSelector* getAlgorithmSelector() const noexcept override { return settings_.selector; }
  ITimingCache* createTimingCache(void const* blob, std::size_t size) noexcept override;
  bool setTimingCache(ITimingCache const& cache, bool ignoreMismatch) noexcept override;
  ITimingCache const* getTimingCache() const noexcept override { return settings_.timing_cache; }
  void setRuntimePlatform(RuntimePlatform runtimePlatform) noexcept override { settings_.platform = runtimePlatform; }
  RuntimePlatform getRuntimePlatform() const noexcept override { return settings_.platform; }
  bool setTilingOptimizationLevel(TilingOptimizationLevel level) noexcept override;
  TilingOptimizationLevel getTilingOptimizationLevel() const noexcept override { return settings_.tiling; }
  bool setL2LimitForTiling(int64_t size) noexcept override;
  int64_t getL2LimitForTiling() const noexcept override { return settings_.tiling_l2; }
  bool setMaxThreads(int32_t maxThreads) noexcept override;
  int32_t getMaxThreads() const noexcept override { return settings_.max_threads; }
  void reset() noexcept override;
  void setPluginsToSerialize(char const* const* paths, int32_t nbPaths) noexcept override;
  char const* getPluginToSerialize(int32_t index) const noexcept override;
  int32_t getNbPluginsToSerialize() const noexcept override {
    return static_cast<int32_t>(settings_.plugin_libraries.size());
  }

 private:
  const ErrorSink& sink_;
  Settings settings_;
  std::vector<std::unique_ptr<Profile>> profiles_;
  std::unique_ptr<Profile> calibration_profile_;
};

}  // namespace rondo::api
