#include "runtime/device_memory.h"

#include "base/bulk_memory.h"
#include "base/error.h"

namespace rondo::runtime {

namespace {

class HostAllocator final : public Allocator {
 public:
  void* allocate(size_t bytes, size_t alignment) override {
    return alignment <= kDeviceAlignment ? allocate_bulk(bytes) : nullptr;
  }
  void release(void* memory) override { free_bulk(memory); }
};

}  // namespace

Allocator& host_allocator() {
  static HostAllocator allocator;
  return allocator;
}

DeviceMemory::DeviceMemory(Allocator& allocator, size_t bytes) : allocator_(&allocator), size_(bytes) {
  if (bytes == 0) return;
  data_ = allocator.allocate(bytes, kDeviceAlignment);
  if (data_ == nullptr) {
    fail(Code::kFailedAllocation, "no memory for ", bytes,
         " bytes of temporary tensors; use smaller profiles or supply memory by setDeviceMemory");
  }
}

DeviceMemory::~DeviceMemory() {
  if (data_ != nullptr) allocator_->release(data_);
}

}  // namespace rondo::runtime
