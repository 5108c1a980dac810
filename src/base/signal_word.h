#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace rondo {

/// A number that threads wait on until another thread changes it. Waiting spins for a bounded time, then parks in the
/// system and costs nothing; changing it costs a load more than an atomic while nobody is parked.
/// Memory    value first: what stands just before it travels with it from core to core
/// Threads    all calls from any thread. What was written before a change is seen by who has seen the change
class SignalWord {
 public:
  explicit SignalWord(uint32_t value = 0) : value_(value) {}

  uint32_t load() const noexcept { return value_.load(std::memory_order_acquire); }
  /// Changes it while nobody waits.
  void reset(uint32_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  /// Changes it and wakes who waits.
  void store(uint32_t value) noexcept {
    value_.store(value, std::memory_order_seq_cst);
    wake();
  }
  /// Counts down, and wakes who waits when it arrives at 0.
  void decrement() noexcept {
    if (value_.fetch_sub(1, std::memory_order_seq_cst) == 1) wake();
  }
  /// Returns when it differs from `old`; a parked thread may see a countdown only when it ends. spin_us 0 parks at once.
  void await_change(uint32_t old, int spin_us) noexcept;

 private:
  void wake() noexcept {
    if (parked_.load(std::memory_order_seq_cst) != 0) wake_parked();
  }
  void wake_parked() noexcept;

  std::atomic<uint32_t> value_;
  std::byte distance_[60];           ///< who spins takes the line of value_ away just when the count is read
  std::atomic<uint32_t> parked_{0};  ///< threads that wait and do not spin
};

}  // namespace rondo
