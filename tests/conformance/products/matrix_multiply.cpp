#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

constexpr const char* kNames[] = {"NONE", "TRANSPOSE", "VECTOR"};
enum : int64_t { kVector = 2 };

/// One side: lead + [outer, inner] or its transpose, or lead + [inner].
Ints side(Ints dims, int64_t op, bool left, int64_t outer, int64_t inner) {
  if (op == kVector) {
    dims.push_back(inner);
  } else {
    const bool inner_last = left == (op == 0);
    dims.insert(dims.end(), {inner_last ? outer : inner, inner_last ? inner : outer});
  }
  return dims;
}

Case matrix_multiply(Random& r, DType dtype) {
  const int64_t op0 = r.number(0, 2), op1 = r.number(0, 2);
  const auto extent = [&] { return r.one_in(12) ? 0 : r.extent(); };
  const int64_t m = extent(), k = r.one_in(15) ? 300 : extent(), n = extent();
  Ints a, b;
  for (int64_t i = op0 == kVector && op1 == kVector ? r.number(0, 3) : r.number(0, 5); i > 0; --i) {
    const int64_t lead = r.number(1, 2);
    a.push_back(r.one_in(3) ? 1 : lead);
    b.push_back(r.one_in(3) ? 1 : lead);
  }
  const uint32_t fixed = (1u << a.size()) - 1;
  Case c(ir::OpKind::k_matrix_multiply, {{"op0", op0}, {"op1", op1}});
  c.uses("MatrixOperation", kNames[op0]).uses("MatrixOperation", kNames[op1]);
  c.terms = static_cast<double>(k);
  c.data(r.values(dtype, side(a, op0, true, m, k), -1, 1), fixed);
  const ops::Tensor y = r.values(dtype, side(b, op1, false, n, k), -1, 1);
  return r.flip() ? c.data(y, fixed) : c.constant(y);
}

/// What lower_precision makes of a product: narrow weights, or factors rounded to bf16.
Case narrow_product(Random& r, DType dtype) {
  constexpr DType kWeights[] = {DType::kFloat32, DType::kFloat16, DType::kBFloat16};
  const DType weights = kWeights[r.number(0, 2)];
  const bool rounds = weights == DType::kFloat32 || r.flip();
  const int64_t m = r.extent(), k = r.one_in(8) ? 301 : r.extent(), n = r.extent();
  Case c(ir::OpKind::k_matmul, {{"product", static_cast<int64_t>(rounds ? DType::kBFloat16 : DType::kFloat32)}});
  c.terms = static_cast<double>(k);
  c.data(r.values(dtype, {m, k}, -1, 1));
  const ops::Tensor y = r.values(weights, {k, n}, -1, 1);
  return r.flip() ? c.data(y) : c.constant(y);
}

const Registration row("matrix_multiply", kFloats, matrix_multiply, 2.5);
const Registration narrow_row("narrow_product", {DType::kFloat32}, narrow_product, 2.5);

}  // namespace
}  // namespace rondo::conformance
