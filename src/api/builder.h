#pragma once

#include <memory>
#include <vector>

#include "api/config.h"
#include "api/network/network.h"
#include "plugin/registry.h"
#include "rondo/builder.h"

namespace rondo::api {

/// IBuilder.
class Builder final : public IBuilder {
 public:
  explicit Builder(ILogger& logger);
  ~Builder() noexcept override;

  INetworkDefinition* createNetworkV2(NetworkDefinitionCreationFlags flags) noexcept override;
  INetworkDefinition* createNetwork() noexcept override { return createNetworkV2(0); }
  IBuilderConfig* createBuilderConfig() noexcept override;
  IOptimizationProfile* createOptimizationProfile() noexcept override;
  bool buildSerializedNetworkToStream(INetworkDefinition& network, IBuilderConfig& config,
                                      IStreamWriter& writer) noexcept override;
  IHostMemory* buildSerializedNetwork(INetworkDefinition& network, IBuilderConfig& config) noexcept override;
  ICudaEngine* buildEngineWithConfig(INetworkDefinition& network, IBuilderConfig& config) noexcept override;
  ICudaEngine* buildCudaEngine(INetworkDefinition& network) noexcept override;
  void setMaxWorkspaceSize(std::size_t workspaceSize) noexcept override { workspace_ = workspaceSize; }
  std::size_t getMaxWorkspaceSize() const noexcept override { return workspace_; }
  bool isNetworkSupported(INetworkDefinition const& network, IBuilderConfig const& config) const noexcept override;
  void setMaxBatchSize(int32_t batchSize) noexcept override { max_batch_ = batchSize; }
  int32_t getMaxBatchSize() const noexcept override { return max_batch_; }
  bool platformHasFastFp16() const noexcept override;
  bool platformHasFastInt8() const noexcept override { return false; }
  bool platformHasTf32() const noexcept override { return false; }
  int32_t getMaxDLABatchSize() const noexcept override { return 0; }
  int32_t getNbDLACores() const noexcept override { return 0; }
  void setGpuAllocator(IGpuAllocator* allocator) noexcept override { allocator_ = allocator; }
  void setErrorRecorder(IErrorRecorder* recorder) noexcept override { sink_.set_recorder(recorder); }
  IErrorRecorder* getErrorRecorder() const noexcept override { return sink_.recorder(); }
  ILogger* getLogger() const noexcept override { return sink_.logger(); }
  bool setMaxThreads(int32_t maxThreads) noexcept override;
  int32_t getMaxThreads() const noexcept override { return max_threads_; }
  IPluginRegistry& getPluginRegistry() noexcept override { return *registry_; }
  void reset() noexcept override;

 private:
  ErrorSink sink_;
  std::vector<std::unique_ptr<Profile>> profiles_;
  IGpuAllocator* allocator_ = nullptr;
  std::size_t workspace_ = SIZE_MAX;
  int32_t max_batch_ = 1;
  int32_t max_threads_;
  std::shared_ptr<plugin::Registry> registry_ =
      std::make_shared<plugin::Registry>(::getPluginRegistry(), sink_.logger());
};

}  // namespace rondo::api
