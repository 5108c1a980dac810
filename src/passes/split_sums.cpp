// A step of a recurrent cell is mostly sums like  W x_t + R h + b, in whatever order their author liked. Only R h has
// to wait for the previous step. This pass flattens each tree of additions and subtractions below a recurrent value
// into signed terms, sorts the terms by variance (stable: the order within a class is the author's), and adds each
// class by itself:
//
//     ((W x + R h) + bw) + br          terms  +Wx(iterated)  +Rh(recurrent)  +bw(invariant)  +br(invariant)
//     Rh + (Wx + (bw + br))            bw + br is computed before the loop; Wx + b is then one value that depends on
//     the step only
//
// A product of a concatenation, [x|h] * W, is such a sum in disguise and is taken apart first.
// Floating-point addition is not associative, so results change in the last bits; trees of more terms than kMaxTerms
// are split at their top only, and sums that gain nothing are left alone.
#include "passes/split_sums.h"

#include <algorithm>
#include <set>

#include "base/dtype.h"
#include "passes/eliminate_dead.h"
#include "passes/parts/batch_profit.h"
#include "passes/parts/constants.h"
#include "passes/parts/loop_parts.h"
#include "passes/parts/op_builder.h"
#include "passes/parts/uses.h"
#include "passes/parts/variance.h"

namespace rondo::passes {
namespace {

// Terms of one sum that may be reassociated under default numerics; bound by accuracy, not speed.
constexpr size_t kMaxTerms = 4;

bool outside(const ir::Graph& graph, ir::ValueId value, ir::RegionId body) {
  return !graph.is_inside(graph.value(value).region, body);
}

// ---- products of concatenations

struct PartGroup {
  VarianceClass variance;
  std::vector<ir::ValueId> parts;
  ir::Dim start, size;  ///< rows of the weights
};

class ConcatSplitter {
 public:
  ConcatSplitter(ir::Graph& graph, ir::OpId loop) : graph_(graph), loop_(loop), variance_(graph, loop) {}

  bool run() {
    bool changed = false;
    const std::vector<ir::OpId> ops = graph_.region(body()).ops;
    for (ir::OpId op : ops) changed = split(op) || changed;
    return changed;
  }

 private:
  ir::RegionId body() const { return graph_.op(loop_).regions[0]; }

  /// The concatenation along the last axis that `a` is, or is a reshape of that keeps the last axis.
  ir::OpId concat_of(ir::ValueId a) const {
    ir::OpId def = graph_.value(a).def;
    if (def.valid() && graph_.op(def).kind == ir::OpKind::k_reshape) {
      const ir::ValueId inner = graph_.op(def).operands[0];
      const ir::Dims &outer_dims = graph_.type(a).dims, &inner_dims = graph_.type(inner).dims;
      if (inner_dims.empty() || !graph_.dims().same(outer_dims.back(), inner_dims.back())) return {};
      def = graph_.value(inner).def;
    }
    if (!def.valid() || graph_.op(def).kind != ir::OpKind::k_concat || graph_.op(def).parent != body()) return {};
    const int rank = graph_.type(graph_.op(def).results[0]).rank();
    return graph_.op(def).attrs.integer("axis") == rank - 1 ? def : ir::OpId{};
  }

  std::vector<PartGroup> groups_of(ir::OpId concat) const {
    std::vector<PartGroup> groups;
    ir::DimPool& pool = graph_.dims();
    ir::Dim offset = pool.constant(0);
    for (ir::ValueId part : graph_.op(concat).operands) {
      const ir::Dim extent = graph_.type(part).dims.back();
      const VarianceClass variance = variance_.of(part);
      if (groups.empty() || groups.back().variance != variance)
        groups.push_back({variance, {}, offset, pool.constant(0)});
      groups.back().parts.push_back(part);
      groups.back().size = pool.add(groups.back().size, extent);
      offset = pool.add(offset, extent);
    }
    return groups;
  }

  ir::ValueId product(OpBuilder& builder, const ir::Op& node, const PartGroup& group) {
    ir::ValueId a = builder.concat(group.parts, graph_.type(group.parts[0]).rank() - 1);
    ir::Dims shape = graph_.type(node.operands[0]).dims;
    shape.back() = group.size;
    a = builder.reshape(a, shape);
    const ir::ValueId weights = fold_value(graph_, node.operands[1]);
    const int row_axis = graph_.type(weights).rank() - 2;
    OpBuilder place = outside(graph_, weights, body()) ? OpBuilder::before(graph_, loop_) : builder;
    const ir::ValueId part = fold_value(graph_, place.slice(weights, row_axis, group.start, group.size));
    return builder.add(ir::OpKind::k_matmul, node.attrs, {a, part});
  }

