#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <unordered_set>
#include <vector>

#include "ir/graph.h"
#include "rondo/plugin/shapes.h"

namespace rondo::api {

/// IDimensionExpr over a dimension of the compiler.
class Expression final : public IDimensionExpr {
 public:
  Expression(const ir::DimPool& dims, ir::Dim dim, bool is_size) : dims_(dims), dim_(dim), is_size_(is_size) {}
  bool isConstant() const noexcept override { return dims_.is_constant(dim_); }
  int64_t getConstantValue() const noexcept override { return isConstant() ? dims_.value(dim_) : INT64_MIN; }
  bool isSizeTensor() const noexcept override { return is_size_; }
  ir::Dim dim() const { return dim_; }

 private:
  const ir::DimPool& dims_;
  ir::Dim dim_;
  bool is_size_;
};

/// An extent that an output of the plugin tells when it has run.
struct SizeTensor {
  int32_t output = 0;
  ir::Dim opt, upper;
  ir::Dim symbol;  ///< stands for it, of range [0, upper]
};

/// IExprBuilder on a pool of dimensions. Comparisons need no new kinds of expression: a < b is min(1, max(0, b - a)), and a == b is
/// 1 - min(1, max(a - b, b - a)).
class ExpressionBuilder final : public IExprBuilder {
 public:
  /// `outputs` of the plugin; a new symbol is made by `symbol(upper)` for each size tensor.
  ExpressionBuilder(ir::DimPool& dims, int32_t outputs, std::function<ir::Dim(ir::Dim)> symbol)
      : dims_(dims), outputs_(outputs), symbol_(std::move(symbol)) {}

  IDimensionExpr const* constant(int64_t value) noexcept override;
  IDimensionExpr const* operation(DimensionOperation op, IDimensionExpr const& first,
                                  IDimensionExpr const& second) noexcept override;
  IDimensionExpr const* declareSizeTensor(int32_t outputIndex, IDimensionExpr const& opt,
                                          IDimensionExpr const& upper) noexcept override;

  const IDimensionExpr* expression(ir::Dim dim, bool is_size = false);
  /// A shape as the plugin sees it.
  DimsExprs shape(const ir::Dims& dims);
  /// From now on declareSizeTensor gives the upper bound itself, so that shapes become those to reserve memory for.
  void reserve() { reserving_ = true; }
  const std::vector<SizeTensor>& sizes() const { return sizes_; }
  /// The dimension behind an expression of this builder; none for null, and for one that it has not made: plugins that keep expressions
  /// from one call to the next hand back what is gone.
  std::optional<ir::Dim> dim_of(const IDimensionExpr* expression) const;

 private:
  ir::Dim combine(DimensionOperation op, ir::Dim a, ir::Dim b);

  ir::DimPool& dims_;
  int32_t outputs_;
  std::function<ir::Dim(ir::Dim)> symbol_;
  std::deque<Expression> nodes_;
  std::unordered_set<const IDimensionExpr*> made_;
  std::vector<SizeTensor> sizes_;
  bool reserving_ = false;
};

}  // namespace rondo::api
