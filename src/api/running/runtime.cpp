#include "api/running/runtime.h"

#include <memory>

#include "NvInferVersion.h"
#include "api/running/engine.h"
#include "base/bulk_memory.h"
#include "base/error.h"
#include "plan/plan_file.h"
#include "runtime/engine.h"

namespace rondo::api {

ICudaEngine* Runtime::deserializeCudaEngine(void const* blob, std::size_t size, IPluginFactory* factory) noexcept {
  return guarded(sink_, "IRuntime::deserializeCudaEngine", static_cast<ICudaEngine*>(nullptr), [&]() -> ICudaEngine* {
    if (blob == nullptr || size == 0) {
      fail(Code::kInvalidArgument, "deserializeCudaEngine: the plan is ", blob == nullptr ? "null" : "empty",
           "; pass the bytes of a serialized network");
    }
    EngineSettings settings{allocator_, max_threads_, nullptr};
    const PluginPolicy policy{registry_, host_code_allowed_, tempfile_flags_, temporary_directory_, factory};
    try {
      auto engine = std::make_shared<const runtime::Engine>(plan::read_plan(blob, size));
      settings.plugins = std::make_shared<const PluginSet>(engine->program(), policy);
      return new CudaEngine(std::move(engine), settings, sink_.logger(), sink_.recorder());
    } catch (const Error& error) {
      const bool state = error.code() == Code::kUnsupportedState || error.code() == Code::kFailedAllocation;
      throw Error(state ? error.code() : Code::kFailedInitialization,
                  text("the plan cannot be loaded: ", error.what()));
    }
  });
}

namespace {

constexpr int64_t kChunkBytes = int64_t{1} << 20;

/// All that `read` delivers: it is given memory and a size, and returns the bytes written, 0 at the end.
template <class Read>
Bytes read_all(Read read) {
  Bytes bytes;
  while (true) {
    const size_t size = bytes.size();
    bytes.resize(size + kChunkBytes);
    const int64_t got = read(bytes.data() + size, kChunkBytes);
    if (got < 0 || got > kChunkBytes) fail(Code::kFailedExecution, "deserializeCudaEngine: the reader returned ", got);
    bytes.resize(size + static_cast<size_t>(got));
    if (got == 0) return bytes;
  }
}

}  // namespace

ICudaEngine* Runtime::deserializeCudaEngine(IStreamReader& streamReader) noexcept {
  return guarded(sink_, "IRuntime::deserializeCudaEngine", static_cast<ICudaEngine*>(nullptr), [&] {
    const Bytes bytes = read_all([&](void* to, int64_t size) { return streamReader.read(to, size); });
    return deserializeCudaEngine(bytes.data(), bytes.size());
  });
}

ICudaEngine* Runtime::deserializeCudaEngine(IStreamReaderV2& streamReader) noexcept {
  return guarded(sink_, "IRuntime::deserializeCudaEngine", static_cast<ICudaEngine*>(nullptr), [&] {
    const Bytes bytes = read_all([&](void* to, int64_t size) { return streamReader.read(to, size, nullptr); });
    return deserializeCudaEngine(bytes.data(), bytes.size());
  });
}

IRuntime* Runtime::loadRuntime(char const* path) noexcept {
  return guarded(sink_, "IRuntime::loadRuntime", static_cast<IRuntime*>(nullptr), [&]() -> IRuntime* {
    fail(Code::kUnsupportedState, "loadRuntime('", path == nullptr ? "" : path,
         "'): there are no runtimes of other versions to load; this one runs every plan of its format");
  });
}

void Runtime::setTemporaryDirectory(char const* path) noexcept {
  guarded(sink_, "IRuntime::setTemporaryDirectory", [&] { temporary_directory_ = path == nullptr ? "" : path; });
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
