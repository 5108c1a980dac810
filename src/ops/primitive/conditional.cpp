#include "base/error.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/primitive/region_ops.h"

// conditional(cond) {then} {else}: the values of the branch that the condition takes.
//   C1 the condition is 0-d bool   C2 both branches give equal types

namespace rondo::ops {
namespace {

/// Elements that both branches share, or those of the branch that a constant condition takes.
std::optional<std::vector<ir::Dim>> branch_contents(const InferInput& in, const ir::ValueInfo& a,
                                                    const ir::ValueInfo& b) {
  const auto& condition = in.operands[0].contents;
  if (condition && in.dims.is_constant((*condition)[0]))
    return in.dims.value((*condition)[0]) != 0 ? a.contents : b.contents;
  if (!a.contents || !b.contents || a.contents->size() != b.contents->size()) return std::nullopt;
  for (size_t i = 0; i < a.contents->size(); ++i) {
    if (!in.dims.same((*a.contents)[i], (*b.contents)[i])) return std::nullopt;
  }
  return a.contents;
}

}  // namespace

std::vector<ir::ValueInfo> infer_conditional_results(const InferInput& in, std::span<const ir::ValueInfo> then_values,
                                                     std::span<const ir::ValueInfo> else_values) {
  const ir::TensorType& condition = in.operands[0].type;
  if (condition.dtype != DType::kBool || condition.rank() != 0) {
    refuse(in, 1, "the condition is ", type_text(in.dims, condition), ", a 0-d bool is needed");
  }
  RONDO_CHECK(then_values.size() == else_values.size(), then_values.size(), " and ", else_values.size(), " results");
  std::vector<ir::ValueInfo> results;
  for (size_t i = 0; i < then_values.size(); ++i) {
    const ir::TensorType& a = then_values[i].type;
    const ir::TensorType& b = else_values[i].type;
    if (a.dtype != b.dtype || a.rank() != b.rank()) {
      refuse(in, 2, "output ", i, " is ", type_text(in.dims, a), " in one branch and ", type_text(in.dims, b),
             " in the other");
    }
    ir::TensorType type{a.dtype, unify_dims(in, 2, a.dims, b.dims, text("output ", i, " in the two branches"))};
    results.push_back({std::move(type), branch_contents(in, then_values[i], else_values[i])});
  }
  return results;
}

OpDef define_conditional() { return {}; }

}  // namespace rondo::ops
