// Which products get narrow factors follows from what bounds them (product_time.h). Few rows: the weights stream past
// once per row tile, so half of their bytes is half of the time, in either 16-bit type. Many rows, and the pixels of a
// convolution: multiplying bounds, and only instructions that take bf16 help; rounding the left factor costs a pass
// over it, which a few columns pay back. Small products gain nothing and keep their bits.
//
// Only products change. What they feed (normalizations, softmax, sums, states of loops) reads and writes f32, so errors
// do not grow along a network but enter anew with each product's factors, at most 2^-8 of their size.
#include "passes/products/lower_precision.h"

#include <cmath>
#include <cstring>
#include <map>

#include "base/error.h"
#include "base/half.h"
#include "passes/parts/constants.h"
#include "passes/parts/loop_parts.h"
#include "passes/parts/op_builder.h"
#include "passes/products/product_time.h"

namespace rondo::passes {
namespace {

// Share of the time that has to be saved. Raised, products keep more bits; lowered, they lose them for nothing.
constexpr double kLeastGain = 0.10;
// Of two narrow types within this of each other the one with more bits is taken.
constexpr double kTie = 0.05;
// Products shorter than this are mostly the calls around them.
constexpr double kLeastCycles = 300;
constexpr float kLargestF16 = 65504;
constexpr auto kBf16 = static_cast<int64_t>(DType::kBFloat16);

bool is_product(const ir::Op& op) { return op.kind == ir::OpKind::k_matmul || op.kind == ir::OpKind::k_conv; }

class Lowerer {
 public:
  Lowerer(ir::Graph& graph, const PassOptions& options)
      : graph_(graph), target_(options.target), choice_(options.precision) {}

  bool run() {
    bool changed = false;
    for (ir::RegionId region : regions_outer_first(graph_)) {
      const std::vector<ir::OpId> ops = graph_.region(region).ops;
      for (ir::OpId op : ops) {
        if (is_product(graph_.op(op))) changed = lower(op) || changed;
      }
    }
    return changed;
  }

 private:
  bool lower(ir::OpId id) {
    const std::vector<ProductTactic> tactics = tactics_of(id);
    size_t taken = fastest(tactics);
    if (choice_.choose) taken = choice_.choose(graph_, id, tactics, taken);
    RONDO_CHECK(taken < tactics.size(), "tactic ", taken, " of ", tactics.size());
    const DType type = tactics[taken].type;
    if (tactics.size() == 1 || type == DType::kFloat32) return false;
    const ir::ValueId b = graph_.op(id).operands[1];
    if (is_constant_weight(graph_, b)) {
      const ir::ValueId narrow = narrow_weight(b, type);
      graph_.op(id).operands[1] = narrow;
    }
    const DType product = type == DType::kBFloat16 ? type : DType::kFloat32;
    graph_.op(id).attrs.set("product", static_cast<int64_t>(product));
    return true;
  }

  /// What the product is now, then what it may become.
  std::vector<ProductTactic> tactics_of(ir::OpId id) {
    const ir::Op& op = graph_.op(id);
    const ir::ValueId b = op.operands[1];
    const DType x = graph_.type(op.operands[0]).dtype, w = graph_.type(b).dtype;
    const ProductSize size = product_size(graph_, op);
    const auto tactic = [&](DType type, bool narrow_weights) {
      return ProductTactic{type, product_cycles(target_, size, type, narrow_weights)};
    };
    if (x != DType::kFloat32 || w != DType::kFloat32 || op.attrs.has("product")) {
      const bool pairs = x == DType::kBFloat16 || (op.attrs.has("product") && op.attrs.integer("product") == kBf16);
      return {tactic(pairs ? DType::kBFloat16 : w, w != DType::kFloat32)};
    }
    std::vector<ProductTactic> tactics{tactic(DType::kFloat32, false)};
    if (is_kept(op.name)) return tactics;
    const bool weights = is_constant_weight(graph_, b), conv = op.kind == ir::OpKind::k_conv;
    const bool has_pairs = target_.bf16_product_gain > 1;
    if (choice_.f16 && weights && fits_f16(b)) tactics.push_back(tactic(DType::kFloat16, true));
    // Weights that are computed in every run would be rounded in every run; a matrix is packed then in any case.
    if (choice_.bf16 && (weights || (has_pairs && !conv))) tactics.push_back(tactic(DType::kBFloat16, weights));
    return tactics;
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

  static size_t fastest(const std::vector<ProductTactic>& tactics) {
    size_t taken = 0;
    if (tactics[0].cycles < kLeastCycles) return taken;
    double best = tactics[0].cycles * (1 - kLeastGain);
    for (size_t i = 1; i < tactics.size(); ++i) {
      if (tactics[i].cycles >= best) continue;
      taken = i;
      best = tactics[i].cycles * (1 - kTie);
    }
    return taken;
  }

  /// Of a constant, or of the constant that a transpose reads.
  const ir::ConstantData& data_of(ir::ValueId weight) const {
    const ir::Op& op = graph_.op(graph_.value(weight).def);
    if (op.kind == ir::OpKind::k_transpose) return data_of(op.operands[0]);
    return graph_.constant_data(static_cast<uint32_t>(op.attrs.integer("data")));
  }

  bool fits_f16(ir::ValueId weight) const {
    const ir::ConstantBytes& bytes = data_of(weight).bytes;
    for (size_t at = 0; at < bytes.size(); at += sizeof(float)) {
      float x;
      std::memcpy(&x, bytes.data() + at, sizeof(x));
      if (std::abs(x) > kLargestF16) return false;
    }
    return true;
  }

  /// One narrow constant for all products that read the wide one. A transpose is made again behind it: packing reads any strides.
  ir::ValueId narrow_weight(ir::ValueId wide, DType type) {
    if (const auto found = narrow_.find({wide, type}); found != narrow_.end()) return found->second;
    const ir::OpId def = graph_.value(wide).def;
    const ir::Op op = graph_.op(def);
    if (op.kind != ir::OpKind::k_transpose) return narrow_[{wide, type}] = narrow_constant(wide, type);
    const ir::ValueId narrow = narrow_weight(op.operands[0], type);
    return narrow_[{wide, type}] = OpBuilder::before(graph_, def).add(op.kind, op.attrs, {narrow});
  }

  ir::ValueId narrow_constant(ir::ValueId wide, DType type) {
    const ir::ConstantBytes& from = data_of(wide).bytes;
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
    return OpBuilder::before(graph_, def).add(ir::OpKind::k_constant, {{"data", data}, {"dims", dims}}, {});
  }

  ir::Graph& graph_;
  const TargetInfo& target_;
  const PrecisionChoice& choice_;
  std::map<std::pair<ir::ValueId, DType>, ir::ValueId> narrow_;
};

}  // namespace

bool lower_precision(ir::Graph& graph, const PassOptions& options) {
  const PrecisionChoice& choice = options.precision;
  if (!choice.f16 && !choice.bf16 && !choice.choose) return false;
  return Lowerer(graph, options).run();
}

}  // namespace rondo::passes
