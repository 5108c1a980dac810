#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/signal_word.h"

namespace rondo {

/// Cores this process may use at once: physical cores of its affinity mask, capped by its cgroup's CPU quota (v1 and v2,
/// rounded up). At least 1. Reads the system on every call.
int default_thread_count();

/// A set of persistent threads that run one task together (SPMD). Between tasks a worker spins for a short bounded time, so that
/// tasks in quick succession cost well under a microsecond, then parks and costs nothing.
/// Threads    run() by one thread at a time; the object outlives it. Writes before run() are seen by all ranks, and writes of
///            all ranks by the caller after it.
class ThreadTeam {
 public:
  using Task = void (*)(void* context, int rank) noexcept;

  /// Starts threads-1 workers; the caller of run() is rank 0. `threads` < 1 counts as 1.
  explicit ThreadTeam(int threads);
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  int size() const { return size_; }
  /// Calls task(context, rank) for ranks 0 .. threads-1 at the same time, each on its own thread, and returns when all are
  /// done. `threads` is clamped to 1 .. size(). No allocation, no lock.
  void run(Task task, void* context, int threads) noexcept;

 private:
  struct Worker;
  static void work(ThreadTeam* team, Worker* worker, int rank);

  int size_ = 1;
  int spin_us_ = 0;
  std::unique_ptr<Worker[]> workers_;
  alignas(64) SignalWord pending_;
};

/// Meeting point of a fixed number of threads, reusable at once. Waiting spins for a bounded time, then parks; when more parties
/// meet than there are cores it parks at once, because whoever is awaited may need this core.
/// Threads    wait() by exactly `parties` threads; reset() while nobody waits.
class Barrier {
 public:
  explicit Barrier(int parties = 1) { reset(parties); }
  void reset(int parties);
  int parties() const { return static_cast<int>(parties_); }
  void wait() noexcept;

 private:
  alignas(64) std::atomic<uint32_t> arrived_{0};
  alignas(64) SignalWord phase_;
  alignas(64) uint32_t parties_ = 1;
  int spin_us_ = 0;
};

}  // namespace rondo
