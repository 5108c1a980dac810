#include "api/running/events.h"

#include <dlfcn.h>

namespace rondo::api {

void record_event(cudaEvent_t event, cudaStream_t stream) noexcept {
  using Record = int (*)(cudaEvent_t, cudaStream_t);
  static const auto record = reinterpret_cast<Record>(dlsym(RTLD_DEFAULT, "cudaEventRecord"));
  if (record != nullptr && event != nullptr) record(event, stream);
}

}  // namespace rondo::api
