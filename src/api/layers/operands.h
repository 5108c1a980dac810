#pragma once

#include <string>
#include <vector>

#include "api/network/layer.h"

namespace rondo::api {

/// Brings operands that must have one type to one: mixed floats to f32, i32 with i64 to i64. Anything else, and every mix
/// in a strongly typed network, stays as it is for the op to refuse. `first` operands at the front are left alone.
void promote(const LayerNode& layer, Emitter& out, std::vector<Emitter::Ref>& operands, size_t first = 0);

/// The value of a 1-D shape operand, element by element; elements that only the run knows become data symbols
/// (Emitter::values_of).
ir::Dims shape_operand(const LayerNode& layer, Emitter& out, Emitter::Ref ref, const char* what);

/// The same, where every element must be a constant.
std::vector<int64_t> constant_operand(const LayerNode& layer, Emitter& out, Emitter::Ref ref, const char* what);

/// Public extents as constants of the pool.
ir::Dims to_inner(ir::DimPool& dims, const Dims& public_dims);
std::vector<int64_t> to_vector(const Dims& public_dims);

/// Weights as a constant of shape `dims`, converted to `to`. Empty weights give volume(dims) times `instead`.
Emitter::Ref weights_constant(const LayerNode& layer, Emitter& out, const Weights& weights,
                              const std::vector<int64_t>& dims, DType to, double instead = 0);

}  // namespace rondo::api
