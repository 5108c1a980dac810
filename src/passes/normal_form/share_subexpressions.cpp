#include "passes/normal_form/share_subexpressions.h"

#include <algorithm>
#include <unordered_map>

#include "base/hash.h"

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
  for (const auto& [name, value] : op.attrs.items()) hash = hash_combine(hash, hash_attr(value));
  for (ir::ValueId operand : ordered_operands(op)) hash = hash_combine(hash, operand.id);
  return hash;
}

bool equal_ops(const ir::Op& a, const ir::Op& b) {
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
  bool share(ir::OpId op, uint64_t hash) {
    const auto found = seen_.find(hash);
    if (found == seen_.end()) return false;
    for (ir::OpId earlier : found->second) {
      if (!equal_ops(graph_.op(earlier), graph_.op(op))) continue;
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
