#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// parametric_relu(x, slope): x < 0 ? slope x : x.
//   C1 equal ranks   C2 each extent of slope is that of x or 1   C3 one float type

namespace rondo::ops {
namespace {

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const ir::TensorType &x = in.operands[0].type, &slope = in.operands[1].type;
  require_float(in, 3, 0);
  require_same_dtype(in, 3);
  if (x.rank() != slope.rank()) {
    refuse(in, 1, "operands ", operands_text(in), " differ in rank; give the slope dimensions of 1 with a shuffle");
  }
  ir::ValueInfo result{x, {}};
  const ir::Dim one = in.dims.constant(1);
  for (size_t i = 0; i < x.dims.size(); ++i) {
    const bool repeated = in.dims.same(slope.dims[i], one);
    if (!repeated && !in.dims.same(x.dims[i], slope.dims[i])) {
      unify(in, 2, x.dims[i], slope.dims[i],
            text("extents of dimension ", i, " of ", operands_text(in), ", where the slope's is not 1,"));
    }
    result.type.dims[i] = in.dims.resolve(x.dims[i]);
  }
  return {result};
}

void expand(Expander& e) {
  const ir::ValueId x = e.operand(0);
  const ir::ValueId below = e.pointwise(tile::PointwiseFn::f_less, {x, e.scalar_like(x, 0)});
  const ir::ValueId scaled = e.pointwise(tile::PointwiseFn::f_mul, {e.operand(1), x});
  e.replace(0, e.pointwise(tile::PointwiseFn::f_select, {below, scaled, x}));
}

std::vector<Tensor> reference(const ir::Op&, std::span<const Tensor> x, std::span<const TensorShape> results) {
  Tensor result = zeros(results[0]);
  const Index slopes = broadcast_strides(x[1].dims);
  size_t at = 0;
  for_each_index(result.dims, [&](const Index& index) {
    const double v = x[0].data[at];
    result.data[at++] = v < 0 ? x[1].data[static_cast<size_t>(offset_of(index, slopes))] * v : v;
  });
  return {std::move(result)};
}

}  // namespace

OpDef define_parametric_relu() { return {infer, expand, reference}; }

}  // namespace rondo::ops
