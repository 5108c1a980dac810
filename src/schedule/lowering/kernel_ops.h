#pragma once

#include <vector>

#include "ir/graph.h"
#include "plan/kernel_table.h"

namespace rondo::schedule {

/// A primitive op that one kernel computes. The kernel's operands are the op's operands and results in order, each with its dims;
/// `attrs` names the attributes the kernel is given, in that order: integers, reals (as bits) and lists to Kernel::attrs,
/// Dims to Kernel::exprs. An attribute the op lacks is left out.
struct KernelOp {
  ir::OpKind op;
  plan::KernelId kernel;
  std::vector<const char*> attrs;
};

/// The row of an op, or null if it is no kernel.
const KernelOp* find_kernel_op(ir::OpKind op);

}  // namespace rondo::schedule
