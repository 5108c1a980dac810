// Which products get narrow factors follows from what bounds them. Few rows: the weights stream past once per row tile,
// so half of their bytes is half of the time, in either 16-bit type. Many rows: multiplying bounds, and only
// instructions that take bf16 help; rounding the left factor costs a pass over it, which a few columns pay back. Small
// products gain nothing and keep their bits.
//
// Only products change. What they feed (normalizations, softmax, sums, states of loops) reads and writes f32, so errors
// do not grow along a network but enter anew with each product's factors, at most 2^-8 of their size.
#include "passes/products/lower_precision.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <optional>

#include "base/half.h"
#include "passes/parts/batch_profit.h"
#include "passes/parts/constants.h"
#include "passes/parts/loop_parts.h"
#include "passes/parts/op_builder.h"

namespace rondo::passes {
namespace {

// Share of the time that has to be saved. Raised, products keep more bits; lowered, they lose them for nothing.
constexpr double kLeastGain = 0.10;
// Of two narrow types within this of each other the one with more bits is taken.
constexpr double kTie = 0.05;
// Reading an element of A, rounding and writing it; widening an element of B, which only a lone row does not hide
// behind its multiplications. Measured on Zen 4: a lone row of f16 from L2 reads 57 GB/s of the 90 that f32 reads.
constexpr double kRoundNs = 0.06, kWidenNs = 0.015;
constexpr double kL2Factor = 1.15;  // bandwidth of L2 over that of L3, as micro-kernels see it
// Products shorter than this are mostly the calls around them.
constexpr double kLeastNs = 100;
constexpr float kLargestF16 = 65504;

struct Size {
  double m, k, n;
};

double extent(const ir::Graph& graph, ir::Dim dim) {
  return static_cast<double>(std::max<int64_t>(graph.dims().range(dim).opt, 1));
}

Size size_of(const ir::Graph& graph, const ir::Op& matmul) {
  const ir::Dims &a = graph.type(matmul.operands[0]).dims, &b = graph.type(matmul.operands[1]).dims;
  Size size{extent(graph, a[a.size() - 2]), extent(graph, a.back()), extent(graph, b.back())};
  for (size_t i = 0; b.size() == 2 && i + 2 < a.size(); ++i) size.m *= extent(graph, a[i]);
  return size;
}

class Lowerer {
 public:
  Lowerer(ir::Graph& graph, const PassOptions& options)
      : graph_(graph), target_(options.target), choice_(options.precision) {}

  bool run() {
    bool changed = false;
    for (ir::RegionId region : regions_outer_first(graph_)) {
      const std::vector<ir::OpId> ops = graph_.region(region).ops;
      for (ir::OpId op : ops) {
        if (graph_.op(op).kind == ir::OpKind::k_matmul) changed = lower(op) || changed;
      }
    }
    return changed;
  }

 private:
  bool lower(ir::OpId id) {
    const ir::Op& op = graph_.op(id);
    const ir::ValueId b = op.operands[1];
    const bool full = graph_.type(op.operands[0]).dtype != DType::kFloat32 || graph_.type(b).dtype != DType::kFloat32 ||
                      op.attrs.has("product") || is_kept(op.name);
    if (full) return false;
    const bool weights = is_constant(graph_, b);
    DType type = fastest(size_of(graph_, op), weights);
    if (type == DType::kFloat16 && !fits_f16(b)) type = DType::kFloat32;
    if (type == DType::kFloat32) return false;
    if (weights) graph_.op(id).operands[1] = narrow_constant(b, type);
    const DType product = type == DType::kBFloat16 ? type : DType::kFloat32;
    graph_.op(id).attrs.set("product", static_cast<int64_t>(product));
    return true;
  }

