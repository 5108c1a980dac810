#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

constexpr const char* kNames[] = {"SUM",       "PROD", "MAX", "MIN", "SUB",   "DIV",     "POW",
                                  "FLOOR_DIV", "AND",  "OR",  "XOR", "EQUAL", "GREATER", "LESS"};
enum : int64_t { kPow = 6, kFloorDiv = 7, kAnd = 8, kXor = 10, kEqual = 11, kLess = 13 };

int64_t operation(Random& r, DType dtype) {
  if (dtype == DType::kBool) return r.number(kAnd, kLess);
  return r.flip() ? r.number(0, kFloorDiv) : r.pick<int64_t>({0, 1, 2, 3, 4, 5, kEqual, kEqual + 1, kLess});
}

Case elementwise(Random& r, DType dtype) {
  const int64_t op = operation(r, dtype);
  const Ints dims = r.shape(0, 8);
  Ints a = dims, b = dims;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (r.one_in(4)) (r.flip() ? a : b)[i] = 1;
  }
  Case c(ir::OpKind::k_elementwise, {{"op", op}});
  c.uses("ElementWiseOperation", kNames[op]);
  const auto draw = [&](const Ints& of, bool positive) {
    if (op == kPow) return r.values(dtype, of, is_float(dtype) ? 0.1 : 0, 3);
    if (op != kFloorDiv && r.one_in(3)) return r.specials(dtype, of);
    // Quotients that are not near an integer: their floor does not depend on rounding.
    if (op == kFloorDiv && is_float(dtype)) {
      ops::Tensor x = r.values(DType::kInt32, of, positive ? 1 : -20, positive ? 1 : 20);
      for (double& v : x.data) v = positive ? 4 : v + 0.5;
      x.dtype = dtype;
      return x;
    }
    return r.values(dtype, of, dtype == DType::kUint8 ? 0 : -9, 9);
  };
  const ops::Tensor left = draw(a, false), right = draw(b, true);
  return c.data(left, unit_axes(a) | unit_axes(b)).data(right, unit_axes(a) | unit_axes(b));
}

const Registration row("elementwise", kAllTypes, elementwise, 2.5);

}  // namespace
}  // namespace rondo::conformance
