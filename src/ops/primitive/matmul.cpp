#include "base/error.h"
#include "ops/factors.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// matmul: a [.., M, K] x b [K, N] or [.., K, N] -> [.., M, N]. A b of rank 2 is shared by all leading indices of a.
// attr product (optional, a dtype): f32 takes factors as they are, bf16 rounds both to bf16 first; sums are f32 in any
// case. The result has a's type.
//   C1 rank(a) >= 2, rank(b) is 2 or rank(a)   C2 leading extents equal or 1   C3 K agrees
//   C4 one float type; with `product` b may have another one   C5 product is f32 or bf16

namespace rondo::ops {
namespace {

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const ir::TensorType& a = in.operands[0].type;
  const ir::TensorType& b = in.operands[1].type;
  if (a.rank() < 2 || (b.rank() != 2 && b.rank() != a.rank())) {
    refuse(in, 1, "operands ", operands_text(in),
           ": the first needs rank 2 or more, the second rank 2 or the first's rank");
  }
  check_factors(in, 4, 5);
  ir::ValueInfo result{a, {}};
  const size_t lead = a.dims.size() - 2;
  if (b.rank() == a.rank()) {
    for (size_t i = 0; i < lead; ++i) {
      if (in.dims.same(a.dims[i], b.dims[i])) continue;
      result.type.dims[i] = broadcast_dim(in, 2, a.dims[i], b.dims[i],
                                          text("leading extents ", i, " of ", operands_text(in), ", where not 1,"));
    }
  }
  const size_t b_lead = b.dims.size() - 2;
  if (!in.dims.same(a.dims[lead + 1], b.dims[b_lead])) {
    unify(in, 3, a.dims[lead + 1], b.dims[b_lead], text("inner extents of ", operands_text(in)));
  }
  result.type.dims[lead + 1] = b.dims[b_lead + 1];
  for (ir::Dim& dim : result.type.dims) dim = in.dims.resolve(dim);
  return {result};
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> operands,
                              std::span<const TensorShape> results) {
  const Tensor a = factor(op, operands[0]), b = factor(op, operands[1]);
  Tensor result = zeros(results[0]);
  const size_t lead = result.dims.size() - 2;
  const int64_t m = result.dims[lead], n = result.dims[lead + 1], k = a.dims[lead + 1];
  const Index lead_dims(result.dims.begin(), result.dims.begin() + static_cast<std::ptrdiff_t>(lead));
  Index a_strides = broadcast_strides(a.dims), b_strides = broadcast_strides(b.dims);
  a_strides.resize(lead);
  b_strides.resize(b.dims.size() - 2);
  b_strides.resize(lead, 0);
  int64_t at = 0;
  for_each_index(lead_dims, [&](const Index& index) {
    const double* x = a.data.data() + offset_of(index, a_strides);
    const double* y = b.data.data() + offset_of(index, b_strides);
    for (int64_t i = 0; i < m; ++i) {
      double* row = result.data.data() + at + i * n;
      for (int64_t p = 0; p < k; ++p) {
        for (int64_t j = 0; j < n; ++j) row[j] += x[i * k + p] * y[p * n + j];
      }
    }
    at += m * n;
  });
  return {std::move(result)};
}

}  // namespace

OpDef define_matmul() { return {infer, nullptr, reference}; }

}  // namespace rondo::ops
