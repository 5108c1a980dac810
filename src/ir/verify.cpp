#include "ir/verify.h"

#include "base/checked.h"
#include "base/error.h"
#include "ir/data_symbols.h"

namespace rondo::ir {
namespace {

/// What a loop's attributes say of its arity. Counts are as large as the attributes claim, hence 64 bits.
struct LoopArity {
  uint64_t count = 0, conditions = 0, carried = 0, iterated = 0, collected = 0;
};

class StructureCheck {
 public:
  explicit StructureCheck(const Graph& graph)
      : graph_(graph),
        data_(graph),
        visible_(graph.value_count()),
        defined_(graph.value_count()),
        op_seen_(graph.op_count()),
        region_seen_(graph.region_count()) {}

  std::optional<StructureProblem> find() {
    const Region& main = graph_.region(graph_.main());
    if (main.parent.valid() || !main.args.empty()) report({}, "the main region has a parent or arguments");
    if (!found_) region(graph_.main());
    if (!found_) outputs(main);
    if (!found_) inputs();
    return found_;
  }

 private:
  template <class... Args>
  bool report(OpId op, const Args&... args) {
    if (found_) return false;
    std::string where;
    if (op.valid()) where = text(op_kind_name(graph_.op(op).kind), " '", graph_.op(op).name, "': ");
    found_ = StructureProblem{op, where + text(args...)};
    return false;
  }

  // Recursion is as deep as regions nest; a region seen twice ends it.
  void region(RegionId id) {
    const Region& r = graph_.region(id);
    std::vector<ValueId> local;
    for (size_t i = 0; i < r.args.size() && !found_; ++i) define(r.parent, r.args[i], OpId{}, i, id, &local);
    for (const OpId op : r.ops) {
      if (found_ || !check_op(op, id)) return;
      const Op& o = graph_.op(op);
      for (const RegionId nested : o.regions) {
        if (!enter(op, nested)) return;
        region(nested);
        if (found_) return;
      }
      if (!check_arity(op)) return;
      for (size_t i = 0; i < o.results.size() && !found_; ++i) define(op, o.results[i], op, i, id, &local);
    }
    for (const ValueId v : r.results) {
      if (!found_ && !is_visible(v)) report(r.parent, "a region yields a value that is not defined before");
    }
    if (id != graph_.main()) {
      for (const ValueId v : local) visible_[v.id] = 0;
    }
  }

  bool is_visible(ValueId v) const { return v.id < visible_.size() && visible_[v.id] != 0; }

  void define(OpId at, ValueId v, OpId def, size_t index, RegionId region, std::vector<ValueId>* local) {
    if (v.id >= graph_.value_count()) return void(report(at, "value id ", v.id, " is out of range"));
    const Value& value = graph_.value(v);
    if (defined_[v.id]) return void(report(at, "value ", v.id, " is defined twice"));
    if (value.def != def || value.def_index != index || value.region != region) {
      return void(report(at, "value ", v.id, " names another definition"));
    }
    if (!is_valid_dtype(static_cast<int64_t>(value.info.type.dtype)) || !dims_in_pool(value.info.type.dims) ||
        (value.info.contents && !dims_in_pool(*value.info.contents))) {
      return void(report(at, "value ", v.id, " has a malformed type"));
    }
    defined_[v.id] = visible_[v.id] = 1;
    local->push_back(v);
  }

  bool dims_in_pool(const Dims& dims) const {
    for (const Dim d : dims) {
      if (d.id >= graph_.dims().node_count()) return false;
    }
    return true;
  }

  bool check_op(OpId id, RegionId in) {
    if (id.id >= graph_.op_count()) return report({}, "op id ", id.id, " is out of range");
    if (op_seen_[id.id]) return report(id, "stands in the program twice");
    op_seen_[id.id] = 1;
    const Op& op = graph_.op(id);
    if (op.parent != in)
      return report(id, op.parent.valid() ? "names another region as its parent" : "is erased but reachable");
    for (size_t i = 0; i < op.operands.size(); ++i) {
      if (!is_visible(op.operands[i])) return report(id, "operand ", i, " is not defined before its use");
    }
    if (data_.any()) {
      for (const ValueId read : data_.needed_by(id)) {
        if (!is_visible(read)) return report(id, "mentions a dimension that is read from data after its use");
      }
    }
    for (const auto& [name, value] : op.attrs.items()) {
      const Dims* dims = std::get_if<Dims>(&value);
      if (dims != nullptr && !dims_in_pool(*dims))
        return report(id, "attribute '", name, "' holds a malformed dimension");
    }
    if (op.kind == OpKind::k_input && in != graph_.main()) return report(id, "inputs stand in the main region");
    return op.kind != OpKind::k_constant || check_constant(id, op);
  }

  bool enter(OpId op, RegionId region) {
    if (region.id >= graph_.region_count()) return report(op, "region id ", region.id, " is out of range");
    if (region == graph_.main() || region_seen_[region.id]) return report(op, "region ", region.id, " is used twice");
    region_seen_[region.id] = 1;
    if (graph_.region(region).parent != op) return report(op, "region ", region.id, " names another parent");
    return true;
  }

  template <class T>
  const T* attr(const Op& op, std::string_view name) const {
    for (const auto& [key, value] : op.attrs.items()) {
      if (key == name) return std::get_if<T>(&value);
    }
    return nullptr;
  }

