#include <algorithm>

#include "ops/contents.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// squeeze(x) {axes}: leaves dimensions of extent 1 out.
//   C1 axes are dimensions of x, each at most once   C2 their extents are 1

namespace rondo::ops {
namespace {

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const ir::ValueInfo& x = in.operands[0];
  const Index& axes = in.attrs.integers("axes");
  for (size_t i = 0; i < axes.size(); ++i) {
    const bool repeated = std::count(axes.begin(), axes.end(), axes[i]) > 1;
    if (axes[i] >= 0 && axes[i] < x.type.rank() && !repeated) continue;
    refuse(in, 1, "axis ", axes[i], " of ", axes.size(), " axes is outside the rank of ", operands_text(in),
           " or named twice");
  }
  ir::ValueInfo result{{x.type.dtype, {}}, x.contents};
  for (int i = 0; i < x.type.rank(); ++i) {
    const ir::Dim dim = in.dims.resolve(x.type.dims[static_cast<size_t>(i)]);
    if (std::find(axes.begin(), axes.end(), i) == axes.end()) {
      result.type.dims.push_back(dim);
    } else if (!in.dims.same(dim, in.dims.constant(1))) {
      unify(in, 2, dim, in.dims.constant(1), text("extent ", i, " of ", operands_text(in), ", which is squeezed,"));
    }
  }
  for (ir::Dim& dim : result.type.dims) dim = in.dims.resolve(dim);
  return {result};
}

void expand(Expander& e) { e.replace(0, e.reshape(e.operand(0), e.type(e.op().results[0]).dims)); }

std::vector<Tensor> reference(const ir::Op&, std::span<const Tensor> x, std::span<const TensorShape> results) {
  return {Tensor{results[0].dtype, results[0].dims, x[0].data}};
}

}  // namespace

OpDef define_squeeze() { return {infer, expand, reference}; }

}  // namespace rondo::ops
