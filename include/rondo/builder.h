/// IBuilder: makes networks, configurations and profiles, and turns a network into a plan.
#pragma once

#include "rondo/builder_config.h"
#include "rondo/memory.h"
#include "rondo/network.h"
#include "rondo/plugin/registry.h"
#include "rondo/tuning/streams.h"
#include "rondo/version.h"

namespace rondo {

class ICudaEngine;

/// The entry to the compiling half.
/// Memory    owned by the user: `delete`, or destroy(). Owns the profiles it made; networks and configurations must be
///           destroyed before it. Plans and engines do not depend on it.
/// Threads   one thread at a time; separate builders are independent
class IBuilder : public INoCopy {
 public:
  ~IBuilder() noexcept override = default;

  /// Makes an empty network. Every flag mask gives a network with explicit batch.
  /// Errors    kINVALID_ARGUMENT, null, for bits without a NetworkDefinitionCreationFlag
  virtual INetworkDefinition* createNetworkV2(NetworkDefinitionCreationFlags flags) noexcept = 0;

  /// Same as createNetworkV2(0) (7.x).
  RONDO_DEPRECATED virtual INetworkDefinition* createNetwork() noexcept = 0;

  /// Makes a configuration with all defaults.
  virtual IBuilderConfig* createBuilderConfig() noexcept = 0;

  /// Makes an empty profile, owned by the builder.
  virtual IOptimizationProfile* createOptimizationProfile() noexcept = 0;

  /// Compiles a network into a plan. The same network and settings give the same bytes on one machine.
  /// Memory    the result is the user's; the weights of the network are no longer needed
  /// Errors    null with a message: kINVALID_ARGUMENT for a rule broken by the network, kINVALID_CONFIG by the settings,
  ///           kFAILED_ALLOCATION, kUNSUPPORTED_STATE
  virtual IHostMemory* buildSerializedNetwork(INetworkDefinition& network, IBuilderConfig& config) noexcept = 0;

  /// The same, and writes the plan to a stream (10.13).
  /// Errors    false, as buildSerializedNetwork, and kFAILED_EXECUTION if the writer takes less than it is given
  virtual bool buildSerializedNetworkToStream(INetworkDefinition& network, IBuilderConfig& config,
                                              IStreamWriter& writer) noexcept = 0;

  /// Compiles and loads in one step; the engine is the user's.
  virtual ICudaEngine* buildEngineWithConfig(INetworkDefinition& network, IBuilderConfig& config) noexcept = 0;

  /// Same as buildEngineWithConfig with all defaults and the builder's own workspace limit (7.x).
  RONDO_DEPRECATED virtual ICudaEngine* buildCudaEngine(INetworkDefinition& network) noexcept = 0;

  /// Workspace limit of buildCudaEngine, in bytes (7.x); unlimited by default.
  RONDO_DEPRECATED virtual void setMaxWorkspaceSize(std::size_t workspaceSize) noexcept = 0;
  RONDO_DEPRECATED virtual std::size_t getMaxWorkspaceSize() const noexcept = 0;

  /// Tells whether the network passes every check that precedes compilation.
  virtual bool isNetworkSupported(INetworkDefinition const& network, IBuilderConfig const& config) const noexcept = 0;

  /// Largest batch of implicit-batch networks, which do not exist here: stored, 1 by default, no effect.
  RONDO_DEPRECATED virtual void setMaxBatchSize(int32_t batchSize) noexcept = 0;
  RONDO_DEPRECATED virtual int32_t getMaxBatchSize() const noexcept = 0;

  /// Whether 16-bit float (f16 weights), 8-bit integer and tf32 kernels of this version gain speed on this machine.
  virtual bool platformHasFastFp16() const noexcept = 0;
  virtual bool platformHasFastInt8() const noexcept = 0;
  virtual bool platformHasTf32() const noexcept = 0;

  /// 0: there is no DLA.
  virtual int32_t getMaxDLABatchSize() const noexcept = 0;
  virtual int32_t getNbDLACores() const noexcept = 0;

  /// Supplies device memory of the build and of the engines it makes; null, the default, is the library's own.
  virtual void setGpuAllocator(IGpuAllocator* allocator) noexcept = 0;

  /// Attaches a recorder, null to detach. Networks made later start with it.
  virtual void setErrorRecorder(IErrorRecorder* recorder) noexcept = 0;
  virtual IErrorRecorder* getErrorRecorder() const noexcept = 0;

  /// Returns the logger given to createInferBuilder.
  virtual ILogger* getLogger() const noexcept = 0;

  /// Largest number of threads of a build, at least 1; the number of the process's CPUs by default.
  virtual bool setMaxThreads(int32_t maxThreads) noexcept = 0;
  virtual int32_t getMaxThreads() const noexcept = 0;

  /// The builder's own registry; that of the process is its parent.
  virtual IPluginRegistry& getPluginRegistry() noexcept = 0;

  /// Back to the state after createInferBuilder; profiles stay.
  virtual void reset() noexcept = 0;

  /// Same as `delete this`.
  RONDO_DEPRECATED void destroy() noexcept { delete this; }
};

/// Makes a builder.
/// Memory    the result is the user's; the logger must outlive it
RONDO_API IBuilder* createInferBuilder(ILogger& logger) noexcept;

}  // namespace rondo

/// createInferBuilder as a C symbol: logger is an ILogger*, version NV_TENSORRT_VERSION; null for another major version.
extern "C" RONDO_API void* createInferBuilder_INTERNAL(void* logger, int32_t version) noexcept;
