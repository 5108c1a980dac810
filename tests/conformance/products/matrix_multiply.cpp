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

const Registration row("matrix_multiply", kFloats, matrix_multiply, 2.5);

}  // namespace
}  // namespace rondo::conformance
