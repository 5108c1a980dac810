// Spinning and parking.
//
// A parked thread must not miss the change it waits for. It counts itself in, then asks the system to sleep if the word
// still has the old value; whoever changes the word then looks at the count. Each side writes one word and reads the
// other, so the write must be visible before the read on both sides: sequential consistency, not acquire and release. A
// release store may still sit in the core's store buffer while the count is read as 0, and the thread that parks in
// that moment sleeps for ever. (std::atomic's notify leaves that to the store before it.)
//
// There is no sched_yield() on the way to the park, which std::atomic::wait has. Beside a busy process a yield gives
// away a whole time slice, so that one meeting of two threads takes milliseconds; a parked thread that is woken has
// waited for its turn and gets it soon.
#include "base/signal_word.h"

#include <chrono>
#include <climits>

#ifdef __linux__
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace rondo {
namespace {

void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// True if the word has changed; false when the time is over.
bool spin(const std::atomic<uint32_t>& word, uint32_t old, int spin_us) noexcept {
  for (int i = 0; i < 256; ++i) {
    if (word.load(std::memory_order_acquire) != old) return true;
    relax();
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(spin_us);
  do {
    for (int i = 0; i < 32; ++i) {
      if (word.load(std::memory_order_acquire) != old) return true;
      relax();
    }
  } while (std::chrono::steady_clock::now() < until);
  return false;
}

#ifdef __linux__
static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t), "the system reads the word itself");

void sleep_while(std::atomic<uint32_t>& word, uint32_t value) noexcept {
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
}
void wake_sleepers(std::atomic<uint32_t>& word) noexcept {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}
#else
void sleep_while(std::atomic<uint32_t>& word, uint32_t value) noexcept { word.wait(value, std::memory_order_seq_cst); }
void wake_sleepers(std::atomic<uint32_t>& word) noexcept { word.notify_all(); }
#endif

}  // namespace

void SignalWord::await_change(uint32_t old, int spin_us) noexcept {
  if (load() != old || (spin_us > 0 && spin(value_, old, spin_us))) return;
  parked_.fetch_add(1, std::memory_order_seq_cst);
  while (value_.load(std::memory_order_seq_cst) == old) sleep_while(value_, old);
  parked_.fetch_sub(1, std::memory_order_relaxed);
}

void SignalWord::wake_parked() noexcept { wake_sleepers(value_); }

}  // namespace rondo
