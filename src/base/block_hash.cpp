#include "base/block_hash.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/hash.h"
#include "base/thread_team.h"

namespace rondo {
namespace {

// Below this, starting a thread (some 50 us) takes longer than hashing on one at 10 GB/s.
constexpr size_t kParallelBytes = size_t{4} << 20;

struct Task {
  const uint8_t* from;
  uint8_t* to;  // null: hashed where it lies
  size_t size;
  std::vector<uint64_t> sums;
  int ranks;

  static void run(void* context, int rank) noexcept {
    auto& task = *static_cast<Task*>(context);
    const size_t count = task.sums.size(), ranks = static_cast<size_t>(task.ranks), me = static_cast<size_t>(rank);
    for (size_t i = count * me / ranks; i < count * (me + 1) / ranks; ++i) {
      const size_t at = i * kHashBlockBytes, bytes = std::min(kHashBlockBytes, task.size - at);
      if (task.to != nullptr) std::memcpy(task.to + at, task.from + at, bytes);
      task.sums[i] = hash_bytes((task.to != nullptr ? task.to : task.from) + at, bytes);
    }
  }
};

uint64_t run(const void* from, void* to, size_t size, int threads) {
  if (size < kParallelBytes) threads = 1;
  ThreadTeam team(threads == 0 ? default_thread_count() : threads);
  Task task{static_cast<const uint8_t*>(from), static_cast<uint8_t*>(to), size,
            std::vector<uint64_t>((size + kHashBlockBytes - 1) / kHashBlockBytes), team.size()};
  team.run(&Task::run, &task, team.size());
  return hash_bytes(task.sums.data(), task.sums.size() * sizeof(uint64_t));
}

}  // namespace

uint64_t hash_blocks(const void* data, size_t size, int threads) { return run(data, nullptr, size, threads); }

uint64_t copy_hashed(void* to, const void* from, size_t size, int threads) { return run(from, to, size, threads); }

}  // namespace rondo
