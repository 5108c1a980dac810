// Widening pulls slices through pointwise functions, towards the users that really treat columns differently. The whole
// of some value must be covered (otherwise slices would replace slices), but the other operands may be a run of columns
// of a wider one: a GRU adds two of the three column blocks of its input product to its first recurrent product.
#include "passes/parts/widen_slices.h"

#include <algorithm>
#include <map>
#include <string>

#include "passes/parts/constants.h"
#include "passes/parts/loop_parts.h"
#include "passes/parts/op_builder.h"
#include "passes/parts/uses.h"

namespace rondo::passes {
namespace {

/// A slice and the op that alone reads it.
struct Member {
  ColumnSlice slice;
  ir::OpId user;
  std::vector<ir::ValueId> operands;  ///< of the user, with the slice at the group's position
};

bool commutes(const ir::Op& op) {
  const std::string& fn = op.attrs.string("fn");
  return fn == "add" || fn == "mul";
}

class Widener {
 public:
  Widener(ir::Graph& graph, ir::RegionId region) : graph_(graph), region_(region), uses_(graph) {
    const std::vector<ir::OpId>& ops = graph.region(region).ops;
    for (size_t i = 0; i < ops.size(); ++i) position_[ops[i]] = i;
  }

  bool run() {
    std::vector<std::pair<ir::ValueId, std::vector<ir::OpId>>> cuts;
    std::map<ir::ValueId, size_t> index;
    for (ir::OpId op : graph_.region(region_).ops) {
      if (graph_.op(op).kind != ir::OpKind::k_slice || uses_.count(graph_.op(op).results[0]) == 0) continue;
      const auto slice = column_slice(graph_, graph_.op(op).results[0]);
      if (!slice) continue;
      const auto [found, added] = index.try_emplace(slice->source, cuts.size());
      if (added) cuts.push_back({slice->source, {}});
      cuts[found->second].second.push_back(op);
    }
    for (const auto& [source, slices] : cuts) {
      if (slices.size() >= 2 && widen(source, slices)) return true;
    }
    return false;
  }

 private:
  bool widen(ir::ValueId source, const std::vector<ir::OpId>& slices) {
    std::vector<Member> members;
    for (ir::OpId op : slices) {
      const ir::ValueId value = graph_.op(op).results[0];
      const ir::OpId user = uses_.single_user(graph_, value);
      if (!user.valid() || graph_.op(user).kind != ir::OpKind::k_pointwise) return false;
      members.push_back({*column_slice(graph_, value), user, graph_.op(user).operands});
    }
    std::sort(members.begin(), members.end(),
              [](const Member& a, const Member& b) { return a.slice.start < b.slice.start; });
    if (!covers(source, members) || !alike(members)) return false;
    const ir::OpId first = std::min_element(members.begin(), members.end(), [&](const Member& a, const Member& b) {
                             return position_.at(a.user) < position_.at(b.user);
                           })->user;
    OpBuilder builder(graph_, region_, first, graph_.op(first).name);
    std::vector<ir::ValueId> operands;
    for (size_t i = 0; i < members[0].operands.size(); ++i) {
      const ir::ValueId whole = whole_operand(builder, members, i, first);
      if (!whole.valid()) return false;
      operands.push_back(whole);
    }
    replace(builder, members, std::move(operands));
    return true;
  }

  /// The slices cut all of the source, in order and without overlap.
  bool covers(ir::ValueId source, const std::vector<Member>& members) const {
    int64_t end = 0;
    for (const Member& member : members) {
      if (member.slice.start != end) return false;
      end += member.slice.size;
    }
    return graph_.dims().value_or_unknown(graph_.type(source).dims.back()) == end;
  }

  /// All users apply one function and have the slice at one position (commutative operands are swapped to get there).
  bool alike(std::vector<Member>& members) const {
    const ir::Op& model = graph_.op(members[0].user);
    const size_t position = slice_position(members[0]);
    for (size_t i = 0; i < members.size(); ++i) {
      const ir::Op& op = graph_.op(members[i].user);
      for (size_t j = 0; j < i; ++j) {
        if (members[j].user == members[i].user) return false;
      }
      if (op.attrs != model.attrs || op.operands.size() != model.operands.size()) return false;
      const size_t at = slice_position(members[i]);
      if (at != position) {
        if (!commutes(op)) return false;
        std::swap(members[i].operands[0], members[i].operands[1]);
      }
      if (graph_.dims().value_or_unknown(graph_.type(op.results[0]).dims.back()) != members[i].slice.size) return false;
      if (!same_leading(op.results[0], model.results[0])) return false;
    }
    return true;
  }

  size_t slice_position(const Member& member) const {
    for (size_t i = 0; i < member.operands.size(); ++i) {
      const auto slice = column_slice(graph_, member.operands[i]);
      if (slice && slice->source == member.slice.source && slice->start == member.slice.start) return i;
    }
    return 0;
  }

