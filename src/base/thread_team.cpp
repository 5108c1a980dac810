// The thread team and its barrier.
//
// A recurrent step takes a few microseconds, so handing it to other threads must cost a small fraction of one. That
// rules out locks and system calls on the fast path: whoever waits spins on one cache line that only the awaited thread
// writes. Spinning for ever is as bad: when another process wants the core, the spinner burns the time slice of the
// thread it waits for. So spinning is bounded (kSpinUs, a few times the longest usual wait) and then the thread parks
// (signal_word.cpp). More threads than cores park at once.
//
// Every worker has a mailbox of its own {task, context, ticket}. A new ticket means a new task; a worker that is not
// needed for a run is not woken, and never reads fields that are about to be overwritten.
//
// A parked worker is often woken on the core of the thread that woke it. Both are busy from then on, so the system
// leaves them there for milliseconds, taking turns at every barrier. A worker that finds itself on the caller's core
// moves off it.
//
// Beside busy processes a woken thread waits until the running one has used up its time slice, milliseconds, and a team
// does so at every barrier. A worker therefore asks for slices of kSliceNs: no larger share of the core, but its turn
// comes sooner.
#include "base/thread_team.h"

#include <thread>

#ifdef __linux__
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace rondo {
namespace {

// Bound by what a park and wake costs (5-10 us each side): below that, spinning is cheaper than parking. Raised, an
// idle team steals more time from other processes; lowered, steps with uneven shares start to park.
constexpr int kSpinUs = 30;

#ifdef __linux__
int current_core() { return sched_getcpu(); }

/// Cores that the calling thread may use, as it was started.
class CoreSet {
 public:
  CoreSet() {
    CPU_ZERO(&cores_);
    if (sched_getaffinity(0, sizeof cores_, &cores_) != 0) CPU_ZERO(&cores_);
  }
  /// Moves the calling thread to any other core of the set.
  void leave(int core) const {
    cpu_set_t others = cores_;
    CPU_CLR(core, &others);
    if (CPU_COUNT(&others) > 0) sched_setaffinity(0, sizeof others, &others);
  }

 private:
  cpu_set_t cores_;
};

constexpr uint64_t kSliceNs = 100'000;  // the least that Linux grants

/// Asks for short slices. A request only: systems before Linux 6.12 ignore it, and wake threads sooner by themselves.
void ask_for_short_slices() {
#ifdef SYS_sched_setattr
  struct {  // sched_attr of the kernel, first version
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
  } attributes = {};
  if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return;
  if (attributes.policy != SCHED_OTHER && attributes.policy != SCHED_BATCH) return;
  attributes.runtime = kSliceNs;
  syscall(SYS_sched_setattr, 0, &attributes, 0);
#endif
}
#else
int current_core() { return -1; }
struct CoreSet {
  void leave(int) const {}
};
void ask_for_short_slices() {}
#endif

int spin_for(int threads) {
  static const int cores = default_thread_count();
  return threads <= cores ? kSpinUs : 0;
}

}  // namespace

struct alignas(64) ThreadTeam::Worker {
  Task task = nullptr;  // null: leave
  void* context = nullptr;
  int caller_core = -1;
  SignalWord ticket;  // its value shares the line of what is above
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
    workers_[i].ticket.store(workers_[i].ticket.load() + 1);
    workers_[i].thread.join();
  }
}

void ThreadTeam::work(ThreadTeam* team, Worker* worker, int rank) {
  const CoreSet cores;
  ask_for_short_slices();
  for (uint32_t ticket = 0;;) {
    worker->ticket.await_change(ticket, team->spin_us_);
    ++ticket;
    if (worker->task == nullptr) return;
    // With more threads than cores, sharing one is meant.
    if (team->spin_us_ > 0 && worker->caller_core >= 0 && current_core() == worker->caller_core) {
      cores.leave(worker->caller_core);
    }
    worker->task(worker->context, rank);
    team->pending_.decrement();
  }
}

void ThreadTeam::run(Task task, void* context, int threads) noexcept {
  if (threads > size_) threads = size_;
  if (threads <= 1) return task(context, 0);
  const int core = current_core();
  pending_.reset(static_cast<uint32_t>(threads - 1));
  for (int i = 0; i + 1 < threads; ++i) {
    Worker& worker = workers_[i];
    worker.task = task;
    worker.context = context;
    worker.caller_core = core;
    worker.ticket.store(worker.ticket.load() + 1);
  }
  task(context, 0);
  for (uint32_t left; (left = pending_.load()) != 0;) pending_.await_change(left, spin_us_);
}

void Barrier::reset(int parties) {
  parties_ = parties < 1 ? 1 : static_cast<uint32_t>(parties);
  arrived_.store(0, std::memory_order_relaxed);
  spin_us_ = spin_for(static_cast<int>(parties_));
}

void Barrier::wait() noexcept {
  if (parties_ == 1) return;
  const uint32_t phase = phase_.load();
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == parties_) {
    arrived_.store(0, std::memory_order_relaxed);
    phase_.store(phase + 1);
  } else {
    phase_.await_change(phase, spin_us_);
  }
}

}  // namespace rondo
