#pragma once

#include <map>
#include <string>

#include "api/network/emitter.h"

namespace rondo::api {

/// Scale (real value per integer step) of each tensor by name.
using TensorScales = std::map<std::string, float>;

/// Makes a convolution, fully connected layer or matrix product run on operands rounded to 8 bits: an operand with a scale passes
/// through quantize and dequantize, constant weights are rounded here, with a scale per output channel.
/// Takes     the op that results in `product`, its first two operands f32; `scales[i]` of operand i, 0 where it has none
/// Gives     true if both operands are rounded; otherwise the op is left as it was
bool round_operands(ir::Graph& graph, GraphEmitter& out, ir::ValueId product, const float (&scales)[2]);

}  // namespace rondo::api
