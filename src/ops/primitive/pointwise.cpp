#include "base/error.h"
#include "ops/contents.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// pointwise: one function of tile/op_table.def applied element by element.
//   attrs    fn (name in the table), to (dtype, cast only)
//   C1 equal ranks   C2 extents equal or 1   C3 dtypes fit the function's signature

namespace rondo::ops {
namespace {

tile::PointwiseFn function_of(const ir::Attrs& attrs) {
  tile::PointwiseFn fn;
  RONDO_CHECK(tile::parse_pointwise(attrs.string("fn"), &fn), "no pointwise function ", attrs.string("fn"));
  return fn;
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const tile::PointwiseFn fn = function_of(in.attrs);
  ir::ValueInfo result;
  result.type.dtype = pointwise_dtype(in, 3, fn);
  result.type.dims = broadcast_operands(in, 1, 2);
  result.contents = pointwise_contents(in.dims, fn, result.type, in.operands);
  return {result};
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> operands,
                              std::span<const TensorShape> results) {
  const tile::PointwiseFn fn = function_of(op.attrs);
  const bool is_cast = fn == tile::PointwiseFn::f_cast;
  const DType computed = is_cast ? results[0].dtype : operands.back().dtype;
  const tile::ValueType type = tile::value_type(computed);
  Tensor result = zeros(results[0]);
  std::vector<Index> strides;
  for (const Tensor& operand : operands) strides.push_back(broadcast_strides(operand.dims));
  size_t at = 0;
  for_each_index(result.dims, [&](const Index& index) {
    std::array<double, 3> x{};
    for (size_t i = 0; i < operands.size(); ++i)
      x[i] = operands[i].data[static_cast<size_t>(offset_of(index, strides[i]))];
    double& to = result.data[at++];
    if (is_cast) {
      to = is_float(computed) ? x[0] : round_to(computed, x[0]);
    } else {
      to = stored(result.dtype, tile::evaluate(fn, type, x));
    }
  });
  return {std::move(result)};
}

}  // namespace

OpDef define_pointwise() { return {infer, nullptr, reference}; }

}  // namespace rondo::ops
