#include "schedule/lowering/kernel_ops.h"

namespace rondo::schedule {

using ir::OpKind;
using plan::KernelId;

const KernelOp* find_kernel_op(OpKind op) {
  static const std::vector<KernelOp> kTable = {
      {OpKind::k_reduce, KernelId::k_reduce, {}},  // placed by Lowering::reduce
      {OpKind::k_gather, KernelId::k_gather, {}},  // placed by Lowering::gather
      {OpKind::k_topk, KernelId::k_topk, {"op", "axis", "k"}},
      {OpKind::k_conv, KernelId::k_conv, {"strides", "dilations", "input_dilations", "groups", "product", "pre"}},
      {OpKind::k_reduce_window, KernelId::k_reduce_window, {"op", "window", "strides", "dilations", "pre"}},
      {OpKind::k_sampled_slice, KernelId::k_sampled_slice, {"mode", "start", "stride"}},
      {OpKind::k_scatter, KernelId::k_scatter, {"mode", "axis"}},
      {OpKind::k_scan, KernelId::k_scan, {"op", "axis", "exclusive", "reverse"}},
      {OpKind::k_random, KernelId::k_random, {"distribution", "seed"}},
      {OpKind::k_resize,
       KernelId::k_resize,
       {"mode", "transform", "selector", "rounding", "cubic_coeff", "exclude_outside"}},
      {OpKind::k_grid_sample, KernelId::k_grid_sample, {"mode", "padding", "align_corners"}},
      {OpKind::k_find_nonzero, KernelId::k_find_nonzero, {}},
      {OpKind::k_select_boxes, KernelId::k_select_boxes, {"format", "topk", "max"}},
      {OpKind::k_plugin, KernelId::k_plugin, {"plugin", "outputs", "told_ranks", "aliases", "told"}},
  };
  for (const KernelOp& row : kTable) {
    if (row.op == op) return &row;
  }
  return nullptr;
}

}  // namespace rondo::schedule
