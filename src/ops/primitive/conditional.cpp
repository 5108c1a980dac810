#include "base/error.h"
#include "ops/contents.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/primitive/region_ops.h"

// conditional(cond) {then} {else} {values}: the values of the branch that the condition takes. An extent a of the one
// branch and b of the other becomes c*a + (1-c)*b where the condition c is a known expression. Where an extent is
// decided inside of a branch, `values` (one entry per dimension of all results, in order; optional) holds a symbol that
// stands for it behind the conditional.
//   C1 the condition is 0-d bool   C2 both branches give one element type and rank

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

/// Extent of dimension `position` (over all results) that is a in one branch and b in the other.
ir::Dim joined_extent(const InferInput& in, size_t position, ir::Dim a, ir::Dim b, const std::string& what) {
  if (in.attrs.has("values")) {
    const ir::Dim symbol = in.attrs.dims("values").at(position);
    if (!in.dims.is_constant(symbol)) return in.dims.resolve(symbol);
  }
  if (in.dims.same(a, b)) return in.dims.resolve(a);
  const auto& condition = in.operands[0].contents;
  if (!condition) return unify(in, 2, a, b, what);
  const ir::Dim c = in.dims.resolve((*condition)[0]);
  const ir::Dim rest = in.dims.sub(in.dims.constant(1), c);
  return in.dims.add(in.dims.mul(c, a), in.dims.mul(rest, b));
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
  size_t position = 0;
  for (size_t i = 0; i < then_values.size(); ++i) {
    const ir::TensorType& a = then_values[i].type;
    const ir::TensorType& b = else_values[i].type;
    if (a.dtype != b.dtype || a.rank() != b.rank()) {
      refuse(in, 2, "output ", i, " is ", type_text(in.dims, a), " in one branch and ", type_text(in.dims, b),
             " in the other");
    }
    ir::TensorType type{a.dtype, {}};
    for (size_t j = 0; j < a.dims.size(); ++j) {
      const auto what = text("extents of dimension ", j, " of output ", i, " in the two branches");
      type.dims.push_back(joined_extent(in, position++, a.dims[j], b.dims[j], what));
    }
    auto contents = branch_contents(in, then_values[i], else_values[i]);
    if (!content_dims(in.dims, type)) contents.reset();
    results.push_back({std::move(type), std::move(contents)});
  }
  return results;
}

OpDef define_conditional() { return {}; }

}  // namespace rondo::ops
