#include "base/error.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// assertion(condition) {message}: every element of the condition is true. No result.
//   C1 the condition is bool   C2 no element is known to be false   C3 the elements are known symbolically; what only
//   the run knows comes through read_values
//
// infer does all the work: what cannot be decided becomes an equality that the program checks when it knows the
// symbols. Nothing is left to expand to.

namespace rondo::ops {
namespace {

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  const ir::ValueInfo& condition = in.operands[0];
  const std::string& message = in.attrs.string("message");
  if (condition.type.dtype != DType::kBool) {
    refuse(in, 1, "condition ", operands_text(in), " must be bool; compare with a layer that gives bool");
  }
  if (!condition.contents) {
    refuse(in, 3, "condition ", operands_text(in), " has elements that nothing is known of; at most 64 are possible");
  }
  const ir::Dim yes = in.dims.constant(1);
  const std::string failed = text("assertion '", in.name, "' failed: ", message, " (assertion C2)");
  for (ir::Dim element : *condition.contents) {
    if (!in.dims.assume_equal(in.dims.resolve(element), yes, failed)) {
      refuse(in, 2, "the condition is false: ", message);
    }
  }
  return {};
}

void expand(Expander&) {}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape>) {
  for (double element : x[0].data) {
    if (element == 0) fail(Code::kFailedExecution, "assertion '", op.name, "' failed: ", op.attrs.string("message"));
  }
  return {};
}

}  // namespace

OpDef define_assertion() { return {infer, expand, reference}; }

}  // namespace rondo::ops
