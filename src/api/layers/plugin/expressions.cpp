#include "api/layers/plugin/expressions.h"

#include <algorithm>

#include "base/error.h"

namespace rondo::api {

const IDimensionExpr* ExpressionBuilder::expression(ir::Dim dim, bool is_size) {
  return *made_.insert(&nodes_.emplace_back(dims_, dim, is_size)).first;
}

DimsExprs ExpressionBuilder::shape(const ir::Dims& dims) {
  DimsExprs shape{};
  shape.nbDims = static_cast<int32_t>(dims.size());
  for (size_t i = 0; i < dims.size(); ++i) shape.d[i] = expression(dims[i]);
  return shape;
}

IDimensionExpr const* ExpressionBuilder::constant(int64_t value) noexcept {
  try {
    return expression(dims_.constant(value));
  } catch (...) {
    return nullptr;  // memory is out: the plugin hands the null on, and the layer is refused
  }
}

ir::Dim ExpressionBuilder::combine(DimensionOperation op, ir::Dim a, ir::Dim b) {
  const ir::Dim one = dims_.constant(1), zero = dims_.constant(0);
  switch (op) {
    case DimensionOperation::kSUM:
      return dims_.add(a, b);
    case DimensionOperation::kPROD:
      return dims_.mul(a, b);
    case DimensionOperation::kMAX:
      return dims_.max(a, b);
    case DimensionOperation::kMIN:
      return dims_.min(a, b);
    case DimensionOperation::kSUB:
      return dims_.sub(a, b);
    case DimensionOperation::kEQUAL:
      return dims_.sub(one, dims_.min(one, dims_.max(dims_.sub(a, b), dims_.sub(b, a))));
    case DimensionOperation::kLESS:
      return dims_.min(one, dims_.max(zero, dims_.sub(b, a)));
    case DimensionOperation::kFLOOR_DIV:
      return dims_.floor_div(a, b);
    case DimensionOperation::kCEIL_DIV:
      return dims_.ceil_div(a, b);
  }
  fail(Code::kInvalidArgument, "dimension operation ", static_cast<int32_t>(op));
}

IDimensionExpr const* ExpressionBuilder::operation(DimensionOperation op, IDimensionExpr const& first,
                                                   IDimensionExpr const& second) noexcept {
  try {
    const std::optional<ir::Dim> a = dim_of(&first), b = dim_of(&second);
    return a && b ? expression(combine(op, *a, *b)) : nullptr;
  } catch (...) {
    return nullptr;  // documented: division by 0, a constant out of range
  }
}

IDimensionExpr const* ExpressionBuilder::declareSizeTensor(int32_t outputIndex, IDimensionExpr const& opt,
                                                           IDimensionExpr const& upper) noexcept {
  try {
    const auto known =
        std::find_if(sizes_.begin(), sizes_.end(), [&](const auto& s) { return s.output == outputIndex; });
    if (reserving_) return known == sizes_.end() ? nullptr : expression(known->upper, true);
    if (outputIndex < 0 || outputIndex >= outputs_ || known != sizes_.end()) return nullptr;
    const std::optional<ir::Dim> expected = dim_of(&opt), most = dim_of(&upper);
    if (!expected || !most) return nullptr;
    sizes_.push_back({outputIndex, *expected, *most, symbol_(*most)});
    return expression(sizes_.back().symbol, true);
  } catch (...) {
    return nullptr;  // memory is out: the plugin hands the null on, and the layer is refused
  }
}

std::optional<ir::Dim> ExpressionBuilder::dim_of(const IDimensionExpr* expression) const {
  if (made_.count(expression) == 0) return std::nullopt;
  return static_cast<const Expression*>(expression)->dim();
}

}  // namespace rondo::api
