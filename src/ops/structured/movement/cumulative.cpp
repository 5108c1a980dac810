#include "ops/infer.h"
#include "ops/op_list.h"

// cumulative(x) {axis, op, exclusive, reverse}: running totals along an axis; the primitive `scan` in the API's name.
//   C1 axis inside the rank   C2 x is f32, f16, bf16, i32 or i64   C3 op is rondo::CumulativeOperation: 0 sum

namespace rondo::ops {
namespace {

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const ir::TensorType& x = in.operands[0].type;
  require_axis(in, 1, "axis", x.rank());
  if (!is_float(x.dtype) && x.dtype != DType::kInt32 && x.dtype != DType::kInt64) {
    refuse(in, 2, operands_text(in), " cannot be summed; cast to a float type, i32 or i64");
  }
  if (in.attrs.integer("op") != 0) {
    refuse(in, 3, "there is no cumulative operation ", in.attrs.integer("op"), ", only kSUM");
  }
  return op_def(ir::OpKind::k_scan).infer(in);
}

void expand(Expander& e) { e.replace(0, e.add(ir::OpKind::k_scan, e.op().attrs, {e.operand(0)})); }

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  return op_def(ir::OpKind::k_scan).reference(op, x, results);
}

}  // namespace

OpDef define_cumulative() { return {infer, expand, reference}; }

}  // namespace rondo::ops
