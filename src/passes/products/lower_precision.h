#pragma once

#include "passes/pass.h"

namespace rondo::passes {

/// Computes products (matmul, conv) on narrower factors where the builder allows it and the target is faster for it, or where
/// PrecisionChoice::choose takes them.
/// Takes / Gives   products of f32 / the same products, of factors rounded to bf16 or with constant weights rounded to f16; results
///                 and sums stay f32, and no other op changes
/// Needs           constants folded: what is a constant right operand becomes a constant of the narrow type
/// Establishes     attribute `product` on every product that was changed; weights of the plan in the type they are read in
/// Exact?          no: factors have 8 (bf16) or 11 (f16) bits. Weights beyond f16's range stay as they are
/// Why here        after cleanup: weights stand as they will be stored. Before what only arranges loops
/// Before → after  matmul(%x, %w)   →   matmul(%x, %w16) {product = 7}, %w16 = constant bf16
bool lower_precision(ir::Graph& graph, const PassOptions& options);

}  // namespace rondo::passes
