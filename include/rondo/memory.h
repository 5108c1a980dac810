/// Memory objects: the block that holds a plan, and the allocators that a user may supply.
///
/// Methods that a user overrides carry no `noexcept` here, so that overriders with and without it compile.
#pragma once

#include "rondo/types.h"

namespace rondo {

/// A block of host memory made by the library: a serialized plan.
/// Memory    owned by the user: `delete`, or destroy()
class IHostMemory : public INoCopy {
 public:
  ~IHostMemory() noexcept override = default;

  /// Returns the first byte, valid as long as the object.
  virtual void* data() const noexcept = 0;

  /// Returns the size in bytes.
  virtual std::size_t size() const noexcept = 0;

  /// Returns the element type of the block; kINT8 for a plan.
  virtual DataType type() const noexcept = 0;

  /// Same as `delete this`.
  RONDO_DEPRECATED void destroy() noexcept { delete this; }
};

/// Property of an allocation.
enum class AllocatorFlag : int32_t { kRESIZABLE = 0 };

template <>
constexpr int32_t EnumMax<AllocatorFlag>() noexcept {
  return 1;
}

/// Mask of AllocatorFlag bits.
using AllocatorFlags = uint32_t;

/// Supplies the memory of engines and contexts.
/// Memory    referenced; must outlive every object it was given to and every engine and context made by them
/// Threads   must accept calls from several threads at a time
class IGpuAllocator {
 public:
  IGpuAllocator() = default;
  virtual ~IGpuAllocator() = default;

  /// Returns size bytes aligned to alignment (a power of two, or 0 for any), or null on failure or when size is 0.
  virtual void* allocate(uint64_t const size, uint64_t const alignment, AllocatorFlags const flags) = 0;

  /// Grows a block made with kRESIZABLE, contents kept; null if that is not possible.
  virtual void* reallocate(void* const /*baseAddr*/, uint64_t /*alignment*/, uint64_t /*newSize*/) { return nullptr; }

  /// Releases a block (before 8.0). Overridden by old programs; deallocate calls it.
  RONDO_DEPRECATED virtual void free(void* const /*memory*/) {}

  /// Releases a block; false if it is not one of this allocator.
  virtual bool deallocate(void* const memory) {
    this->free(memory);
    return true;
  }

  /// Same as allocate, in the order of a stream (10.0).
  virtual void* allocateAsync(uint64_t const size, uint64_t const alignment, AllocatorFlags const flags,
                              cudaStream_t /*stream*/) {
    return allocate(size, alignment, flags);
  }

  /// Same as deallocate, in the order of a stream (10.0).
  virtual bool deallocateAsync(void* const memory, cudaStream_t /*stream*/) { return deallocate(memory); }
};

/// Supplies the memory of one output whose size is known only while the engine runs.
/// Memory    referenced; must outlive the runs of the context it was given to
class IOutputAllocator {
 public:
  IOutputAllocator() = default;
  virtual ~IOutputAllocator() = default;

  /// Returns the version of this interface: 1.
  virtual int32_t getInterfaceVersion() const { return 1; }

  /// Returns memory for size bytes aligned to alignment: currentMemory if it is large enough, else a new block.
  virtual void* reallocateOutput(char const* /*tensorName*/, void* /*currentMemory*/, uint64_t /*size*/,
                                 uint64_t /*alignment*/) {
    return nullptr;
  }

  /// Same as reallocateOutput, in the order of a stream (10.0).
  virtual void* reallocateOutputAsync(char const* tensorName, void* currentMemory, uint64_t size, uint64_t alignment,
                                      cudaStream_t /*stream*/) {
    return reallocateOutput(tensorName, currentMemory, size, alignment);
  }

  /// Tells the shape of the output.
  virtual void notifyShape(char const* tensorName, Dims const& dims) = 0;
};

}  // namespace rondo
