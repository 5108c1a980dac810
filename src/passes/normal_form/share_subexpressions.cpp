#include "passes/normal_form/share_subexpressions.h"

#include <algorithm>
#include <unordered_map>

#include "base/hash.h"
#include "ops/resolve.h"

namespace rondo::passes {
namespace {

uint64_t hash_attr(const ir::AttrValue& value) {
  if (const auto* integer = std::get_if<int64_t>(&value)) return static_cast<uint64_t>(*integer);
  if (const auto* real = std::get_if<double>(&value)) return hash_bytes(real, sizeof(*real));
  if (const auto* list = std::get_if<std::vector<int64_t>>(&value)) {
    return hash_bytes(list->data(), list->size() * sizeof(int64_t));
  }
  if (const auto* word = std::get_if<std::string>(&value)) return hash_bytes(word->data(), word->size());
  uint64_t hash = 7;
  for (ir::Dim dim : std::get<ir::Dims>(value)) hash = hash_combine(hash, dim.id);
  return hash;
}

bool commutes(const ir::Op& op) {
  if (op.kind != ir::OpKind::k_pointwise || op.operands.size() != 2) return false;
  const std::string& fn = op.attrs.string("fn");
  return fn == "add" || fn == "mul" || fn == "equal" || fn == "and" || fn == "or" || fn == "xor";
}

std::vector<ir::ValueId> ordered_operands(const ir::Op& op) {
  std::vector<ir::ValueId> operands = op.operands;
  if (commutes(op)) std::sort(operands.begin(), operands.end());
  return operands;
}

uint64_t hash_op(const ir::Op& op) {
  uint64_t hash = static_cast<uint64_t>(op.kind);
  if (op.kind == ir::OpKind::k_read_values) return hash_combine(hash, op.operands[0].id);
  for (const auto& [name, value] : op.attrs.items()) hash = hash_combine(hash, hash_attr(value));
  for (ir::ValueId operand : ordered_operands(op)) hash = hash_combine(hash, operand.id);
  return hash;
}

bool equal_ops(const ir::Op& a, const ir::Op& b) {
  // Reads of one tensor name its elements twice.
  if (a.kind == ir::OpKind::k_read_values && b.kind == a.kind) return a.operands == b.operands;
  return a.kind == b.kind && a.attrs == b.attrs && ordered_operands(a) == ordered_operands(b);
}

class Sharer {
 public:
  explicit Sharer(ir::Graph& graph) : graph_(graph) {}

  bool visit(ir::RegionId region) {
    bool changed = false;
    std::vector<uint64_t> added;
    const std::vector<ir::OpId> ops = graph_.region(region).ops;
    for (ir::OpId op : ops) {
      for (ir::RegionId inner : graph_.op(op).regions) changed = visit(inner) || changed;
      if (!graph_.op(op).regions.empty() || graph_.op(op).kind == ir::OpKind::k_input) continue;
      const uint64_t hash = hash_op(graph_.op(op));
      if (share(op, hash)) {
        changed = true;
        continue;
      }
      seen_[hash].push_back(op);
      added.push_back(hash);
    }
    for (uint64_t hash : added) seen_[hash].pop_back();
    return changed;
  }

 private:
  /// From here on the symbols of the later read are those of the earlier one, which accepts what both accept.
  void share_symbols(ir::OpId earlier, ir::OpId later) {
    ir::DimPool& dims = graph_.dims();
    const ir::Dims to = graph_.op(earlier).attrs.dims("values"), from = graph_.op(later).attrs.dims("values");
    for (size_t i = 0; i < to.size(); ++i) {
      const auto number = [&](ir::Dim symbol) { return static_cast<size_t>(dims.node(symbol).value); };
      const ir::Range a = dims.symbol_range(number(to[i])), b = dims.symbol_range(number(from[i]));
      const int64_t min = std::max(a.min, b.min), max = std::min(a.max, b.max);
      if (min <= max) dims.set_range(to[i], {min, std::clamp(a.opt, min, max), max});
      dims.define(from[i], to[i]);
    }
    ops::resolve_dims(graph_);
  }

  bool share(ir::OpId op, uint64_t hash) {
    const auto found = seen_.find(hash);
    if (found == seen_.end()) return false;
    for (ir::OpId earlier : found->second) {
      if (!equal_ops(graph_.op(earlier), graph_.op(op))) continue;
      if (graph_.op(op).kind == ir::OpKind::k_read_values) share_symbols(earlier, op);
      const std::vector<ir::ValueId> results = graph_.op(op).results;
      for (size_t i = 0; i < results.size(); ++i) graph_.replace_uses(results[i], graph_.op(earlier).results[i]);
      graph_.erase_op(op);
      return true;
    }
    return false;
  }

  ir::Graph& graph_;
  std::unordered_map<uint64_t, std::vector<ir::OpId>> seen_;
};

}  // namespace

bool share_subexpressions(ir::Graph& graph) { return Sharer(graph).visit(graph.main()); }

}  // namespace rondo::passes
