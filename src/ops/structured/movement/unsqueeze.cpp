#include <algorithm>

#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// unsqueeze(x) {axes}: puts dimensions of extent 1 in; axes are their places in the result.
//   C1 axes are dimensions of the result, each at most once   C2 the result has at most 8 dimensions

namespace rondo::ops {
namespace {

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const ir::ValueInfo& x = in.operands[0];
  const Index& axes = in.attrs.integers("axes");
  const int64_t rank = x.type.rank() + static_cast<int64_t>(axes.size());
  for (int64_t axis : axes) {
    if (axis >= 0 && axis < rank && std::count(axes.begin(), axes.end(), axis) == 1) continue;
    refuse(in, 1, "axis ", axis, " is outside of the result's rank ", rank, " or named twice");
  }
  if (rank > ir::kMaxRank) {
    refuse(in, 2, operands_text(in), " with ", axes.size(), " more dimensions has rank ", rank, ", above ",
           ir::kMaxRank);
  }
  ir::ValueInfo result{{x.type.dtype, {}}, x.contents};
  size_t from = 0;
  for (int64_t i = 0; i < rank; ++i) {
    const bool is_new = std::find(axes.begin(), axes.end(), i) != axes.end();
    result.type.dims.push_back(is_new ? in.dims.constant(1) : in.dims.resolve(x.type.dims[from++]));
  }
  return {result};
}

void expand(Expander& e) { e.replace(0, e.reshape(e.operand(0), e.type(e.op().results[0]).dims)); }

std::vector<Tensor> reference(const ir::Op&, std::span<const Tensor> x, std::span<const TensorShape> results) {
  return {Tensor{results[0].dtype, results[0].dims, x[0].data}};
}

}  // namespace

OpDef define_unsqueeze() { return {infer, expand, reference}; }

}  // namespace rondo::ops
