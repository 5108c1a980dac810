#pragma once

#include "passes/pass.h"

namespace rondo::passes {

/// Separates what a loop's sums know before the loop starts from what they learn in it.
/// Takes / Gives   bodies without invariant work / sums of the form  recurrent + (iterated + invariant)
/// Needs           variance; types
/// Establishes     in each sum of at most 4 terms that feeds a recurrence, terms of one variance are added first; a product
///                 of a concatenation of parts of unlike variance is a sum of products with row blocks of the weights. Sums that
///                 have that shape, or where nothing would move out of the loop, stay as written
/// Exact?          no: it reassociates sums (docs/design/0003-passes.md). Off under strict numerics
/// Why here        after hoist_invariants (what is invariant stands outside), before batch_over_time, which needs the iterated
///                 part as one value
/// Before → after  a = (matmul(x, W) + matmul(h, R)) + b   →   a = matmul(h, R) + (matmul(x, W) + b)
///                 matmul(concat(x, h), W)                 →   matmul(h, W[i:]) + matmul(x, W[:i])
bool split_sums(ir::Graph& graph, const PassOptions& options);

}  // namespace rondo::passes
