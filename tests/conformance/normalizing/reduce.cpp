#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

constexpr const char* kNames[] = {"SUM", "PROD", "MAX", "MIN", "AVG"};
enum : int64_t { kProd = 1, kMax = 2, kMin = 3 };

Case reduce(Random& r, DType dtype) {
  const Ints dims = r.shape(1, 8);
  const auto rank = static_cast<int64_t>(dims.size());
  const int64_t op = r.number(0, 4), axes = r.number(1, (1 << rank) - 1);
  Case c(ir::OpKind::k_reduce, {{"op", op}, {"axes", axes}, {"keep", r.number(0, 1)}});
  c.uses("ReduceOperation", kNames[op]);
  for (int64_t i = 0; i < rank; ++i)
    c.terms *= (axes >> i & 1) != 0 ? static_cast<double>(dims[static_cast<size_t>(i)]) : 1;
  if (op == kMax || op == kMin)
    return c.data(r.one_in(3) ? r.specials(dtype, dims)
                              : r.values(dtype, dims, dtype == DType::kUint8 ? 0 : -100, 100));
  // Products stay near 1, or long ones leave the exact integers of a double.
  if (op == kProd)
    return c.data(is_float(dtype) ? r.values(dtype, dims, 0.97, 1.03)
                                  : r.values(dtype, dims, dtype == DType::kUint8 ? 0 : -1, 1));
  return c.data(r.values(dtype, dims, dtype == DType::kUint8 ? 0 : -9, 9));
}

const Registration row("reduce",
                       {DType::kFloat32, DType::kFloat16, DType::kBFloat16, DType::kInt8, DType::kUint8, DType::kInt32,
                        DType::kInt64},
                       reduce, 2);

}  // namespace
}  // namespace rondo::conformance
