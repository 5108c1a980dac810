#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "plan/program.h"
#include "runtime/cpu/bound.h"
#include "runtime/cpu/kernels/kernel_body.h"

namespace rondo::runtime {

/// A structured kernel bound to shapes: the counterpart of StageRunner.
/// Memory    references the program and the array of views, which must not move
class KernelRunner {
 public:
  /// Errors    kInvalidArgument if attributes, dtypes or dims of the operands do not fit the kernel; run() relies on it
  KernelRunner(const plan::Program& program, const plan::Kernel& kernel, std::span<const int64_t> exprs,
               const BoundView* views, PluginHost* plugins = nullptr);

  /// Team size that pays for the work at these shapes.
  int useful_threads(int available) const;
  /// Bytes per thread, 8-byte aligned.
  size_t scratch_bytes() const { return (body_->scratch_bytes + 7) / 8 * 8; }
  /// Rough single-thread time, for splitting teams.
  double cost_ns() const;
  /// The share of rank `rank` of `size`. No barrier, no allocation.
  void run(const int64_t* slots, int rank, int size, std::byte* scratch) const noexcept;
  bool can_fail() const { return body_->can_fail; }
  /// True once after a run() that failed.
  bool take_failure() const noexcept { return can_fail_ && body_->failed.exchange(false, std::memory_order_relaxed); }

 private:
  std::unique_ptr<KernelBody> body_;
  bool can_fail_ = false;                  ///< that of the body, at hand
  std::vector<const BoundView*> guarded_;  ///< views that may forbid the step
  double elements_ = 0;                    ///< of the largest operand
};

}  // namespace rondo::runtime
