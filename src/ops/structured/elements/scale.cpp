#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// scale(x, shift, scale, power) {mode, channel_axis}: (x scale + shift) ^ power with 1-D constants.
//   mode 0 uniform: one weight for all   1 channel: one per index of channel_axis   2 elementwise: one per element of
//   the dimensions from channel_axis on. One weight alone always stands for all. C1 as many weights as the mode
//   demands, or one   C2 channel axis inside the rank   C3 one float type

namespace rondo::ops {
namespace {

enum Mode : int64_t { kUniform = 0, kChannel = 1, kElementwise = 2 };

/// Extents over which the weights differ: [1, .., C, .., 1] or [1, .., dims from the axis on].
ir::Dims weight_shape(ir::DimPool& dims, const ir::Attrs& attrs, const ir::TensorType& x) {
  ir::Dims shape(x.dims.size(), dims.constant(1));
  const int64_t mode = attrs.integer("mode");
  if (mode == kUniform) return shape;
  const auto axis = static_cast<size_t>(attrs.integer("channel_axis"));
  const size_t end = mode == kChannel ? axis + 1 : shape.size();
  for (size_t i = axis; i < end; ++i) shape[i] = dims.resolve(x.dims[i]);
  return shape;
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const ir::TensorType& x = in.operands[0].type;
  RONDO_CHECK(in.operands.size() == 4, in.operands.size(), " operands");
  require_float(in, 3, 0);
  require_same_dtype(in, 3);
  if (in.attrs.integer("mode") != kUniform) require_axis(in, 2, "channel_axis", x.rank());
  const ir::Dim wanted = in.dims.product(weight_shape(in.dims, in.attrs, x));
  constexpr const char* kNames[] = {"", "shift", "scale", "power"};
  for (size_t i = 1; i < 4; ++i) {
    const ir::Dim count = in.dims.product(in.operands[i].type.dims);
    if (in.dims.value_or_unknown(count) == 1 || in.dims.same(count, wanted)) continue;
    unify(in, 1, count, wanted,
          text("the number of ", kNames[i], " weights and what input ", type_text(in.dims, x), " demands"));
  }
  ir::ValueInfo result{x, {}};
  for (ir::Dim& dim : result.type.dims) dim = in.dims.resolve(dim);
  return {result};
}

bool all_equal(Expander& e, ir::ValueId weights, double value) {
  const ir::ConstantData* data = e.constant_of(weights);
  if (data == nullptr) return false;
  const int64_t count = static_cast<int64_t>(data->bytes.size() / dtype_bytes(data->dtype));
  const Tensor elements = from_bytes(data->dtype, {count}, data->bytes.data());
  return std::all_of(elements.data.begin(), elements.data.end(), [&](double v) { return v == value; });
}

void expand(Expander& e) {
  const ir::Op op = e.op();
  ir::DimPool& dims = e.graph().dims();
  const ir::TensorType x = e.type(op.operands[0]);
  const ir::Dims shape = weight_shape(dims, op.attrs, x);
  const auto apply = [&](tile::PointwiseFn fn, ir::ValueId v, ir::ValueId weights, double neutral) {
    if (all_equal(e, weights, neutral)) return v;
    const bool single = dims.value_or_unknown(dims.product(e.type(weights).dims)) == 1;
    const ir::ValueId placed = e.reshape(weights, single ? ir::Dims(shape.size(), dims.constant(1)) : shape);
    return e.pointwise(fn, {v, placed});
  };
  ir::ValueId v = apply(tile::PointwiseFn::f_mul, op.operands[0], op.operands[2], 1);
  v = apply(tile::PointwiseFn::f_add, v, op.operands[1], 0);
  e.replace(0, apply(tile::PointwiseFn::f_pow, v, op.operands[3], 1));
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  Tensor result = zeros(results[0]);
  const int64_t mode = op.attrs.integer("mode");
  const Index& dims = result.dims;
  size_t inner = 1, period = result.data.size();
  if (mode != kUniform) {
    const auto axis = static_cast<size_t>(op.attrs.integer("channel_axis"));
    size_t below = 1;
    for (size_t i = axis + 1; i < dims.size(); ++i) below *= static_cast<size_t>(dims[i]);
    inner = mode == kChannel ? below : 1;
    period = static_cast<size_t>(dims[axis]) * (mode == kChannel ? 1 : below);
  }
  for (size_t i = 0; i < result.data.size(); ++i) {
    const auto weight = [&](size_t operand) {
      return x[operand].data.size() == 1 ? x[operand].data[0] : x[operand].data[i / inner % period];
    };
    result.data[i] = std::pow(x[0].data[i] * weight(2) + weight(1), weight(3));
  }
  return {std::move(result)};
}

}  // namespace

OpDef define_scale() { return {infer, expand, reference}; }

}  // namespace rondo::ops
