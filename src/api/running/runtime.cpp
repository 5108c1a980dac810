#include "api/running/runtime.h"

#include <memory>

#include "NvInferVersion.h"
#include "api/running/engine.h"
#include "base/error.h"
#include "plan/plan_file.h"
#include "runtime/engine.h"

namespace rondo::api {

ICudaEngine* Runtime::deserializeCudaEngine(void const* blob, std::size_t size) noexcept {
  return guarded(sink_, "IRuntime::deserializeCudaEngine", static_cast<ICudaEngine*>(nullptr), [&]() -> ICudaEngine* {
    if (blob == nullptr || size == 0) {
      fail(Code::kInvalidArgument, "deserializeCudaEngine: the plan is ", blob == nullptr ? "null" : "empty",
           "; pass the bytes of a serialized network");
    }
    const EngineSettings settings{allocator_, max_threads_};
    try {
      auto engine = std::make_shared<const runtime::Engine>(plan::read_plan(blob, size));
      return new CudaEngine(std::move(engine), settings, sink_.logger(), sink_.recorder());
    } catch (const Error& error) {
      const bool state = error.code() == Code::kUnsupportedState || error.code() == Code::kFailedAllocation;
      throw Error(state ? error.code() : Code::kFailedInitialization,
                  text("the plan cannot be loaded: ", error.what()));
    }
  });
}

bool Runtime::setMaxThreads(int32_t maxThreads) noexcept {
  return guarded(sink_, "IRuntime::setMaxThreads", [&] {
    if (maxThreads < 0)
      fail(Code::kInvalidArgument, "setMaxThreads: ", maxThreads,
           " threads; give 0 for all cores, or a positive number");
    max_threads_ = maxThreads;
  });
}

}  // namespace rondo::api

namespace rondo {

IRuntime* createInferRuntime(ILogger& logger) noexcept {
  api::remember_logger(&logger);
  const api::ErrorSink sink(&logger);
  return api::guarded(sink, "createInferRuntime", static_cast<IRuntime*>(nullptr),
                      [&]() -> IRuntime* { return new api::Runtime(logger); });
}

}  // namespace rondo

void* createInferRuntime_INTERNAL(void* logger, int32_t version) noexcept {
  if (logger == nullptr || version / 1000 != NV_TENSORRT_MAJOR) return nullptr;
  return rondo::createInferRuntime(*static_cast<rondo::ILogger*>(logger));
}
