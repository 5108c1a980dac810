#include "passes/parts/batch_profit.h"

#include <algorithm>

#include "base/checked.h"
#include "base/dtype.h"

namespace rondo::passes {
namespace {

// Stands for every size beyond it; sums of thousands of them still fit 64 bits.
constexpr int64_t kHuge = INT64_MAX >> 16;

int64_t typical_extent(const ir::Graph& graph, ir::Dim dim) {
  return std::max<int64_t>(graph.dims().range(dim).opt, 1);
}

int64_t saturating_mul(int64_t a, int64_t b) {
  int64_t product = 0;
  return checked_mul(a, b, &product) ? std::min(product, kHuge) : kHuge;
}

/// Rows of a product: all of a's elements but those of one row.
int64_t typical_rows(const ir::Graph& graph, ir::ValueId a) {
  const ir::Dims& dims = graph.type(a).dims;
  int64_t rows = 1;
  for (size_t i = 0; i + 1 < dims.size(); ++i) rows = saturating_mul(rows, typical_extent(graph, dims[i]));
  return rows;
}

}  // namespace

BatchProfit batch_profit(const TargetInfo& target) { return {32, target.l2_bytes}; }

int64_t typical_bytes(const ir::Graph& graph, ir::ValueId value) {
  const ir::TensorType& type = graph.type(value);
  int64_t bytes = static_cast<int64_t>(dtype_bytes(type.dtype));
  for (ir::Dim dim : type.dims) bytes = saturating_mul(bytes, typical_extent(graph, dim));
  return bytes;
}

bool prefers_in_loop(const ir::Graph& graph, ir::OpId loop, const PassOptions& options) {
  const BatchProfit profit = batch_profit(options.target);
  const Variance variance(graph, loop);
  int64_t rows = 0, weight_bytes = 0;
  bool recurrent = false;
  for (ir::OpId op : graph.region(graph.op(loop).regions[0]).ops) {
    const ir::Op& node = graph.op(op);
    if (node.kind != ir::OpKind::k_matmul || variance.of(node.operands[1]) != VarianceClass::kInvariant) continue;
    rows = std::max(rows, typical_rows(graph, node.operands[0]));
    weight_bytes = std::min(kHuge, weight_bytes + typical_bytes(graph, node.operands[1]));
    recurrent = recurrent || variance.of(node.operands[0]) == VarianceClass::kRecurrent;
  }
  return recurrent && rows >= profit.min_rows_in_loop && weight_bytes <= profit.max_weight_bytes;
}

}  // namespace rondo::passes
