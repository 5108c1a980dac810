// The thread team and its barrier.
//
// A recurrent step takes a few microseconds, so handing it to other threads must cost a small fraction of one. That
// rules out locks and system calls on the fast path: whoever waits spins on one cache line that only the awaited thread
// writes. Spinning for ever is as bad: when another process wants the core, the spinner burns the time slice of the
// thread it waits for. So spinning is bounded (kSpinUs, a few times the longest usual wait) and then the thread parks
// on a futex, which is what std::atomic::wait is on Linux; notify costs a load when nobody is parked. More threads than
// cores park at once.
//
// Every worker has a mailbox of its own {task, context, ticket}. A new ticket means a new task; a worker that is not
// needed for a run is not woken, and never reads fields that are about to be overwritten.
//
// A parked worker is often woken on the core of the thread that woke it. Both are busy from then on, so the system
// leaves them there for milliseconds, taking turns at every barrier. A worker that finds itself on the caller's core
// moves off it.
#include "base/thread_team.h"

#include <chrono>
#include <thread>

#ifdef __linux__
#include <sched.h>
#endif

namespace rondo {
namespace {

// Bound by what a park and wake costs (5-10 us each side): below that, spinning is cheaper than parking. Raised, an
// idle team steals more time from other processes; lowered, steps with uneven shares start to park.
constexpr int kSpinUs = 30;

void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Returns when word != old. Acquires what was released with the change.
void await_change(const std::atomic<uint32_t>& word, uint32_t old, int spin_us) {
  if (spin_us > 0) {
    for (int i = 0; i < 256; ++i) {
      if (word.load(std::memory_order_acquire) != old) return;
      relax();
    }
    const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(spin_us);
    do {
      for (int i = 0; i < 32; ++i) {
        if (word.load(std::memory_order_acquire) != old) return;
        relax();
      }
    } while (std::chrono::steady_clock::now() < until);
  }
  while (word.load(std::memory_order_acquire) == old) word.wait(old, std::memory_order_acquire);
}

#ifdef __linux__
int current_core() { return sched_getcpu(); }

/// Moves the calling thread to any other core the process had when its first team was made.
void leave_core(int core) {
  static const cpu_set_t allowed = [] {
    cpu_set_t set;
    CPU_ZERO(&set);
    sched_getaffinity(0, sizeof set, &set);
    return set;
  }();
  cpu_set_t others = allowed;
  CPU_CLR(core, &others);
  if (CPU_COUNT(&others) > 0) sched_setaffinity(0, sizeof others, &others);
}
#else
int current_core() { return -1; }
void leave_core(int) {}
#endif

int spin_for(int threads) {
  static const int cores = default_thread_count();
  return threads <= cores ? kSpinUs : 0;
}

}  // namespace

struct alignas(64) ThreadTeam::Worker {
  std::atomic<uint32_t> ticket{0};
  Task task = nullptr;  // null: leave
  void* context = nullptr;
  int caller_core = -1;
  std::thread thread;
};

ThreadTeam::ThreadTeam(int threads) : size_(threads < 1 ? 1 : threads), spin_us_(spin_for(size_)) {
  if (size_ == 1) return;
  workers_ = std::make_unique<Worker[]>(size_ - 1);
  for (int rank = 1; rank < size_; ++rank)
    workers_[rank - 1].thread = std::thread(work, this, &workers_[rank - 1], rank);
}

ThreadTeam::~ThreadTeam() {
  for (int i = 0; i + 1 < size_; ++i) {
    workers_[i].task = nullptr;
    workers_[i].ticket.fetch_add(1, std::memory_order_release);
    workers_[i].ticket.notify_one();
    workers_[i].thread.join();
  }
}

void ThreadTeam::work(ThreadTeam* team, Worker* worker, int rank) {
  for (uint32_t ticket = 0;;) {
    await_change(worker->ticket, ticket, team->spin_us_);
    ++ticket;
    if (worker->task == nullptr) return;
    // With more threads than cores, sharing one is meant.
    if (team->spin_us_ > 0 && worker->caller_core >= 0 && current_core() == worker->caller_core) {
      leave_core(worker->caller_core);
    }
    worker->task(worker->context, rank);
    if (team->pending_.fetch_sub(1, std::memory_order_acq_rel) == 1) team->pending_.notify_one();
  }
}

void ThreadTeam::run(Task task, void* context, int threads) noexcept {
  if (threads > size_) threads = size_;
  if (threads <= 1) return task(context, 0);
  const int core = current_core();
  pending_.store(static_cast<uint32_t>(threads - 1), std::memory_order_relaxed);
  for (int i = 0; i + 1 < threads; ++i) {
    Worker& worker = workers_[i];
    worker.task = task;
    worker.context = context;
    worker.caller_core = core;
    worker.ticket.fetch_add(1, std::memory_order_release);
    worker.ticket.notify_one();
  }
  task(context, 0);
  for (uint32_t left; (left = pending_.load(std::memory_order_acquire)) != 0;) await_change(pending_, left, spin_us_);
}

void Barrier::reset(int parties) {
  parties_ = parties < 1 ? 1 : static_cast<uint32_t>(parties);
  arrived_.store(0, std::memory_order_relaxed);
  spin_us_ = spin_for(static_cast<int>(parties_));
}

void Barrier::wait() noexcept {
  if (parties_ == 1) return;
  const uint32_t phase = phase_.load(std::memory_order_relaxed);
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == parties_) {
    arrived_.store(0, std::memory_order_relaxed);
    phase_.store(phase + 1, std::memory_order_release);
    phase_.notify_all();
  } else {
    await_change(phase_, phase, spin_us_);
  }
}

}  // namespace rondo
