#pragma once

#include <cstddef>

namespace rondo::importers {

/// While one lives, an allocation of more bytes throws std::bad_alloc: a reader that believes a length of a hostile file fails the test.
class AllocationLimit {
 public:
  explicit AllocationLimit(size_t bytes);
  ~AllocationLimit();
};

}  // namespace rondo::importers
