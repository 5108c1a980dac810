#include "importers/allocation_limit.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<size_t> limit{~size_t{0}};

}  // namespace

// Replaced for the whole program; the array and nothrow forms come here too.
void* operator new(size_t bytes) {
  void* block = bytes <= limit.load() ? std::malloc(bytes == 0 ? 1 : bytes) : nullptr;
  if (!block) throw std::bad_alloc();
  return block;
}

void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, size_t) noexcept { std::free(block); }

namespace rondo::importers {

AllocationLimit::AllocationLimit(size_t bytes) { limit = bytes; }
AllocationLimit::~AllocationLimit() { limit = ~size_t{0}; }

}  // namespace rondo::importers
