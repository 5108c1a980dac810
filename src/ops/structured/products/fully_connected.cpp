#include "base/error.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// fully_connected(x [N.., C, H, W], kernel [K, V] constant, bias [K] constant or absent) {outputs = K} -> [N.., K, 1,
// 1]: y = x . kernel^T + bias over the last three dimensions flattened, V = C H W.
//   C1 rank(x) >= 3   C2 K V kernel weights   C3 K bias weights   C4 one float type   C5 K >= 1

namespace rondo::ops {
namespace {

constexpr size_t kSample = 3;  // trailing dimensions that make one sample

ir::Dim sample_volume(ir::DimPool& dims, const ir::TensorType& x) {
  return dims.resolve(dims.product(std::span(x.dims).last(kSample)));
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const ir::TensorType& x = in.operands[0].type;
  const ir::Dim outputs = in.dims.constant(in.attrs.integer("outputs"));
  require_float(in, 4, 0);
  require_same_dtype(in, 4);
  if (in.attrs.integer("outputs") < 1) refuse(in, 5, "the number of outputs is ", in.attrs.integer("outputs"));
  if (x.rank() < 3) refuse(in, 1, "the input is ", type_text(in.dims, x), ", rank 3 or more is needed");
  const ir::Dim kernel = in.dims.product(in.operands[1].type.dims);
  if (!in.dims.same(kernel, in.dims.mul(outputs, sample_volume(in.dims, x)))) {
    unify(in, 2, kernel, in.dims.mul(outputs, sample_volume(in.dims, x)),
          text("the number of kernel weights and outputs x volume of a sample of ", type_text(in.dims, x)));
  }
  if (in.operands.size() > 2)
    unify(in, 3, in.dims.product(in.operands[2].type.dims), outputs, "bias weights and outputs");
  ir::ValueInfo result{x, {}};
  result.type.dims.resize(x.dims.size() - kSample);
  for (ir::Dim& dim : result.type.dims) dim = in.dims.resolve(dim);
  for (ir::Dim dim : {outputs, in.dims.constant(1), in.dims.constant(1)}) result.type.dims.push_back(dim);
  return {result};
}

void expand(Expander& e) {
  const ir::Op op = e.op();
  ir::DimPool& dims = e.graph().dims();
  const ir::Dim outputs = dims.constant(op.attrs.integer("outputs"));
  const ir::TensorType x = e.type(op.operands[0]);
  const ir::Dim volume = sample_volume(dims, x);
  ir::Dims rows(x.dims.begin(), x.dims.end() - kSample);
  if (rows.empty()) rows.push_back(dims.constant(1));
  rows.push_back(volume);
  const ir::ValueId kernel = e.transpose(e.reshape(op.operands[1], {outputs, volume}), {1, 0});
  ir::ValueId y = e.add(ir::OpKind::k_matmul, {}, {e.reshape(op.operands[0], rows), kernel});
  if (op.operands.size() > 2) {
    ir::Dims row(rows.size(), dims.constant(1));
    row.back() = outputs;
    y = e.pointwise(tile::PointwiseFn::f_add, {y, e.reshape(op.operands[2], row)});
  }
  e.replace(0, e.reshape(y, e.type(op.results[0]).dims));
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  Tensor result = zeros(results[0]);
  const auto outputs = static_cast<size_t>(op.attrs.integer("outputs"));
  const size_t volume = x[1].data.size() / outputs;
  for (size_t i = 0; i < result.data.size(); ++i) {
    const size_t sample = i / outputs, unit = i % outputs;
    double sum = x.size() > 2 ? x[2].data[unit] : 0;
    for (size_t v = 0; v < volume; ++v) sum += x[0].data[sample * volume + v] * x[1].data[unit * volume + v];
    result.data[i] = sum;
  }
  return {std::move(result)};
}

}  // namespace

OpDef define_fully_connected() { return {infer, expand, reference}; }

}  // namespace rondo::ops