  /// Made ops are named after all layers they come from, joined by " + ".
  bool is_kept(const std::string& names) const {
    constexpr std::string_view kJoin = " + ";
    if (choice_.full.empty()) return false;
    if (choice_.full.count(names) != 0) return true;
    for (size_t begin = 0; begin <= names.size();) {
      const size_t end = std::min(names.find(kJoin, begin), names.size());
      if (choice_.full.count(names.substr(begin, end - begin)) != 0) return true;
      begin = end + kJoin.size();
    }
    return false;
  }

  double stream_ns(const Size& size, double bytes) const {
    const bool near = bytes * size.k * size.n <= static_cast<double>(target_.l2_bytes) / 2;
    return bytes * size.k * size.n / (target_.l3_gbytes_per_s * (near ? kL2Factor : 1));
  }

  DType fastest(const Size& size, bool weights) const {
    const double multiply = 2 * size.m * size.k * size.n / target_.gflops_per_core;
    const double rounding = size.m * size.k * kRoundNs;
    const double full = std::max(multiply, stream_ns(size, 4));
    if (full < kLeastNs) return DType::kFloat32;
    double best = full * (1 - kLeastGain);
    DType type = DType::kFloat32;
    const auto offer = [&](DType narrow, double ns) {
      if (ns >= best) return;
      type = narrow;
      best = ns * (1 - kTie);
    };
    const bool has_pairs = target_.bf16_product_gain > 1;
    const double widening = multiply + size.k * size.n * kWidenNs;
    if (choice_.f16 && weights) offer(DType::kFloat16, std::max(widening, stream_ns(size, 2)));
    if (choice_.bf16 && (weights || has_pairs)) {
      const double arithmetic = has_pairs ? multiply / target_.bf16_product_gain : widening;
      offer(DType::kBFloat16, std::max(arithmetic, stream_ns(size, weights ? 2 : 4)) + rounding);
    }
    return type;
  }

  const ir::ConstantData& data_of(ir::ValueId constant) const {
    const ir::Op& op = graph_.op(graph_.value(constant).def);
    return graph_.constant_data(static_cast<uint32_t>(op.attrs.integer("data")));
  }

  bool fits_f16(ir::ValueId constant) const {
    const Bytes& bytes = data_of(constant).bytes;
    for (size_t at = 0; at < bytes.size(); at += sizeof(float)) {
      float x;
      std::memcpy(&x, bytes.data() + at, sizeof(x));
      if (std::abs(x) > kLargestF16) return false;
    }
    return true;
  }

  /// One narrow constant for all products that read the wide one.
  ir::ValueId narrow_constant(ir::ValueId wide, DType type) {
    const auto [found, is_new] = narrow_.try_emplace({wide, type});
    if (!is_new) return found->second;
    const Bytes& from = data_of(wide).bytes;
    Bytes bytes(from.size() / 2);
    for (size_t i = 0; i < bytes.size() / sizeof(uint16_t); ++i) {
      float x;
      std::memcpy(&x, from.data() + i * sizeof(x), sizeof(x));
      const uint16_t bits = type == DType::kFloat16 ? float_to_half(x) : float_to_bfloat16(x);
      std::memcpy(bytes.data() + i * sizeof(bits), &bits, sizeof(bits));
    }
    const auto data = static_cast<int64_t>(graph_.add_constant_data(type, std::move(bytes)));
    const ir::OpId def = graph_.value(wide).def;
    const std::vector<int64_t> dims = graph_.op(def).attrs.integers("dims");
    return found->second =
               OpBuilder::before(graph_, def).add(ir::OpKind::k_constant, {{"data", data}, {"dims", dims}}, {});
  }

  ir::Graph& graph_;
  const TargetInfo& target_;
  const PrecisionChoice& choice_;
  std::map<std::pair<ir::ValueId, DType>, ir::ValueId> narrow_;
};

}  // namespace

bool lower_precision(ir::Graph& graph, const PassOptions& options) {
  if (!options.precision.f16 && !options.precision.bf16) return false;
  return Lowerer(graph, options).run();
}

}  // namespace rondo::passes
