#pragma once

#include <cstddef>
#include <cstdint>

namespace rondo {

/// XXH3-64 of a byte range. Stable across machines of one byte order.
uint64_t hash_bytes(const void* data, size_t size);
/// Order-dependent combination of two hashes.
inline uint64_t hash_combine(uint64_t a, uint64_t b) {
  return (a ^ (b + 0x9e3779b97f4a7c15ull + (a << 6) + (a >> 2))) * 0xff51afd7ed558ccdull;
}

}  // namespace rondo
