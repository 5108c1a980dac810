#include "ops/factors.h"

#include "base/half.h"

namespace rondo::ops {

void check_factors(const InferInput& in, int types, int products) {
  require_float(in, types, 0);
  if (!in.attrs.has("product")) return require_same_dtype(in, types);
  require_float(in, types, 1);
  const DType first = in.operands[0].type.dtype;
  for (size_t i = 2; i < in.operands.size(); ++i) {
    if (in.operands[i].type.dtype == first) continue;
    refuse(in, types, operands_text(in), ": operand ", i, " needs the type of the first");
  }
  const auto product = static_cast<DType>(in.attrs.integer("product"));
  if (product != DType::kFloat32 && product != DType::kBFloat16) {
    refuse(in, products, "factors are rounded to bf16 or not at all, not to type ", in.attrs.integer("product"));
  }
}

Tensor factor(const ir::Op& op, const Tensor& tensor) {
  Tensor rounded = tensor;
  if (op.attrs.has("product") && static_cast<DType>(op.attrs.integer("product")) == DType::kBFloat16) {
    for (double& x : rounded.data) x = bfloat16_to_float(float_to_bfloat16(static_cast<float>(x)));
  }
  return rounded;
}

}  // namespace rondo::ops
