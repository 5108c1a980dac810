#pragma once

#include "api/running/error_sink.h"
#include "rondo/runtime.h"

namespace rondo::api {

/// IRuntime: reads plans and makes engines of them.
class Runtime final : public IRuntime {
 public:
  explicit Runtime(ILogger& logger) : sink_(&logger) {}

  ICudaEngine* deserializeCudaEngine(void const* blob, std::size_t size) noexcept override;
  void setGpuAllocator(IGpuAllocator* allocator) noexcept override { allocator_ = allocator; }
  void setErrorRecorder(IErrorRecorder* recorder) noexcept override { sink_.set_recorder(recorder); }
  IErrorRecorder* getErrorRecorder() const noexcept override { return sink_.recorder(); }
  ILogger* getLogger() const noexcept override { return sink_.logger(); }
  bool setMaxThreads(int32_t maxThreads) noexcept override;
  int32_t getMaxThreads() const noexcept override { return max_threads_; }
  void setEngineHostCodeAllowed(bool allowed) noexcept override { host_code_allowed_ = allowed; }
  bool getEngineHostCodeAllowed() const noexcept override { return host_code_allowed_; }
  void setDLACore(int32_t dlaCore) noexcept override { dla_core_ = dlaCore; }
  int32_t getDLACore() const noexcept override { return dla_core_; }
  int32_t getNbDLACores() const noexcept override { return 0; }

 private:
  ErrorSink sink_;
  IGpuAllocator* allocator_ = nullptr;
  int32_t max_threads_ = 0;
  bool host_code_allowed_ = false;
  int32_t dla_core_ = -1;
};

}  // namespace rondo::api