  bool split(ir::OpId op) {
    const ir::Op node = graph_.op(op);
    if (node.kind != ir::OpKind::k_matmul || variance_.of(node.results[0]) != VarianceClass::kRecurrent) return false;
    if (variance_.of(node.operands[1]) != VarianceClass::kInvariant) return false;
    const ir::OpId concat = concat_of(node.operands[0]);
    if (!concat.valid()) return false;
    std::vector<PartGroup> groups = groups_of(concat);
    if (groups.size() < 2 || groups.size() > kMaxTerms) return false;
    std::stable_sort(groups.begin(), groups.end(),
                     [](const PartGroup& a, const PartGroup& b) { return a.variance > b.variance; });
    OpBuilder builder = OpBuilder::before(graph_, op);
    ir::ValueId sum;
    for (const PartGroup& group : groups) {
      const ir::ValueId term = product(builder, node, group);
      sum = sum.valid() ? builder.pointwise("add", {sum, term}) : term;
    }
    graph_.replace_uses(node.results[0], sum);
    graph_.erase_op(op);
    return true;
  }

  ir::Graph& graph_;
  ir::OpId loop_;
  Variance variance_;
};

// ---- sums

struct Term {
  ir::ValueId value;
  bool negative = false;
  VarianceClass variance = VarianceClass::kInvariant;
};

/// A value or its negation.
struct Signed {
  ir::ValueId value;
  bool negative = false;
};

class SumSplitter {
 public:
  SumSplitter(ir::Graph& graph, ir::OpId loop) : graph_(graph), loop_(loop), variance_(graph, loop), uses_(graph) {}

  bool run() {
    bool changed = false;
    const std::vector<ir::OpId> ops = graph_.region(body()).ops;
    for (size_t i = ops.size(); i-- > 0;) {
      if (is_sum(ops[i]) && is_recurrent(ops[i]) && !is_inner(ops[i])) changed = split(ops[i]) || changed;
    }
    return changed;
  }

 private:
  ir::RegionId body() const { return graph_.op(loop_).regions[0]; }

  bool is_sum(ir::OpId op) const {
    const ir::Op& node = graph_.op(op);
    if (node.kind != ir::OpKind::k_pointwise || node.parent != body()) return false;
    const std::string& fn = node.attrs.string("fn");
    return (fn == "add" || fn == "sub") && is_float(graph_.type(node.results[0]).dtype);
  }
  bool is_recurrent(ir::OpId op) const { return variance_.of(graph_.op(op).results[0]) == VarianceClass::kRecurrent; }
  /// Part of the tree of its only user.
  bool is_inner(ir::OpId op) const {
    const ir::OpId user = uses_.single_user(graph_, graph_.op(op).results[0]);
    return user.valid() && is_sum(user);
  }

  /// The terms below `root`, taking trees apart from the top while they stay within kMaxTerms.
  std::vector<Term> flatten(ir::OpId root) const {
    std::vector<Term> terms;
    append_operands(root, false, &terms, 0);
    for (size_t i = 0; i < terms.size() && terms.size() < kMaxTerms;) {
      const ir::OpId def = graph_.value(terms[i].value).def;
      if (!def.valid() || !is_sum(def) || !is_inner(def)) {
        ++i;
        continue;
      }
      const bool negative = terms[i].negative;
      terms.erase(terms.begin() + static_cast<std::ptrdiff_t>(i));
      append_operands(def, negative, &terms, i);
    }
    return terms;
  }

  void append_operands(ir::OpId op, bool negative, std::vector<Term>* terms, size_t at) const {
    const ir::Op& node = graph_.op(op);
    const bool minus = node.attrs.string("fn") == "sub";
    const Term left{node.operands[0], negative, variance_.of(node.operands[0])};
    const Term right{node.operands[1], negative != minus, variance_.of(node.operands[1])};
    terms->insert(terms->begin() + static_cast<std::ptrdiff_t>(at), {left, right});
  }

