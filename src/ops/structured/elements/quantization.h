#pragma once

#include "ops/op_def.h"
#include "ops/reference.h"

namespace rondo::ops {

/// What quantize and dequantize share: x, scale and an optional zero point; attributes `axis` (-1: none), `block` (extents of
/// a block, empty: not given). The scale is a scalar or one element, a 1-D tensor along `axis`, or has x's rank and one element
/// per block of x.
/// C1 scale float   C2 scale fits x   C4 the zero point is constant, i8 and zero.
void check_scale(const InferInput& in);

/// The scale as f32 in a shape that broadcasts against x. Checks a zero point whose elements infer could not see.
ir::ValueId spread_scale(Expander& e);

/// For every element of x the index of its scale.
Index scale_indices(const ir::Attrs& attrs, const Index& x, const Index& scale);

}  // namespace rondo::ops
