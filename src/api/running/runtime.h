#pragma once

#include <memory>
#include <string>

#include "api/running/error_sink.h"
#include "base/bulk_memory.h"
#include "plugin/registry.h"
#include "rondo/runtime.h"

namespace rondo::api {

/// IRuntime: reads plans and makes engines of them.
class Runtime final : public IRuntime {
 public:
  explicit Runtime(ILogger& logger) : sink_(&logger) {}

  ICudaEngine* deserializeCudaEngine(void const* blob, std::size_t size) noexcept override {
    return deserializeCudaEngine(blob, size, nullptr);
  }
  ICudaEngine* deserializeCudaEngine(void const* blob, std::size_t size, IPluginFactory* factory) noexcept override;
  ICudaEngine* deserializeCudaEngine(IStreamReader& streamReader) noexcept override;
  ICudaEngine* deserializeCudaEngine(IStreamReaderV2& streamReader) noexcept override;
  ICudaEngine* deserializeCudaEngineFromFile(char const* path) noexcept override;
  IRuntime* loadRuntime(char const* path) noexcept override;
  void setTemporaryDirectory(char const* path) noexcept override;
  char const* getTemporaryDirectory() const noexcept override {
    return temporary_directory_.empty() ? nullptr : temporary_directory_.c_str();
  }
  void setTempfileControlFlags(TempfileControlFlags flags) noexcept override { tempfile_flags_ = flags; }
  TempfileControlFlags getTempfileControlFlags() const noexcept override { return tempfile_flags_; }
  void setGpuAllocator(IGpuAllocator* allocator) noexcept override { allocator_ = allocator; }
  void setErrorRecorder(IErrorRecorder* recorder) noexcept override { sink_.set_recorder(recorder); }
  IErrorRecorder* getErrorRecorder() const noexcept override { return sink_.recorder(); }
  ILogger* getLogger() const noexcept override { return sink_.logger(); }
  bool setMaxThreads(int32_t maxThreads) noexcept override;
  int32_t getMaxThreads() const noexcept override { return max_threads_; }
  void setEngineHostCodeAllowed(bool allowed) noexcept override { host_code_allowed_ = allowed; }
  bool getEngineHostCodeAllowed() const noexcept override { return host_code_allowed_; }
  IPluginRegistry& getPluginRegistry() noexcept override { return *registry_; }
  /// deserializeCudaEngine of a plan that the engine keeps instead of a copy.
  ICudaEngine* adopt(Bytes file, IPluginFactory* factory) noexcept;
  /// Looks plugins up in another registry: that of the builder that made the plan.
  void set_registry(std::shared_ptr<plugin::Registry> registry) { registry_ = std::move(registry); }
  void setDLACore(int32_t dlaCore) noexcept override { dla_core_ = dlaCore; }
  int32_t getDLACore() const noexcept override { return dla_core_; }
  int32_t getNbDLACores() const noexcept override { return 0; }

 private:
  template <class Read>
  ICudaEngine* load(const char* method, IPluginFactory* factory, Read read) noexcept;

  ErrorSink sink_;
  IGpuAllocator* allocator_ = nullptr;
  int32_t max_threads_ = 0;
  bool host_code_allowed_ = false;
  int32_t dla_core_ = -1;
  std::string temporary_directory_;
  TempfileControlFlags tempfile_flags_ = 3;
  std::shared_ptr<plugin::Registry> registry_ =
      std::make_shared<plugin::Registry>(::getPluginRegistry(), sink_.logger());
};

}  // namespace rondo::api
