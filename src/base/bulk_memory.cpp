#include "base/bulk_memory.h"

#include <cstdlib>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace rondo {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kAlignment = 256;

}  // namespace

void* allocate_bulk(size_t bytes) noexcept {
  const size_t alignment = bytes >= kHugePage ? kHugePage : kAlignment;
  if (bytes > SIZE_MAX - alignment) return nullptr;
  const size_t rounded = bytes == 0 ? alignment : (bytes + alignment - 1) / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, rounded);
#ifdef __linux__
  // Memory that has been in use before holds small pages, which the advice would leave as they are: they go first, the
  // contents of a new block being nobody's. Advice only: where it is refused, small pages serve.
  if (memory != nullptr && alignment == kHugePage) {
    madvise(memory, rounded, MADV_DONTNEED);
    madvise(memory, rounded, MADV_HUGEPAGE);
  }
#endif
  return memory;
}

void free_bulk(void* memory) noexcept { std::free(memory); }

BulkBlock::BulkBlock(size_t bytes) : data_(static_cast<uint8_t*>(allocate_bulk(bytes))), size_(bytes) {
  if (data_ == nullptr) throw std::bad_alloc();
}

}  // namespace rondo
