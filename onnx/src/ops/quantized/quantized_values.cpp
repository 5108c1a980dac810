#include "ops/quantized/quantized_values.h"

#include <algorithm>

namespace rondo::onnx {

using E = ElementWiseOperation;

QuantizedRange quantized_range(Node const& node, DataType type) {
  if (type == DataType::kINT8) return {-128, 127};
  node.require(type == DataType::kUINT8, ErrorCode::kUNSUPPORTED_NODE_DATATYPE,
               text("values are quantized to int8 and uint8, not to ", type_name(type)));
  return {0, 255};
}

bool is_zero(Value const& zero_point) {
  if (zero_point.absent()) return true;
  if (!zero_point.is_constant()) return false;
  const std::vector<double> values = zero_point.constant()->to_reals();
  return std::all_of(values.begin(), values.end(), [](double v) { return v == 0; });
}

ITensor& as_float(Context& context, ITensor& x) { return cast(context, x, DataType::kFLOAT); }

ITensor& clamp_to(Context& context, ITensor& x, QuantizedRange range, DataType type) {
  ITensor& low = binary(context, x, range.least, E::kMAX);
  return cast(context, binary(context, low, range.most, E::kMIN), type);
}

ITensor& quantized(Context& context, ITensor& x, ITensor& scale, ITensor* zero, QuantizedRange range, DataType type) {
  ITensor& steps = unary(context, binary(context, x, scale, E::kDIV), UnaryOperation::kROUND);
  return clamp_to(context, zero ? binary(context, steps, as_float(context, *zero), E::kSUM) : steps, range, type);
}

}  // namespace rondo::onnx
