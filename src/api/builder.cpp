#include "api/builder.h"

#include "NvInferVersion.h"
#include "api/build.h"
#include "api/layers/plugin/network_plugins.h"
#include "api/running/host_memory.h"
#include "api/running/runtime.h"
#include "base/thread_team.h"
#include "kernels/cpu/isa.h"
#include "rondo/runtime.h"

namespace rondo::api {

Builder::Builder(ILogger& logger) : sink_(&logger), max_threads_(default_thread_count()) { remember_logger(&logger); }

Builder::~Builder() noexcept = default;

bool Builder::platformHasFastFp16() const noexcept { return kernels::detect_isa() >= kernels::Isa::kAvx2; }

INetworkDefinition* Builder::createNetworkV2(NetworkDefinitionCreationFlags flags) noexcept {
  return guarded<INetworkDefinition*>(sink_, "IBuilder::createNetworkV2", nullptr, [&] {
    require(flags >> EnumMax<NetworkDefinitionCreationFlag>() == 0, "createNetworkV2: flags ", flags,
            " have bits without a NetworkDefinitionCreationFlag");
    return new Network(*this, sink_.logger(), sink_.recorder(), flags);
  });
}

IBuilderConfig* Builder::createBuilderConfig() noexcept {
  return guarded<IBuilderConfig*>(sink_, "IBuilder::createBuilderConfig", nullptr, [&] { return new Config(sink_); });
}

IOptimizationProfile* Builder::createOptimizationProfile() noexcept {
  return guarded<IOptimizationProfile*>(sink_, "IBuilder::createOptimizationProfile", nullptr, [&] {
    profiles_.push_back(std::make_unique<Profile>(sink_));
    return profiles_.back().get();
  });
}

IHostMemory* Builder::buildSerializedNetwork(INetworkDefinition& network, IBuilderConfig& config) noexcept {
  const auto& own = static_cast<const Network&>(network);
  return guarded<IHostMemory*>(own.sink(), "IBuilder::buildSerializedNetwork", nullptr, [&] {
    return new SerializedEngine(build_plan(own, static_cast<const Config&>(config), max_threads_));
  });
}

bool Builder::buildSerializedNetworkToStream(INetworkDefinition& network, IBuilderConfig& config,
                                             IStreamWriter& writer) noexcept {
  const std::unique_ptr<IHostMemory> plan(buildSerializedNetwork(network, config));
  if (!plan) return false;
  return guarded(sink_, "IBuilder::buildSerializedNetworkToStream", [&] {
    const auto size = static_cast<int64_t>(plan->size());
    const int64_t written = writer.write(plan->data(), size);
    if (written != size) {
      fail(Code::kFailedExecution, "buildSerializedNetworkToStream: the writer took ", written, " of ", size, " bytes");
    }
  });
}

ICudaEngine* Builder::buildEngineWithConfig(INetworkDefinition& network, IBuilderConfig& config) noexcept {
  const auto& own = static_cast<const Network&>(network);
  Bytes plan = guarded(own.sink(), "IBuilder::buildEngineWithConfig", Bytes(),
                       [&] { return build_plan(own, static_cast<const Config&>(config), max_threads_); });
  if (plan.empty()) return nullptr;
  return guarded(sink_, "IBuilder::buildEngineWithConfig", static_cast<ICudaEngine*>(nullptr), [&] {
    NetworkPlugins plugins(own);
    Runtime runtime(*sink_.logger());
    runtime.set_registry(registry_);
    runtime.setGpuAllocator(allocator_);
    runtime.setErrorRecorder(sink_.recorder());
    return runtime.adopt(std::move(plan), &plugins);
  });
}

ICudaEngine* Builder::buildCudaEngine(INetworkDefinition& network) noexcept {
  const std::unique_ptr<IBuilderConfig> config(createBuilderConfig());
  if (!config) return nullptr;
  config->setMemoryPoolLimit(MemoryPoolType::kWORKSPACE, workspace_);
  return buildEngineWithConfig(network, *config);
}

bool Builder::isNetworkSupported(INetworkDefinition const& network, IBuilderConfig const& config) const noexcept {
  const auto& own = static_cast<const Network&>(network);
  return guarded(own.sink(), "IBuilder::isNetworkSupported",
                 [&] { check_network(own, static_cast<const Config&>(config)); });
}

bool Builder::setMaxThreads(int32_t maxThreads) noexcept {
  return guarded(sink_, "IBuilder::setMaxThreads", [&] {
    require(maxThreads >= 1, "IBuilder::setMaxThreads: ", maxThreads, " is below 1");
    max_threads_ = maxThreads;
  });
}

void Builder::reset() noexcept {
  sink_.set_recorder(nullptr);
  allocator_ = nullptr;
  workspace_ = SIZE_MAX;
  max_batch_ = 1;
  max_threads_ = default_thread_count();
}

}  // namespace rondo::api

rondo::IBuilder* rondo::createInferBuilder(ILogger& logger) noexcept {
  const api::ErrorSink sink(&logger);
  return api::guarded<IBuilder*>(sink, "createInferBuilder", nullptr, [&] { return new api::Builder(logger); });
}

void* createInferBuilder_INTERNAL(void* logger, int32_t version) noexcept {
  if (logger == nullptr) return nullptr;
  auto& own = *static_cast<rondo::ILogger*>(logger);
  if (version / 1000 == NV_TENSORRT_MAJOR) return rondo::createInferBuilder(own);
  const rondo::api::ErrorSink sink(&own);
  sink.report(rondo::ErrorCode::kINVALID_ARGUMENT,
              rondo::text("createInferBuilder: the program was compiled for version ", version, ", the library shows ",
                          NV_TENSORRT_VERSION, "; compile it against this library's headers")
                  .c_str());
  return nullptr;
}