  bool same_leading(ir::ValueId a, ir::ValueId b) const {
    ir::Dims left = graph_.type(a).dims, right = graph_.type(b).dims;
    if (graph_.type(a).dtype != graph_.type(b).dtype || left.size() != right.size()) return false;
    left.pop_back();
    right.pop_back();
    return same_dims(graph_, left, right);
  }

  bool available(ir::ValueId value, ir::OpId before) const {
    if (graph_.value(value).region != region_) return true;
    const ir::OpId def = graph_.value(value).def;
    return !def.valid() || position_.at(def) < position_.at(before);
  }

  /// The value whose columns are operand `i` of the members in turn; invalid if there is none.
  ir::ValueId whole_operand(OpBuilder& builder, const std::vector<Member>& members, size_t i, ir::OpId first) {
    if (const ir::ValueId same = broadcast_operand(members, i); same.valid()) {
      return available(same, first) ? same : ir::ValueId{};
    }
    const auto run = column_slice(graph_, members[0].operands[i]);
    if (!run) return joined_operand(builder, members, i);
    int64_t end = run->start;
    for (const Member& member : members) {
      const auto slice = column_slice(graph_, member.operands[i]);
      if (!slice || slice->source != run->source || slice->start != end || slice->size != member.slice.size) return {};
      end += slice->size;
    }
    if (!available(run->source, first)) return {};
    ir::DimPool& pool = graph_.dims();
    const int axis = graph_.type(run->source).rank() - 1;
    return builder.slice(run->source, axis, pool.constant(run->start), pool.constant(end - run->start));
  }

  /// The same one-column value in all members.
  ir::ValueId broadcast_operand(const std::vector<Member>& members, size_t i) const {
    const ir::ValueId value = members[0].operands[i];
    for (const Member& member : members) {
      if (member.operands[i] != value) return {};
    }
    return graph_.dims().value_or_unknown(graph_.type(value).dims.back()) == 1 ? value : ir::ValueId{};
  }

  /// Constants, side by side.
  ir::ValueId joined_operand(OpBuilder& builder, const std::vector<Member>& members, size_t i) {
    for (const Member& member : members) {
      const ir::ValueId value = member.operands[i];
      const bool wide = graph_.dims().value_or_unknown(graph_.type(value).dims.back()) == member.slice.size;
      if (!wide || !is_constant(graph_, value) || !same_leading(value, members[0].operands[i])) return {};
    }
    std::vector<ir::ValueId> copies;
    for (const Member& member : members) {
      const ir::Attrs attrs = graph_.op(graph_.value(member.operands[i]).def).attrs;
      copies.push_back(builder.add(ir::OpKind::k_constant, attrs, {}));
    }
    return fold_value(graph_, builder.concat(copies, graph_.type(copies[0]).rank() - 1));
  }

  void replace(OpBuilder& builder, const std::vector<Member>& members, std::vector<ir::ValueId> operands) {
    const ir::Attrs attrs = graph_.op(members[0].user).attrs;
    const ir::ValueId whole = builder.add(ir::OpKind::k_pointwise, attrs, std::move(operands));
    ir::DimPool& pool = graph_.dims();
    const int axis = graph_.type(whole).rank() - 1;
    for (const Member& member : members) {
      const ir::Dim start = pool.constant(member.slice.start), size = pool.constant(member.slice.size);
      graph_.replace_uses(graph_.op(member.user).results[0], builder.slice(whole, axis, start, size));
    }
    for (const Member& member : members) graph_.erase_op(member.user);
  }

  ir::Graph& graph_;
  ir::RegionId region_;
  Uses uses_;
  std::map<ir::OpId, size_t> position_;
};

}  // namespace

std::optional<ColumnSlice> column_slice(ir::Graph& graph, ir::ValueId value) {
  const ir::OpId def = graph.value(value).def;
  if (!def.valid() || graph.op(def).kind != ir::OpKind::k_slice) return std::nullopt;
  const ir::Op& op = graph.op(def);
  const ir::Dims &start = op.attrs.dims("start"), &size = op.attrs.dims("size");
  const ir::DimPool& pool = graph.dims();
  for (size_t axis = 0; axis < start.size(); ++axis) {
    if (op.attrs.integers("stride")[axis] != 1) return std::nullopt;
    const bool last = axis + 1 == start.size();
    if (!last && !graph.dims().same(size[axis], graph.type(op.operands[0]).dims[axis])) return std::nullopt;
  }
  if (start.empty() || !pool.is_constant(start.back()) || !pool.is_constant(size.back())) return std::nullopt;
  return ColumnSlice{op.operands[0], pool.value(start.back()), pool.value(size.back())};
}

bool widen_slices(ir::Graph& graph, ir::RegionId region) { return Widener(graph, region).run(); }

}  // namespace rondo::passes
