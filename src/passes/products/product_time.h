#pragma once

#include "passes/pass.h"

namespace rondo::passes {

/// What the time of a product (matmul or conv) depends on, at the first profile's optimum shapes.
struct ProductSize {
  double multiplies = 0;  ///< multiply-adds
  double streamed =
      0;  ///< weights that pass by once per tile of rows. 0 for a conv: its weights stay near while pixels pass
  double rounded = 0;     ///< elements of the left factor
  double pair_steps = 0;  ///< multiply-adds of two products each; a k that is left over takes one alone
};
ProductSize product_size(const ir::Graph& graph, const ir::Op& op);

/// Cycles of one core for a product whose factors are of `type` (kFloat16: the weights). Counts instructions and bytes by facts of the
/// instruction set (TargetInfo), so that a named target always gets the same answer:
///   f32    max(multiply, 4 bytes of each weight)
///   f16    max(multiply, multiply and widen on all vector units, 2 bytes)
///   bf16   max(multiply / gain, 2 bytes) + rounding the left factor; without pairs: as f16, + rounding
/// `narrow_weights`: weights are stored in the type.
double product_cycles(const TargetInfo& target, const ProductSize& size, DType type, bool narrow_weights);

}  // namespace rondo::passes
