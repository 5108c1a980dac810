#pragma once

#include <cstddef>
#include <utility>

namespace rondo::runtime {

/// Where temporary memory comes from; the API wraps a user's allocator in one.
class Allocator {
 public:
  virtual ~Allocator() = default;
  /// Memory for `bytes` > 0, aligned; null on failure.
  virtual void* allocate(size_t bytes, size_t alignment) = 0;
  virtual void release(void* memory) = 0;
};

/// The library's own: aligned operator new.
Allocator& host_allocator();

constexpr size_t kDeviceAlignment = 256;

/// A block that returns to its allocator. The allocator must outlive it.
class DeviceMemory {
 public:
  DeviceMemory() = default;
  /// Errors    kFailedAllocation naming the size
  DeviceMemory(Allocator& allocator, size_t bytes);
  DeviceMemory(DeviceMemory&& other) noexcept { swap(other); }
  DeviceMemory& operator=(DeviceMemory&& other) noexcept {
    swap(other);
    return *this;
  }
  ~DeviceMemory();

  void* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  void swap(DeviceMemory& other) noexcept {
    std::swap(allocator_, other.allocator_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }
  Allocator* allocator_ = nullptr;
  void* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace rondo::runtime
