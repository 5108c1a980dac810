#pragma once

#include "ir/graph.h"

namespace rondo::schedule {

/// Splits a product of which pointwise ops read column slices of unequal widths into one product per slice. Equal widths become
/// gates of one stage as they are; unequal ones would send the whole product through memory. The parts still fuse into one stage
/// where they meet. Part of phase fuse_tails.
/// Before  v = matmul(h, R) : [B, 3H];  zr = slice(v, 0, 2H);  n = slice(v, 2H, H)
/// After   zr = matmul(h, slice(R, 0, 2H));  n = matmul(h, slice(R, 2H, H))
void split_products(ir::Graph& graph);

}  // namespace rondo::schedule
