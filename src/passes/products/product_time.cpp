#include "passes/products/product_time.h"

#include <algorithm>

namespace rondo::passes {
namespace {

// Load, shift, mask, two additions, test for NaN and blend, narrow, store: a vector of f32 becomes bf16.
constexpr double kRoundingOps = 9;

double extent(const ir::Graph& graph, ir::Dim dim) {
  return static_cast<double>(std::max<int64_t>(graph.dims().range(dim).opt, 1));
}

double volume(const ir::Graph& graph, const ir::Dims& dims) {
  double elements = 1;
  for (const ir::Dim dim : dims) elements *= extent(graph, dim);
  return elements;
}

/// Steps of two for k products.
double in_pairs(double k) { return static_cast<double>((static_cast<int64_t>(k) + 1) / 2); }

ProductSize matmul_size(const ir::Graph& graph, const ir::Op& op) {
  const ir::Dims &a = graph.type(op.operands[0]).dims, &b = graph.type(op.operands[1]).dims;
  const double k = extent(graph, a.back()), n = extent(graph, b.back());
  double m = extent(graph, a[a.size() - 2]);
  for (size_t i = 0; b.size() == 2 && i + 2 < a.size(); ++i) m *= extent(graph, a[i]);
  return {m * k * n, k * n, m * k, m * in_pairs(k) * n};
}

ProductSize conv_size(const ir::Graph& graph, const ir::Op& op) {
  const ir::Dims &w = graph.type(op.operands[1]).dims, &y = graph.type(op.results[0]).dims;
  const double channels = extent(graph, w[1]);
  double sums = volume(graph, y);
  for (size_t i = 2; i < w.size(); ++i) {
    // Of the taps of a transposed convolution, one in so many meets an input.
    sums *= extent(graph, w[i]) / static_cast<double>(op.attrs.integers("input_dilations")[i - 2]);
  }
  return {sums * channels, 0, volume(graph, graph.type(op.operands[0]).dims), sums * in_pairs(channels)};
}

}  // namespace

ProductSize product_size(const ir::Graph& graph, const ir::Op& op) {
  return op.kind == ir::OpKind::k_conv ? conv_size(graph, op) : matmul_size(graph, op);
}

double product_cycles(const TargetInfo& target, const ProductSize& size, DType type, bool narrow_weights) {
  const double lanes = target.vector_lanes;
  const double bytes = size.streamed * (narrow_weights && type != DType::kFloat32 ? 2 : 4);
  const bool near = bytes <= static_cast<double>(target.l2_bytes) / 2;
  const double stream = bytes / (near ? target.l2_bytes_per_cycle : target.l3_bytes_per_cycle);
  const double multiply = size.multiplies / lanes / target.multiplies_per_cycle;
  const auto widened = [&](double ops) {
    const double all = (size.multiplies + size.streamed * ops) / lanes / target.vector_ops_per_cycle;
    return std::max({multiply, all, stream});
  };
  if (type == DType::kFloat32) return std::max(multiply, stream);
  if (type == DType::kFloat16) return widened(target.widening_f16_ops);
  const double rounding = size.rounded * kRoundingOps / lanes / target.vector_ops_per_cycle;
  if (target.bf16_product_gain <= 1) return widened(target.widening_bf16_ops) + rounding;
  // A step of pairs takes as long as one product where two are one instruction.
  const double pairs = size.pair_steps * 2 / target.bf16_product_gain / lanes / target.multiplies_per_cycle;
  return std::max(pairs, stream) + rounding;
}

}  // namespace rondo::passes
