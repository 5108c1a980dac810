#include "api/running/runtime.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "NvInferVersion.h"
#include "api/running/engine.h"
#include "base/bulk_memory.h"
#include "base/error.h"
#include "plan/container.h"
#include "plan/plan_file.h"
#include "runtime/engine.h"

namespace rondo::api {

template <class Read>
ICudaEngine* Runtime::load(const char* method, IPluginFactory* factory, Read read) noexcept {
  return guarded(sink_, method, static_cast<ICudaEngine*>(nullptr), [&]() -> ICudaEngine* {
    EngineSettings settings{allocator_, max_threads_, nullptr};
    const PluginPolicy policy{registry_, host_code_allowed_, tempfile_flags_, temporary_directory_, factory};
    try {
      auto engine = std::make_shared<const runtime::Engine>(read());
      settings.plugins = std::make_shared<const PluginSet>(engine->program(), policy);
      return new CudaEngine(std::move(engine), settings, sink_.logger(), sink_.recorder());
    } catch (const Error& error) {
      const bool kept = error.code() == Code::kUnsupportedState || error.code() == Code::kFailedAllocation ||
                        error.code() == Code::kFailedExecution;
      throw Error(kept ? error.code() : Code::kFailedInitialization, text("the plan cannot be loaded: ", error.what()));
    }
  });
}

ICudaEngine* Runtime::deserializeCudaEngine(void const* blob, std::size_t size, IPluginFactory* factory) noexcept {
  constexpr const char* kMethod = "IRuntime::deserializeCudaEngine";
  const bool given = guarded(sink_, kMethod, [&] {
    if (blob != nullptr && size != 0) return;
    fail(Code::kInvalidArgument, "deserializeCudaEngine: the plan is ", blob == nullptr ? "null" : "empty",
         "; pass the bytes of a serialized network");
  });
  return given ? load(kMethod, factory, [&] { return plan::read_plan(blob, size); }) : nullptr;
}

ICudaEngine* Runtime::deserializeCudaEngineFromFile(char const* path) noexcept {
  constexpr const char* kMethod = "IRuntime::deserializeCudaEngineFromFile";
  const bool given = guarded(sink_, kMethod, [&] {
    if (path == nullptr || *path == 0)
      fail(Code::kInvalidArgument, "deserializeCudaEngineFromFile: the path is ", path == nullptr ? "null" : "empty");
  });
  return given ? load(kMethod, nullptr, [&] { return plan::read_plan_file(path); }) : nullptr;
}

ICudaEngine* Runtime::adopt(Bytes file, IPluginFactory* factory) noexcept {
  return load("IRuntime::deserializeCudaEngine", factory, [&] {
    const auto kept = std::make_shared<const Bytes>(std::move(file));
    return plan::read_plan(*kept, kept);
  });
}

namespace {

constexpr int64_t kChunkBytes = int64_t{8} << 20;

/// Fills [at, size) of a block; `read` is given memory and a size, and returns the bytes written, 0 at the end.
template <class Read>
size_t fill(uint8_t* block, size_t at, size_t size, Read read) {
  while (at < size) {
    const int64_t wanted = std::min<int64_t>(kChunkBytes, static_cast<int64_t>(size - at));
    const int64_t got = read(block + at, wanted);
    if (got < 0 || got > wanted) fail(Code::kFailedExecution, "deserializeCudaEngine: the reader returned ", got);
    if (got == 0) break;
    at += static_cast<size_t>(got);
  }
  return at;
}

/// Reads the size that the header states, and the plan into one block that becomes the engine's. No byte behind it is read.
template <class Read>
plan::Program read_stream(Read read) {
  uint8_t head[plan::kHeaderBytes];
  const size_t first = fill(head, 0, sizeof head, read);
  const uint64_t stated = plan::stated_size({head, first});
  if (stated <= first) return plan::read_plan(head, first);
  if (stated > static_cast<uint64_t>(PTRDIFF_MAX)) {
    fail(Code::kInvalidArgument, "plan: its header says ", stated, " bytes; the file is damaged");
  }
  const auto block = std::make_shared<const BulkBlock>(static_cast<size_t>(stated));
  std::memcpy(block->data(), head, first);
  const size_t size = fill(block->data(), first, block->size(), read);
  return plan::read_plan({block->data(), size}, block);
}

}  // namespace

ICudaEngine* Runtime::deserializeCudaEngine(IStreamReader& streamReader) noexcept {
  return load("IRuntime::deserializeCudaEngine", nullptr,
              [&] { return read_stream([&](void* to, int64_t size) { return streamReader.read(to, size); }); });
}

ICudaEngine* Runtime::deserializeCudaEngine(IStreamReaderV2& streamReader) noexcept {
  return load("IRuntime::deserializeCudaEngine", nullptr, [&] {
    return read_stream([&](void* to, int64_t size) { return streamReader.read(to, size, nullptr); });
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