  bool check_constant(OpId id, const Op& op) {
    const auto* data = attr<int64_t>(op, "data");
    const auto* dims = attr<std::vector<int64_t>>(op, "dims");
    if (data == nullptr || dims == nullptr) return report(id, "attributes data (bytes) and dims (list) are needed");
    if (*data < 0 || static_cast<size_t>(*data) >= graph_.constant_count())
      return report(id, "data ", *data, " does not exist");
    const ConstantData& constant = graph_.constant_data(static_cast<uint32_t>(*data));
    auto bytes = static_cast<int64_t>(dtype_bytes(constant.dtype));
    for (const int64_t d : *dims) {
      if (d < 0 || !checked_mul(bytes, d, &bytes)) return report(id, "dims are negative or too large");
    }
    if (static_cast<uint64_t>(bytes) != constant.bytes.size()) {
      return report(id, "dims need ", bytes, " bytes, data holds ", constant.bytes.size());
    }
    return true;
  }

  bool check_arity(OpId id) {
    const Op& op = graph_.op(id);
    if (op.kind == OpKind::k_loop) return check_loop(id, op);
    if (op.kind == OpKind::k_conditional) return check_conditional(id, op);
    if (!op.regions.empty()) return report(id, "has regions; only loop and conditional have");
    const bool one_result = op.kind == OpKind::k_input || op.kind == OpKind::k_constant;
    if (one_result && (op.results.size() != 1 || !op.operands.empty()))
      return report(id, "has one result and no operands");
    return true;
  }

  bool flag(const Op& op, const char* name, uint64_t* value) const {
    const auto* integer = attr<int64_t>(op, name);
    if (integer == nullptr || (*integer != 0 && *integer != 1)) return false;
    *value = static_cast<uint64_t>(*integer);
    return true;
  }

  bool list_pair(const Op& op, const char* axes_name, const char* reverse_name, uint64_t* count) const {
    const auto* axes = attr<std::vector<int64_t>>(op, axes_name);
    const auto* reverse = attr<std::vector<int64_t>>(op, reverse_name);
    if (axes == nullptr || reverse == nullptr || axes->size() != reverse->size()) return false;
    *count = axes->size();
    return true;
  }

  bool check_loop(OpId id, const Op& op) {
    LoopArity n;
    if (!flag(op, "count", &n.count)) return report(id, "attribute count is 0 or 1");
    if (!flag(op, "while", &n.conditions)) return report(id, "attribute while is 0 or 1");
    const auto* carried = attr<int64_t>(op, "carried");
    if (carried == nullptr || *carried < 0 || *carried > UINT32_MAX) return report(id, "attribute carried is a count");
    n.carried = static_cast<uint64_t>(*carried);
    if (!list_pair(op, "iter_axes", "iter_reverse", &n.iterated)) {
      return report(id, "attributes iter_axes and iter_reverse are lists of one length");
    }
    if (!list_pair(op, "out_axes", "out_reverse", &n.collected)) {
      return report(id, "attributes out_axes and out_reverse are lists of one length");
    }
    if (n.count + n.conditions == 0) return report(id, "has neither a trip count nor a condition");
    if (op.regions.size() != 1) return report(id, "has one region");
    const Region& body = graph_.region(op.regions[0]);
    const bool fits = expect(id, "operands", op.operands.size(), n.count + n.carried + n.iterated + n.collected) &&
                      expect(id, "results", op.results.size(), n.carried + n.collected) &&
                      expect(id, "region arguments", body.args.size(), 1 + n.carried + n.iterated) &&
                      expect(id, "yielded values", body.results.size(), n.carried + n.collected + n.conditions);
    return fits;
  }

  bool expect(OpId id, const char* what, size_t actual, uint64_t needed) {
    return actual == needed || report(id, "has ", actual, " ", what, ", its attributes say ", needed);
  }

  bool check_conditional(OpId id, const Op& op) {
    if (op.operands.size() != 1) return report(id, "has one operand");
    if (op.regions.size() != 2) return report(id, "has two regions");
    for (const RegionId r : op.regions) {
      const Region& region = graph_.region(r);
      if (!region.args.empty()) return report(id, "its regions have no arguments");
      if (region.results.size() != op.results.size()) return report(id, "each region yields one value per result");
    }
    return true;
  }

  void outputs(const Region& main) {
    if (main.results.size() != graph_.output_names().size()) {
      report({}, main.results.size(), " outputs have ", graph_.output_names().size(), " names");
    }
    for (const std::string& name : graph_.output_names()) {
      if (name.empty()) report({}, "an output has no name");
    }
  }

  void inputs() {
    size_t live = 0;
    for (const OpId op : graph_.region(graph_.main()).ops) live += graph_.op(op).kind == OpKind::k_input;
    if (live != graph_.inputs().size()) report({}, live, " input ops, ", graph_.inputs().size(), " inputs listed");
    for (size_t i = 0; i < graph_.inputs().size() && !found_; ++i) {
      const OpId id = graph_.inputs()[i];
      if (id.id >= op_seen_.size() || !op_seen_[id.id] || graph_.op(id).kind != OpKind::k_input) {
        return void(report({}, "input ", i, " is no input op of the program"));
      }
      const auto* index = attr<int64_t>(graph_.op(id), "index");
      if (index == nullptr || *index != static_cast<int64_t>(i)) report(id, "attribute index is ", i);
    }
  }

  const Graph& graph_;
  const DataSymbols data_;
  std::vector<uint8_t> visible_, defined_, op_seen_, region_seen_;
  std::optional<StructureProblem> found_;
};

}  // namespace

std::optional<StructureProblem> find_structure_problem(const Graph& graph) { return StructureCheck(graph).find(); }

void verify_structure(const Graph& graph, const char* after) {
  const std::optional<StructureProblem> problem = find_structure_problem(graph);
  if (problem) throw InternalError(text("after ", after, ": ", problem->text));
}

}  // namespace rondo::ir
