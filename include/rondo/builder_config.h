// reason: every setting of a build is one class.
/// IBuilderConfig: the settings of a build.
#pragma once

#include "rondo/config_enums.h"
#include "rondo/layer.h"
#include "rondo/profile.h"
#include "rondo/tuning/algorithm.h"
#include "rondo/tuning/calibrator.h"
#include "rondo/tuning/timing_cache.h"

namespace rondo {

/// Watches a build and may cancel it.
/// Threads   may be called from several threads
class IProgressMonitor {
 public:
  IProgressMonitor() = default;
  virtual ~IProgressMonitor() = default;

  /// A phase of nbSteps steps begins, inside phase parentPhase unless that is null.
  virtual void phaseStart(char const* phaseName, char const* parentPhase, int32_t nbSteps) = 0;

  /// Step number step of a phase is done; false cancels the build.
  virtual bool stepComplete(char const* phaseName, int32_t step) = 0;

  /// A phase is done.
  virtual void phaseFinish(char const* phaseName) = 0;
};

/// Settings of a build. All getters return what the setters stored, or the default named here.
/// Memory    owned by the user: `delete`, or destroy()
/// Threads   one thread at a time
class IBuilderConfig : public INoCopy {
 public:
  ~IBuilderConfig() noexcept override = default;

  /// Limits a pool, in bytes; unlimited by default. A workspace limit that no schedule fits fails the build.
  virtual void setMemoryPoolLimit(MemoryPoolType pool, std::size_t poolSize) noexcept = 0;
  virtual std::size_t getMemoryPoolLimit(MemoryPoolType pool) const noexcept = 0;

  /// The kWORKSPACE limit under its old name (gone in 10).
  RONDO_DEPRECATED virtual void setMaxWorkspaceSize(std::size_t workspaceSize) noexcept = 0;
  RONDO_DEPRECATED virtual std::size_t getMaxWorkspaceSize() const noexcept = 0;

  /// Replaces or returns all switches as a mask. Only kTF32 is on by default.
  virtual void setFlags(BuilderFlags builderFlags) noexcept = 0;
  virtual BuilderFlags getFlags() const noexcept = 0;

  /// Switches one flag on or off, or tells whether it is on.
  virtual void setFlag(BuilderFlag builderFlag) noexcept = 0;
  virtual void clearFlag(BuilderFlag builderFlag) noexcept = 0;
  virtual bool getFlag(BuilderFlag builderFlag) const noexcept = 0;

  /// Adds a profile; returns its index.
  /// Errors    kINVALID_ARGUMENT, -1, if the profile is null or invalid
  virtual int32_t addOptimizationProfile(IOptimizationProfile const* profile) noexcept = 0;
  virtual int32_t getNbOptimizationProfiles() const noexcept = 0;

  /// How hard to optimize, 0 .. 5; 3 by default. 0 keeps the network as written.
  virtual void setBuilderOptimizationLevel(int32_t level) noexcept = 0;
  virtual int32_t getBuilderOptimizationLevel() const noexcept = 0;

  /// What the engine tells about layers; kLAYER_NAMES_ONLY by default.
  virtual void setProfilingVerbosity(ProfilingVerbosity verbosity) noexcept = 0;
  virtual ProfilingVerbosity getProfilingVerbosity() const noexcept = 0;

  /// Runs per measurement of a kernel: 1 on average, and at least 1 (setter of the minimum gone in 10).
  virtual void setAvgTimingIterations(int32_t avgTiming) noexcept = 0;
  virtual int32_t getAvgTimingIterations() const noexcept = 0;
  RONDO_DEPRECATED virtual void setMinTimingIterations(int32_t minTiming) noexcept = 0;
  RONDO_DEPRECATED virtual int32_t getMinTimingIterations() const noexcept = 0;

  /// Number of kernels measured per layer; -1, the choice of the builder, by default.
  virtual void setMaxNbTactics(int32_t maxNbTactics) noexcept = 0;
  virtual int32_t getMaxNbTactics() const noexcept = 0;

  /// Sources of kernels; stored. False for a bit without a TacticSource.
  virtual bool setTacticSources(TacticSources tacticSources) noexcept = 0;
  virtual TacticSources getTacticSources() const noexcept = 0;

  /// Preview features; stored.
  virtual void setPreviewFeature(PreviewFeature feature, bool enable) noexcept = 0;
  virtual bool getPreviewFeature(PreviewFeature feature) const noexcept = 0;

  /// Restrictions; only kSTANDARD builds.
  virtual void setEngineCapability(EngineCapability capability) noexcept = 0;
  virtual EngineCapability getEngineCapability() const noexcept = 0;

  /// Hardware the plan must run on; kNONE by default.
  virtual void setHardwareCompatibilityLevel(HardwareCompatibilityLevel hardwareCompatibilityLevel) noexcept = 0;
  virtual HardwareCompatibilityLevel getHardwareCompatibilityLevel() const noexcept = 0;

  /// Upper bound of extra streams of one run; stored. -1, the choice of the builder, by default.
  virtual void setMaxAuxStreams(int32_t nbStreams) noexcept = 0;
  virtual int32_t getMaxAuxStreams() const noexcept = 0;

  /// Stream on which kernels are measured; null by default.
  virtual void setProfileStream(cudaStream_t const stream) noexcept = 0;
  virtual cudaStream_t getProfileStream() const noexcept = 0;

  /// Watcher of the build, referenced; null by default.
  virtual void setProgressMonitor(IProgressMonitor* monitor) noexcept = 0;
  virtual IProgressMonitor* getProgressMonitor() const noexcept = 0;

