#pragma once

#include "passes/pass.h"

namespace rondo::passes {

/// Evaluates ops whose operands are constants, and ops whose elements are known integers.
/// Takes / Gives   primitive ops with types / fewer ops, more constants
/// Needs           contents
/// Establishes     no movement op (transpose, reshape, slice, concat) has a constant operand only, but large transposes that are
///                 only right operands of products: weights are packed from any strides, and merge_siblings copies several into
///                 place at once; small integer results with known elements are constants. A result larger than its operands
///                 together (a broadcast) stays an op
/// Why here        after infer_shapes (contents), before normalise, whose rules look for constants; again in the cleanup for the
///                 constants that passes make
/// Before → after  %1 = constant [7, 5];  %2 = transpose(%1) {perm = [1, 0]}   →   %2 = constant [5, 7]
bool fold_constants(ir::Graph& graph, const PassOptions& options);

}  // namespace rondo::passes
