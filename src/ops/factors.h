#pragma once

#include "ops/infer.h"
#include "ops/tensor.h"

namespace rondo::ops {

/// Ops that multiply operand 0 by operand 1 and add up: matmul and conv. Attribute `product` (optional, a dtype): f32 takes factors as
/// they are, bf16 rounds both to bf16 first; with it operand 1 may be of another float type. Sums are f32 in any case.
/// Errors    constraint `types` unless all operands have the float type of the first (but for operand 1 with `product`); `products`
///           for another product than f32 or bf16
void check_factors(const InferInput& in, int types, int products);
/// A factor, rounded if the op says so.
Tensor factor(const ir::Op& op, const Tensor& tensor);

}  // namespace rondo::ops
