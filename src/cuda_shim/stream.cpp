// Streams and events. All work of the shim is done when its call returns, so a stream holds nothing and an event only
// the time of its last record; both exist to be told from handles that do not live.

#include <chrono>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "cuda_shim/status.h"

struct CUstream_st {
  unsigned int flags;
};

struct CUevent_st {
  unsigned int flags;
  bool recorded = false;
  std::chrono::steady_clock::time_point time{};
};

namespace {

using rondo::cuda_shim::done;
using rondo::cuda_shim::is_stream;

// The living objects of one kind, by handle.
template <class Object>
class Living {
 public:
  Object* add(Object object) {
    auto owner = std::make_unique<Object>(object);
    Object* handle = owner.get();
    std::lock_guard lock(mutex_);
    all_[handle] = std::move(owner);
    return handle;
  }

  bool remove(Object* handle) {
    std::lock_guard lock(mutex_);
    return all_.erase(handle) != 0;
  }

  // Calls use(object) under the lock; false if the handle does not live.
  template <class Use>
  bool with(Object* handle, Use use) {
    std::lock_guard lock(mutex_);
    const auto found = all_.find(handle);
    if (found != all_.end()) use(*found->second);
    return found != all_.end();
  }

 private:
  std::mutex mutex_;
  std::unordered_map<Object*, std::unique_ptr<Object>> all_;
};

// Never destroyed: programs destroy streams from destructors of their own globals.
Living<CUstream_st>& streams() {
  static auto* const all = new Living<CUstream_st>;
  return *all;
}

Living<CUevent_st>& events() {
  static auto* const all = new Living<CUevent_st>;
  return *all;
}

cudaError_t known(bool living) { return done(living ? cudaSuccess : cudaErrorInvalidResourceHandle); }

}  // namespace

bool rondo::cuda_shim::is_stream(cudaStream_t stream) {
  const bool predefined = stream == nullptr || stream == cudaStreamLegacy || stream == cudaStreamPerThread;
  return predefined || streams().with(stream, [](CUstream_st&) {});
}

cudaError_t cudaStreamCreate(cudaStream_t* stream) { return cudaStreamCreateWithFlags(stream, cudaStreamDefault); }

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned int flags) {
  if (stream == nullptr || flags > cudaStreamNonBlocking) return done(cudaErrorInvalidValue);
  *stream = streams().add({flags});
  return cudaSuccess;
}

cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned int flags, int) {
  return cudaStreamCreateWithFlags(stream, flags);
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) { return known(streams().remove(stream)); }
cudaError_t cudaStreamSynchronize(cudaStream_t stream) { return known(is_stream(stream)); }
cudaError_t cudaStreamQuery(cudaStream_t stream) { return known(is_stream(stream)); }

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned int) {
  return known(is_stream(stream) && events().with(event, [](CUevent_st&) {}));
}

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t fn, void* userData) {
  if (!is_stream(stream)) return done(cudaErrorInvalidResourceHandle);
  if (fn == nullptr) return done(cudaErrorInvalidValue);
  fn(userData);
  return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t* event) { return cudaEventCreateWithFlags(event, cudaEventDefault); }

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned int flags) {
  if (event == nullptr) return done(cudaErrorInvalidValue);
  *event = events().add({flags});
  return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  if (!is_stream(stream)) return done(cudaErrorInvalidResourceHandle);
  return known(events().with(event, [](CUevent_st& marker) {
    marker.recorded = true;
    marker.time = std::chrono::steady_clock::now();
  }));
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  return known(events().with(event, [](CUevent_st&) {}));
}
cudaError_t cudaEventQuery(cudaEvent_t event) { return cudaEventSynchronize(event); }

cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t start, cudaEvent_t end) {
  if (ms == nullptr) return done(cudaErrorInvalidValue);
  CUevent_st first{}, last{};
  const bool living = events().with(start, [&](CUevent_st& marker) { first = marker; }) &&
                      events().with(end, [&](CUevent_st& marker) { last = marker; });
  const bool timed = ((first.flags | last.flags) & cudaEventDisableTiming) == 0;
  if (!living || !timed || !first.recorded || !last.recorded) return done(cudaErrorInvalidResourceHandle);
  *ms = std::chrono::duration<float, std::milli>(last.time - first.time).count();
  return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event) { return known(events().remove(event)); }
