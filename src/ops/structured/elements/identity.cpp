#include "ops/infer.h"
#include "ops/op_list.h"

// identity(x): x itself. Expands to nothing.

namespace rondo::ops {
namespace {

std::vector<ir::ValueInfo> infer(const InferInput& in) { return {in.operands[0]}; }

void expand(Expander& e) { e.replace(0, e.operand(0)); }

std::vector<Tensor> reference(const ir::Op&, std::span<const Tensor> x, std::span<const TensorShape>) { return {x[0]}; }

}  // namespace

OpDef define_identity() { return {infer, expand, reference}; }

}  // namespace rondo::ops
