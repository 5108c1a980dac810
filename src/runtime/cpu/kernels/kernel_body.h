#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "kernels/cpu/structured/strided.h"
#include "plan/program.h"
#include "runtime/cpu/binding/operands.h"
#include "runtime/cpu/bound.h"
#include "runtime/plugin_host.h"

namespace rondo::runtime {

/// What a kernel sees when shapes are bound: its row of the plan and its operands' dims and views.
struct KernelBinding {
  const plan::Program& program;
  const plan::Kernel& kernel;
  std::span<const int64_t> exprs;     ///< values of Program::exprs
  std::span<const Operand> operands;  ///< with evaluated dims (`space`)
  const BoundView* views;             ///< by plan::ViewId; addresses change between runs, dtypes and strides do not
  PluginHost* plugins = nullptr;      ///< of the context; null: none is loaded

  const char* name() const { return plan::kernel_info(kernel.id).name; }
  const BoundView& view(size_t operand) const { return views[kernel.operands[operand]]; }
  DType dtype(size_t operand) const { return view(operand).dtype; }
  const std::vector<int64_t>& dims(size_t operand) const { return operands[operand].space; }
  /// Attribute number i; requires i < attrs.size(), see plan/kernel_table.def and require_attrs.
  int64_t attr(size_t i) const { return kernel.attrs[i]; }
  double real_attr(size_t i) const;
  int64_t expr(size_t i) const { return exprs[kernel.exprs[i]]; }

  /// Throws Error(kInvalidArgument) naming the kernel unless the condition holds: every plan may be hostile.
  void require(bool condition, const char* rule) const;
  void require_attrs(size_t attrs, size_t exprs = 0) const;
  /// Attribute number i as an axis below `rank`.
  int axis_attr(size_t i, size_t rank) const;
  /// The operand's elements are i32 or i64.
  void require_indices(size_t operand) const;
};

/// A kernel bound to shapes: units of work that a team shares. Made by bind_<name>, one per row of plan/kernel_table.def, which
/// checks attributes, dtypes and dims of the operands; run() relies on it. Views are in bounds already.
class KernelBody {
 public:
  virtual ~KernelBody() = default;
  /// Does units [first, last). No allocation, no exception, no barrier; ranks run disjoint ranges at the same time, so a unit writes what
  /// no other unit reads or writes. Bits of the result do not depend on the ranges.
  virtual void run(const int64_t* slots, int64_t first, int64_t last, std::byte* scratch) const noexcept = 0;

  int64_t units = 1;         ///< independent pieces a team can share; 0: nothing to do
  size_t scratch_bytes = 0;  ///< per thread
  double cost_ns = -1;       ///< on one thread; below 0: by the number of elements moved
  bool can_fail = false;     ///< run() may set `failed`, which ends the run of the program
  mutable std::atomic<bool> failed{false};
};

/// Address, dtype and byte strides of a view for the counters of the calling thread.
inline kernels::Strided strided(const BoundView& view, const int64_t* slots) {
  return {view.address(slots), view.dtype, view.active(slots).stride_bytes};
}

/// Copies dims to a fixed array; returns their number. Requires at most kernels::kMaxStridedRank.
int copy_dims(const std::vector<int64_t>& from, int64_t* to);

#define RONDO_KERNEL(name, ...) std::unique_ptr<KernelBody> bind_##name(const KernelBinding& binding);
#include "plan/kernel_table.def"
#undef RONDO_KERNEL

}  // namespace rondo::runtime
