#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/cpu/structured/gather.h"
#include "kernels/cpu/structured/reduce.h"
#include "kernels/cpu/structured/topk.h"
#include "plan/program.h"
#include "runtime/cpu/bound.h"

namespace rondo::runtime {

/// A structured kernel bound to shapes: the counterpart of StageRunner.
/// Memory    references the program and the array of views, which must not move
class KernelRunner {
 public:
  /// Errors    kInvalidArgument if attributes, dtypes or dims of the operands do not fit the kernel; run() relies on it
  KernelRunner(const plan::Program& program, const plan::Kernel& kernel, std::span<const int64_t> exprs,
               const BoundView* views);

  /// Team size that pays for the work at these shapes.
  int useful_threads(int available) const;
  /// Bytes per thread, 8-byte aligned.
  size_t scratch_bytes() const { return scratch_bytes_; }
  /// Rough single-thread time, for splitting teams.
  double cost_ns() const;
  /// The share of rank `rank` of `size`. No barrier, no allocation.
  void run(const int64_t* slots, int rank, int size, std::byte* scratch) const noexcept;

  static constexpr int kMaxOperands = 3;
  static constexpr int kMaxValues = 64;

  /// What the functions of the kernel table fill in and read.
  struct Bound {
    const BoundView* operands[kMaxOperands] = {};
    kernels::ReduceShape reduce;
    kernels::Reduction reduction = kernels::Reduction::kSum;
    kernels::TopKShape topk;
    kernels::GatherShape gather;
    int rank = 0;
    int64_t dims[kernels::kMaxStridedRank] = {};
    int axis = 0;
    uint32_t slot = 0;
    int64_t values[kMaxValues] = {};
    int value_count = 0;
    int64_t units = 1;     ///< independent pieces a team can share
    int64_t elements = 0;  ///< read and written in all
  };
  struct Row;

 private:
  const Row* row_;
  Bound bound_;
  size_t scratch_bytes_ = 0;
};

}  // namespace rondo::runtime