  /// True if computing the value takes a product or a reduction inside this body.
  bool has_heavy_op(ir::ValueId value) const {
    std::set<ir::OpId> seen;
    std::vector<ir::ValueId> open{value};
    while (!open.empty()) {
      const ir::OpId def = graph_.value(open.back()).def;
      open.pop_back();
      if (!def.valid() || graph_.op(def).parent != body() || !seen.insert(def).second) continue;
      const ir::OpKind kind = graph_.op(def).kind;
      if (kind == ir::OpKind::k_matmul || kind == ir::OpKind::k_reduce || kind == ir::OpKind::k_topk) return true;
      open.insert(open.end(), graph_.op(def).operands.begin(), graph_.op(def).operands.end());
    }
    return false;
  }

  bool is_split(ir::OpId root) const {
    const ir::Op& node = graph_.op(root);
    for (size_t side = 0; side < 2; ++side) {
      const ir::ValueId rest = node.operands[side], other = node.operands[1 - side];
      if (variance_.of(rest) == VarianceClass::kRecurrent || variance_.of(other) != VarianceClass::kRecurrent) continue;
      const ir::OpId def = graph_.value(other).def;
      if (def.valid() && is_sum(def) && is_inner(def)) {
        const std::vector<Term> terms = flatten(def);
        return std::all_of(terms.begin(), terms.end(),
                           [](const Term& term) { return term.variance == VarianceClass::kRecurrent; });
      }
      return true;
    }
    return false;
  }

  bool worth(const std::vector<Term>& terms) const {
    size_t recurrent = 0, invariant = 0;
    bool heavy = false;
    for (const Term& term : terms) {
      recurrent += term.variance == VarianceClass::kRecurrent ? 1 : 0;
      invariant += term.variance == VarianceClass::kInvariant ? 1 : 0;
      heavy = heavy || (term.variance == VarianceClass::kIterated && has_heavy_op(term.value));
    }
    return recurrent < terms.size() && (heavy || invariant >= 2);
  }

  Signed combine(OpBuilder& builder, Signed a, Signed b) {
    if (!a.value.valid()) return b;
    if (!b.value.valid()) return a;
    if (a.negative == b.negative) return {builder.pointwise("add", {a.value, b.value}), a.negative};
    return a.negative ? Signed{builder.pointwise("sub", {b.value, a.value}), false}
                      : Signed{builder.pointwise("sub", {a.value, b.value}), false};
  }

  Signed sum_of(OpBuilder& builder, const std::vector<Term>& terms, VarianceClass variance) {
    Signed sum;
    for (const Term& term : terms) {
      if (term.variance == variance) sum = combine(builder, sum, {term.value, term.negative});
    }
    return sum;
  }

  /// The sum of the invariant terms, before the loop when all of them are defined there.
  Signed invariant_sum(OpBuilder& builder, const std::vector<Term>& terms) {
    bool before = true;
    for (const Term& term : terms) {
      before = before && (term.variance != VarianceClass::kInvariant || outside(graph_, term.value, body()));
    }
    OpBuilder place = before ? OpBuilder::before(graph_, loop_) : builder;
    Signed sum = sum_of(place, terms, VarianceClass::kInvariant);
    if (sum.value.valid()) sum.value = fold_value(graph_, sum.value);
    return sum;
  }

  bool split(ir::OpId root) {
    const std::vector<Term> terms = flatten(root);
    if (terms.size() < 3 || is_split(root) || !worth(terms)) return false;
    const ir::ValueId result = graph_.op(root).results[0];
    OpBuilder builder = OpBuilder::before(graph_, root);
    const Signed invariant = invariant_sum(builder, terms);
    const Signed iterated = sum_of(builder, terms, VarianceClass::kIterated);
    const Signed rest = combine(builder, iterated, invariant);
    const Signed recurrent = sum_of(builder, terms, VarianceClass::kRecurrent);
    const Signed sum = combine(builder, recurrent, rest);
    graph_.replace_uses(result, sum.value);
    graph_.erase_op(root);
    return true;
  }

  ir::Graph& graph_;
  ir::OpId loop_;
  Variance variance_;
  Uses uses_;
};

}  // namespace

bool split_sums(ir::Graph& graph, const PassOptions& options) {
  if (options.strict_numerics) return false;
  bool changed = false;
  for (ir::OpId loop : loops_inner_first(graph)) {
    if (!prefers_in_loop(graph, loop, options)) changed = ConcatSplitter(graph, loop).run() || changed;
    changed = SumSplitter(graph, loop).run() || changed;
  }
  if (changed) eliminate_dead(graph, options);
  return changed;
}

}  // namespace rondo::passes
