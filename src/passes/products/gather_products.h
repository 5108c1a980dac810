#pragma once

#include "passes/pass.h"

namespace rondo::passes {

/// Replaces products of gathered constant rows by gathered rows of the product.
/// Takes / Gives   matmul of rows that a gather picks from a constant table / a gather from the table times the weights
/// Needs           constant weights; merged siblings
/// Establishes     no product with constant weights has a left operand that is rows of a constant table, unless the new table were larger
///                 than the constants that nobody reads any more, or too much work for a build
/// Exact?          no: an element is added up in double and rounded once. Off under strict numerics
/// Why here        after batch_over_time and merge_siblings: products of a table with the weights of several gates, or of all steps at
///                 once, are one product and become one gather
/// Before → after  x = gather(E, i);  y = matmul(x, W)   →   y = gather(E W, i)
bool gather_products(ir::Graph& graph, const PassOptions& options);

}  // namespace rondo::passes
