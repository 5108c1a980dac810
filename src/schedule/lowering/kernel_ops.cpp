#include "schedule/lowering/kernel_ops.h"

namespace rondo::schedule {

using ir::OpKind;
using plan::KernelId;

const KernelOp* find_kernel_op(OpKind op) {
  static const std::vector<KernelOp> kTable = {
      {OpKind::k_reduce, KernelId::k_reduce, {}},  // placed by Lowering::reduce
      {OpKind::k_gather, KernelId::k_gather, {}},  // placed by Lowering::gather
      {OpKind::k_topk, KernelId::k_topk, {"op", "axis", "k"}},
      {OpKind::k_scatter, KernelId::k_scatter, {"mode", "axis"}},
      {OpKind::k_find_nonzero, KernelId::k_find_nonzero, {}},
  };
  for (const KernelOp& row : kTable) {
    if (row.op == op) return &row;
  }
  return nullptr;
}

}  // namespace rondo::schedule
