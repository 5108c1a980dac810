#pragma once

#include "passes/pass.h"

namespace rondo::passes {

/// Makes one product of all products that read the same left operand.
/// Takes / Gives   products per gate, per head, … / one product with the right operands side by side, and column slices of it
/// Needs           right operands of rank 2 that are constants, or fixed around the loop
/// Establishes     no two such products of one region share their left operand; pointwise work that is the same on all
///                 columns is done on the whole; several iterated column slices of one tensor are one iterated tensor. Products
///                 that are network outputs or collected as they are stay alone: as slices they would have to be copied
/// Exact?          yes: columns of a product do not depend on each other
/// Why here        after batch_over_time, whose batched products are siblings too; also outside of loops (query, key, value)
/// Before → after  u = matmul(h, Ri);  v = matmul(h, Rf)   →   uv = matmul(h, concat(Ri, Rf));  u = uv[:, :n];  v = uv[:, n:]
bool merge_siblings(ir::Graph& graph, const PassOptions& options);

}  // namespace rondo::passes