  /// Device of one layer. kDLA is refused by the build unless kGPU_FALLBACK is set.
  virtual void setDeviceType(ILayer const* layer, DeviceType deviceType) noexcept = 0;
  virtual DeviceType getDeviceType(ILayer const* layer) const noexcept = 0;
  virtual bool isDeviceTypeSet(ILayer const* layer) const noexcept = 0;
  virtual void resetDeviceType(ILayer const* layer) noexcept = 0;

  /// Device of layers without their own; kGPU by default.
  virtual void setDefaultDeviceType(DeviceType deviceType) noexcept = 0;
  virtual DeviceType getDefaultDeviceType() const noexcept = 0;

  /// False: there is no DLA. The core is stored; -1 by default.
  virtual bool canRunOnDLA(ILayer const* layer) const noexcept = 0;
  virtual void setDLACore(int32_t dlaCore) noexcept = 0;
  virtual int32_t getDLACore() const noexcept = 0;

  /// Rondo extension. Switches one pass of the compiler on or off by name; all are on by default.
  /// Errors    kINVALID_ARGUMENT, false, if no pass has this name or the compiler needs it
  virtual bool setPassEnabled(char const* name, bool enabled) noexcept = 0;
  virtual bool getPassEnabled(char const* name) const noexcept = 0;

  /// Rondo extension. Folder that receives the graph as text before and after each pass; null, off, by default.
  /// Memory    copied
  virtual void setGraphDumpPath(char const* folder) noexcept = 0;
  virtual char const* getGraphDumpPath() const noexcept = 0;

  /// Rondo extension. Threads of the CPU team that the plan is made for; 0, all the process may use, by default.
  /// Errors    kINVALID_ARGUMENT, false, if negative
  virtual bool setMaxThreads(int32_t maxThreads) noexcept = 0;
  virtual int32_t getMaxThreads() const noexcept = 0;

  /// Attaches a calibrator for kINT8 (gone in 11); kept and not called, see rondo/tuning/calibrator.h.
  RONDO_DEPRECATED virtual void setInt8Calibrator(IInt8Calibrator* calibrator) noexcept = 0;
  virtual IInt8Calibrator* getInt8Calibrator() const noexcept = 0;

  /// Sets the shapes of calibration: its kMIN and kMAX become its kOPT. Null, false, if the profile is null.
  RONDO_DEPRECATED virtual bool setCalibrationProfile(IOptimizationProfile const* profile) noexcept = 0;
  virtual IOptimizationProfile const* getCalibrationProfile() noexcept = 0;

  /// Settings of calibration (gone in 11); kept, one bit for each QuantizationFlag.
  /// They have no effect while calibrators are not called.
  /// Bits without a QuantizationFlag are kept too.
  RONDO_DEPRECATED virtual void setQuantizationFlags(QuantizationFlags flags) noexcept = 0;
  virtual QuantizationFlags getQuantizationFlags() const noexcept = 0;
  RONDO_DEPRECATED virtual void setQuantizationFlag(QuantizationFlag flag) noexcept = 0;
  RONDO_DEPRECATED virtual void clearQuantizationFlag(QuantizationFlag flag) noexcept = 0;
  virtual bool getQuantizationFlag(QuantizationFlag flag) const noexcept = 0;

  /// Attaches a selector of kernels (gone in 11), see rondo/tuning/algorithm.h.
  RONDO_DEPRECATED virtual void setAlgorithmSelector(IAlgorithmSelector* selector) noexcept = 0;
  virtual IAlgorithmSelector* getAlgorithmSelector() const noexcept = 0;

  /// Makes a timing cache of the bytes of ITimingCache::serialize, an empty one of none; the result is the user's.
  /// Errors    kINVALID_ARGUMENT, null, for other bytes
  virtual ITimingCache* createTimingCache(void const* blob, std::size_t size) noexcept = 0;

  /// Attaches a cache, which must outlive the build. True.
  virtual bool setTimingCache(ITimingCache const& cache, bool ignoreMismatch) noexcept = 0;
  virtual ITimingCache const* getTimingCache() const noexcept = 0;

  /// Settings of other targets, stored: platform of the runtime, tiling, bytes of L2 for it.
  /// Errors    kINVALID_ARGUMENT for a value outside of its enumeration, or a negative size
  virtual void setRuntimePlatform(RuntimePlatform runtimePlatform) noexcept = 0;
  virtual RuntimePlatform getRuntimePlatform() const noexcept = 0;
  virtual bool setTilingOptimizationLevel(TilingOptimizationLevel level) noexcept = 0;
  virtual TilingOptimizationLevel getTilingOptimizationLevel() const noexcept = 0;
  virtual bool setL2LimitForTiling(int64_t size) noexcept = 0;
  virtual int64_t getL2LimitForTiling() const noexcept = 0;

  /// Back to all defaults.
  virtual void reset() noexcept = 0;

  /// Plugin libraries that the plan brings along, as files read by the build; none by default. Loading such a plan where the
  /// plugins are not registered takes IRuntime::setEngineHostCodeAllowed. The getter returns null out of range.
  /// Errors    kINVALID_ARGUMENT, nothing is stored, if a path is null; the build fails if a file cannot be read
  virtual void setPluginsToSerialize(char const* const* paths, int32_t nbPaths) noexcept = 0;
  virtual char const* getPluginToSerialize(int32_t index) const noexcept = 0;
  virtual int32_t getNbPluginsToSerialize() const noexcept = 0;

  /// Same as `delete this`.
  RONDO_DEPRECATED void destroy() noexcept { delete this; }
};

}  // namespace rondo
