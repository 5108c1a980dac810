#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

constexpr const char* kNames[] = {"EXP",   "LOG",  "SQRT", "RECIP", "ABS",   "NEG",   "SIN",   "COS",   "TAN",
                                  "SINH",  "COSH", "ASIN", "ACOS",  "ATAN",  "ASINH", "ACOSH", "ATANH", "CEIL",
                                  "FLOOR", "ERF",  "NOT",  "SIGN",  "ROUND", "ISINF", "ISNAN"};
enum : int64_t { kAbs = 4, kNeg = 5, kNot = 20, kSign = 21 };

Case unary(Random& r, DType dtype) {
  int64_t op = r.number(0, 24);
  if (dtype == DType::kBool) op = kNot;
  if (is_integer(dtype)) op = r.pick<int64_t>({kAbs, kNeg, kSign});
  if (is_float(dtype) && op == kNot) op = kSign;
  const bool special = r.one_in(3);
  const Ints dims = r.shape(0, 8);
  Case c(ir::OpKind::k_unary, {{"op", op}});
  c.uses("UnaryOperation", kNames[op]);
  return c.data(special ? r.specials(dtype, dims) : r.values(dtype, dims, dtype == DType::kUint8 ? 0 : -4, 4));
}

const Registration row("unary",
                       {DType::kFloat32, DType::kFloat16, DType::kBFloat16, DType::kInt8, DType::kInt32, DType::kInt64,
                        DType::kBool},
                       unary, 3);

}  // namespace
}  // namespace rondo::conformance
