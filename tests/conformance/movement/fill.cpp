#include <algorithm>

#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

constexpr const char* kOps[] = {"LINSPACE", "RANDOM_UNIFORM", "RANDOM_NORMAL"};

/// `dtype` is that of the result.
Case fill(Random& r, DType dtype) {
  const int64_t op = is_float(dtype) ? r.number(0, 2) : 0;
  const Ints dims = r.shape(0, op == 0 ? 4 : 8);
  DType parameters = is_float(dtype) ? r.pick({DType::kFloat32, dtype}) : dtype;
  if (op == 0 && is_float(dtype) && r.one_in(4)) parameters = DType::kInt32;
  Case c(ir::OpKind::k_fill,
         {{"op", op}, {"to", static_cast<int64_t>(dtype)}, {"seed", r.number(-1000000, 1000000) * 1234567}});
  c.dims("shape", dims).uses("FillOperation", kOps[op]);
  const bool stream = op != 0 && r.one_in(2);
  for (Placement loop : {Placement::kLoop, Placement::kSymbolicLoop, Placement::kLoopInLoop, Placement::kLoopInBranch,
                         Placement::kBranchInLoop}) {
    if (op != 0 && !stream)
      c.skip(loop, "each iteration draws numbers of its own, which the reference of one op cannot know");
  }
  int64_t longest = 1;
  for (int64_t n : dims) longest = std::max(longest, n);
  c.terms = 8;
  c.scale = op == 0 ? 8.0 * static_cast<double>(longest) * static_cast<double>(dims.size() + 1) : 32;
  c.data(r.values(parameters, {}, -4, 4));
  const Ints steps = op == 0 ? Ints{static_cast<int64_t>(dims.size())} : Ints{};
  c.data(r.values(parameters, steps, -4, 4), ~0U);
  if (stream) c.data(r.values(DType::kInt64, {}, -1000, 1000));
  return c;
}

const Registration row("fill", {DType::kFloat32, DType::kFloat16, DType::kBFloat16, DType::kInt32, DType::kInt64},
                       fill);

}  // namespace
}  // namespace rondo::conformance
