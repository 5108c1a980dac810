// Matrix products.

#include <algorithm>

#include "layers/build.h"
#include "ops/op_table.h"

namespace rondo::onnx {
namespace {

using E = ElementWiseOperation;
using M = MatrixOperation;

void require_real(Node const& node, ITensor& x) {
  const DataType type = x.getType();
  node.require(type == DataType::kFLOAT || type == DataType::kHALF || type == DataType::kBF16,
               ErrorCode::kUNSUPPORTED_NODE_DATATYPE,
               text("matrices of ", type_name(type), " are not multiplied; cast them to float"));
}

/// A factor as a layer takes it.
struct Factor {
  ITensor& tensor;
  bool transposed;
};

/// A matrix that the file holds the other way round stays as it is there.
Factor factor(Context& context, Value const& value) {
  const bool turned = value.is_constant() && value.constant()->matrix();
  return {to_tensor(context, turned ? Value(value.constant()->matrix()) : value), turned};
}

M turned_if(bool transposed) { return transposed ? M::kTRANSPOSE : M::kNONE; }

/// NumPy's matmul: one dimension is a vector, leading dimensions broadcast.
Values import_matmul(Context& context, Node& node) {
  const auto [a, a_turned] = factor(context, node.input(0));
  const auto [b, b_turned] = factor(context, node.input(1));
  require_real(node, a);
  const int32_t rank_a = rank_of(a);
  const int32_t rank_b = rank_of(b);
  node.require(rank_a > 0 && rank_b > 0, ErrorCode::kINVALID_NODE, text("scalars: ", node.input_types()));
  const int32_t batch = std::max({rank_a - 2, rank_b - 2, 0});
  const bool row = rank_a == 1;
  const bool column = rank_b == 1;
  return {matmul(context, with_rank(context, a, batch + (row ? 1 : 2)), row ? M::kVECTOR : turned_if(a_turned),
                 with_rank(context, b, batch + (column ? 1 : 2)), column ? M::kVECTOR : turned_if(b_turned))};
}

Values import_gemm(Context& context, Node& node) {
  const float alpha = node.attributes.real("alpha", 1);
  const float beta = node.attributes.real("beta", 1);
  const bool transpose_a = node.attributes.flag("transA", false);
  const bool transpose_b = node.attributes.flag("transB", false);
  const auto [a, a_turned] = factor(context, node.input(0));
  const auto [b, b_turned] = factor(context, node.input(1));
  require_real(node, a);
  node.require(rank_of(a) == 2 && rank_of(b) == 2, ErrorCode::kINVALID_NODE,
               text("matrices are needed: ", node.input_types()));
  ITensor* y = &matmul(context, a, turned_if(transpose_a != a_turned), b, turned_if(transpose_b != b_turned));
  if (alpha != 1) y = &binary(context, *y, alpha, E::kPROD);
  if (!node.has_input(2) || beta == 0) return {*y};
  ITensor* c = &to_tensor(context, node.input(2));
  node.require(rank_of(*c) <= 2, ErrorCode::kINVALID_NODE,
               text("C has more than two dimensions: ", node.input_types()));
  if (beta != 1) c = &binary(context, *c, beta, E::kPROD);
  return {binary(context, *y, *c, E::kSUM)};
}

constexpr OpRow kRows[] = {
    {"Gemm", 7, 10, {3, 3}, {1, 1}, import_gemm},
    OpRow::from("Gemm", 11, {2, 3}, {1, 1}, import_gemm),
    OpRow::from("MatMul", 1, {2, 2}, {1, 1}, import_matmul),
};

}  // namespace

OpRows linear_rows() { return kRows; }

}  // namespace rondo::onnx
