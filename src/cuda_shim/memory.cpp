// The memory of the shim: blocks of the heap, known by address.
//
// A GPU answers a wrong pointer with an error code; host memory would answer with a crash. So every block is kept in an
// ordered map, and each copy, fill and free asks it: an address inside a block must stay inside it, an address outside
// of all blocks is taken for ordinary host memory. Large blocks come from calloc, which maps zero pages lazily, so an
// allocation of gigabytes costs nothing until it is touched. Blocks are longer than asked for by at least one cache
// line, because kernels of GPU programs read past the end within an allocation's granularity.

#include <sys/sysinfo.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

#include "cuda_shim/status.h"

using rondo::cuda_shim::done;
using rondo::cuda_shim::is_stream;

namespace {

constexpr size_t kAlignment = 256;              // what GPU kernels assume of an allocation
constexpr size_t kLargestBlock = SIZE_MAX / 2;  // so that rounding up cannot overflow

enum class Kind { kDevice, kHost, kManaged };

struct Block {
  void* base;   // what calloc returned
  size_t size;  // usable bytes from the aligned address on
  Kind kind;
};

class Blocks {
 public:
  cudaError_t allocate(void** result, size_t size, Kind kind) {
    if (result == nullptr) return cudaErrorInvalidValue;
    *result = nullptr;
    if (size > kLargestBlock) return cudaErrorMemoryAllocation;
    const size_t usable = (size / kAlignment + 1) * kAlignment;
    void* base = std::calloc(1, usable + kAlignment);
    if (base == nullptr) return cudaErrorMemoryAllocation;
    const uintptr_t start = (reinterpret_cast<uintptr_t>(base) + kAlignment - 1) / kAlignment * kAlignment;
    std::lock_guard lock(mutex_);
    blocks_[start] = {base, usable, kind};
    *result = reinterpret_cast<void*>(start);
    return cudaSuccess;
  }

  cudaError_t release(void* pointer, bool host) {
    if (pointer == nullptr) return cudaSuccess;
    std::lock_guard lock(mutex_);
    const auto found = blocks_.find(reinterpret_cast<uintptr_t>(pointer));
    if (found == blocks_.end() || (found->second.kind == Kind::kHost) != host) return cudaErrorInvalidValue;
    std::free(found->second.base);
    blocks_.erase(found);
    return cudaSuccess;
  }

  // False if the range starts inside a block and leaves it, or is null with bytes in it.
  bool holds(const void* pointer, size_t count) {
    if (count == 0) return true;
    if (pointer == nullptr) return false;
    const uintptr_t at = reinterpret_cast<uintptr_t>(pointer);
    if (count > UINTPTR_MAX - at) return false;
    std::lock_guard lock(mutex_);
    uintptr_t start = 0;
    const Block* block = find(at, &start);
    return block == nullptr || count <= block->size - (at - start);
  }

  bool describe(const void* pointer, Kind* kind) {
    std::lock_guard lock(mutex_);
    uintptr_t start = 0;
    const Block* block = find(reinterpret_cast<uintptr_t>(pointer), &start);
    if (block != nullptr) *kind = block->kind;
    return block != nullptr;
  }

 private:
  const Block* find(uintptr_t at, uintptr_t* start) const {
    auto next = blocks_.upper_bound(at);
    if (next == blocks_.begin()) return nullptr;
    --next;
    *start = next->first;
    return at - next->first < next->second.size ? &next->second : nullptr;
  }

  std::mutex mutex_;
  std::map<uintptr_t, Block> blocks_;
};

// Never destroyed: programs free memory from destructors of their own globals.
Blocks& blocks() {
  static Blocks* const all = new Blocks;
  return *all;
}

}  // namespace

cudaError_t cudaMalloc(void** devPtr, size_t size) { return done(blocks().allocate(devPtr, size, Kind::kDevice)); }
cudaError_t cudaFree(void* devPtr) { return done(blocks().release(devPtr, false)); }

cudaError_t cudaMallocAsync(void** devPtr, size_t size, cudaStream_t stream) {
  return is_stream(stream) ? cudaMalloc(devPtr, size) : done(cudaErrorInvalidResourceHandle);
}

cudaError_t cudaFreeAsync(void* devPtr, cudaStream_t stream) {
  return is_stream(stream) ? cudaFree(devPtr) : done(cudaErrorInvalidResourceHandle);
}

cudaError_t cudaMallocHost(void** ptr, size_t size) { return done(blocks().allocate(ptr, size, Kind::kHost)); }
cudaError_t cudaHostAlloc(void** ptr, size_t size, unsigned int) { return cudaMallocHost(ptr, size); }
cudaError_t cudaFreeHost(void* ptr) { return done(blocks().release(ptr, true)); }

cudaError_t cudaMallocManaged(void** devPtr, size_t size, unsigned int) {
  return done(blocks().allocate(devPtr, size, Kind::kManaged));
}

cudaError_t cudaMemcpy(void* dst, const void* src, size_t count, cudaMemcpyKind kind) {
  if (kind < cudaMemcpyHostToHost || kind > cudaMemcpyDefault) return done(cudaErrorInvalidMemcpyDirection);
  if (!blocks().holds(dst, count) || !blocks().holds(src, count)) return done(cudaErrorInvalidValue);
  if (count != 0) std::memmove(dst, src, count);
  return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* dst, const void* src, size_t count, cudaMemcpyKind kind, cudaStream_t stream) {
  return is_stream(stream) ? cudaMemcpy(dst, src, count, kind) : done(cudaErrorInvalidResourceHandle);
}

cudaError_t cudaMemset(void* devPtr, int value, size_t count) {
  if (!blocks().holds(devPtr, count)) return done(cudaErrorInvalidValue);
  if (count != 0) std::memset(devPtr, value, count);
  return cudaSuccess;
}

cudaError_t cudaMemsetAsync(void* devPtr, int value, size_t count, cudaStream_t stream) {
  return is_stream(stream) ? cudaMemset(devPtr, value, count) : done(cudaErrorInvalidResourceHandle);
}

cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  struct sysinfo info;
  if (free == nullptr || total == nullptr) return done(cudaErrorInvalidValue);
  if (sysinfo(&info) != 0) return done(cudaErrorUnknown);
  *free = static_cast<size_t>(info.freeram + info.bufferram) * info.mem_unit;
  *total = static_cast<size_t>(info.totalram) * info.mem_unit;
  return cudaSuccess;
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* ptr) {
  if (attributes == nullptr) return done(cudaErrorInvalidValue);
  void* address = const_cast<void*>(ptr);
  Kind kind;
  if (!blocks().describe(ptr, &kind)) {
    *attributes = {cudaMemoryTypeUnregistered, -1, nullptr, address};
  } else {
    constexpr cudaMemoryType kTypes[] = {cudaMemoryTypeDevice, cudaMemoryTypeHost, cudaMemoryTypeManaged};
    *attributes = {kTypes[static_cast<int>(kind)], 0, address, address};
  }
  return cudaSuccess;
}
