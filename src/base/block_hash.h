#pragma once

#include <cstddef>
#include <cstdint>

namespace rondo {

/// Checksum of bulk data that several threads compute together: XXH3-64 of the XXH3-64 sums (little-endian, in order) of its blocks of
/// kHashBlockBytes, the last one shorter. The same for any number of threads.
constexpr size_t kHashBlockBytes = size_t{1} << 20;

/// threads: 0 for default_thread_count(). Small data takes one thread.
/// Errors    std::bad_alloc
uint64_t hash_blocks(const void* data, size_t size, int threads = 0);

/// Copies and gives the checksum of the copy, each block hashed while it is in the cache.
uint64_t copy_hashed(void* to, const void* from, size_t size, int threads = 0);

}  // namespace rondo
