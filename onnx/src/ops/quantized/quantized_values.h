/// Arithmetic that quantized operators share: everything but the network's own quantization layers.
#pragma once

#include "layers/build.h"

namespace rondo::onnx {

/// The values of a quantized type.
struct QuantizedRange {
  double least, most;
};

/// Errors    kUNSUPPORTED_NODE_DATATYPE unless the type is int8 or uint8
QuantizedRange quantized_range(Node const& node, DataType type);

/// Whether a zero point is left out, or a constant of zeros.
bool is_zero(Value const& zero_point);

ITensor& as_float(Context& context, ITensor& x);

/// x clamped to the range, in the type.
ITensor& clamp_to(Context& context, ITensor& x, QuantizedRange range, DataType type);

/// round(x / scale) + zero point, clamped; x and scale float, zero may be null.
ITensor& quantized(Context& context, ITensor& x, ITensor& scale, ITensor* zero, QuantizedRange range, DataType type);

}  // namespace rondo::onnx
