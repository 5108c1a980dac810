#include "base/thread_team.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace rondo {
namespace {

struct Sums {
  std::vector<int64_t> by_rank;
  std::atomic<int> runs{0};
};

void count_rank(void* context, int rank) noexcept {
  auto* sums = static_cast<Sums*>(context);
  ++sums->by_rank[rank];
  sums->runs.fetch_add(1, std::memory_order_relaxed);
}

TEST(ThreadTeam, RunsEveryRankOnce) {
  for (int size : {1, 2, 3, 8}) {
    ThreadTeam team(size);
    EXPECT_EQ(team.size(), size);
    for (int threads = 1; threads <= size; ++threads) {
      Sums sums;
      sums.by_rank.assign(size, 0);
      for (int i = 0; i < 50; ++i) team.run(count_rank, &sums, threads);
      for (int rank = 0; rank < size; ++rank) EXPECT_EQ(sums.by_rank[rank], rank < threads ? 50 : 0);
    }
  }
}

TEST(ThreadTeam, ClampsThreads) {
  ThreadTeam team(2);
  Sums sums;
  sums.by_rank.assign(2, 0);
  team.run(count_rank, &sums, 100);
  team.run(count_rank, &sums, 0);
  EXPECT_EQ(sums.runs.load(), 3);
}

TEST(ThreadTeam, WakesParkedWorkers) {
  ThreadTeam team(3);
  Sums sums;
  sums.by_rank.assign(3, 0);
  for (int i = 0; i < 5; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    team.run(count_rank, &sums, 3);
  }
  EXPECT_EQ(sums.runs.load(), 15);
}

struct Exchange {
  explicit Exchange(int n) : barrier(n), values(n, 0), n(n) {}
  Barrier barrier;
  std::vector<int64_t> values;  // written by its rank, read by all: the barrier orders it
  int n;
  std::atomic<int> wrong{0};
};

void exchange(void* context, int rank) noexcept {
  auto* x = static_cast<Exchange*>(context);
  for (int64_t step = 1; step <= 300; ++step) {
    x->values[rank] = step * 100 + rank;
    x->barrier.wait();
    for (int other = 0; other < x->n; ++other) x->wrong += x->values[other] != step * 100 + other;
    x->barrier.wait();
  }
}

TEST(Barrier, OrdersWritesAlsoWithMoreThreadsThanCores) {
  for (int size : {1, 2, 3, 8}) {
    ThreadTeam team(size);
    Exchange x(size);
    for (int i = 0; i < 3; ++i) team.run(exchange, &x, size);
    EXPECT_EQ(x.wrong.load(), 0);
  }
}

TEST(Barrier, ResetChangesTheNumberOfParties) {
  Barrier barrier;
  barrier.wait();
  barrier.reset(3);
  EXPECT_EQ(barrier.parties(), 3);
  barrier.reset(0);
  EXPECT_EQ(barrier.parties(), 1);
  barrier.wait();
}

/// Threads that never give up their core.
class BusyNeighbours {
 public:
  explicit BusyNeighbours(int count) {
    for (int i = 0; i < count; ++i) {
      threads_.emplace_back([this] {
        while (!over_.load(std::memory_order_relaxed)) {
        }
      });
    }
  }
  ~BusyNeighbours() {
    over_.store(true, std::memory_order_relaxed);
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::atomic<bool> over_{false};
  std::vector<std::thread> threads_;
};

struct Meetings {
  Barrier barrier;
  int count = 0;
};

void meet_often(void* context, int) noexcept {
  auto* meetings = static_cast<Meetings*>(context);
  for (int i = 0; i < meetings->count; ++i) meetings->barrier.wait();
}

/// Seconds that `size` threads take for `runs` runs of `count` barriers each.
double seconds_of(int size, int runs, int count) {
  ThreadTeam team(size);
  Meetings meetings;
  meetings.barrier.reset(size);
  meetings.count = count;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < runs; ++i) team.run(meet_often, &meetings, size);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Hundreds of barriers beside two busy threads per core. A wait that yields its time slice, or whose wake-up waits for
/// the slice of another thread to end, takes milliseconds for each; what is allowed here is 0.5 ms, on the best of a few tries.
TEST(Barrier, DoesNotCrawlBesideBusyThreads) {
  const int cores = default_thread_count();
  const BusyNeighbours neighbours(2 * cores);
  for (int size : {cores + 1, 4 * cores}) {
    double best = 1e9;
    for (int i = 0; i < 4 && best > 0.25; ++i) best = std::min(best, seconds_of(size, 5, 100));
    EXPECT_LE(best, 0.25) << size << " threads";
  }
}

/// Whoever parks while the last one arrives must be woken: all delays between the two, many times.
TEST(Barrier, LosesNoWakeUp) {
  for (int size : {2, 3, 8}) {
    ThreadTeam team(size);
    struct Late {
      Barrier barrier;
      std::atomic<int64_t> met{0};
    } late;
    late.barrier.reset(size + 1);  // the test's own thread is the last to arrive
    std::thread last([&] {
      for (int i = 0; i < 4000; ++i) {
        const auto until = std::chrono::steady_clock::now() + std::chrono::nanoseconds((i * 37) % 20000);
        while (std::chrono::steady_clock::now() < until) {
        }
        late.barrier.wait();
      }
    });
    team.run(
        [](void* context, int) noexcept {
          auto* late = static_cast<Late*>(context);
          for (int i = 0; i < 4000; ++i) late->barrier.wait();
          ++late->met;
        },
        &late, size);
    last.join();
    EXPECT_EQ(late.met.load(), size);
  }
}

TEST(ThreadCount, IsPositiveAndWithinTheMachine) {
  EXPECT_GE(default_thread_count(), 1);
  EXPECT_LE(default_thread_count(), static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
}

}  // namespace
}  // namespace rondo
