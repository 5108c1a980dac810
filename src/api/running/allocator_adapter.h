#pragma once

#include "rondo/memory.h"
#include "runtime/device_memory.h"

namespace rondo::api {

/// A user's IGpuAllocator as the runtime sees it. The user's object must outlive it.
class AllocatorAdapter final : public runtime::Allocator {
 public:
  explicit AllocatorAdapter(IGpuAllocator* allocator) : allocator_(allocator) {}

  void* allocate(size_t bytes, size_t alignment) override {
    return allocator_->allocate(bytes, alignment, AllocatorFlags{0});
  }
  void release(void* memory) override {
    try {
      allocator_->deallocate(memory);
    } catch (...) {
      // What a user's allocator throws while giving memory back cannot be undone by anyone.
    }
  }

 private:
  IGpuAllocator* allocator_;
};

}  // namespace rondo::api
