#pragma once

#include <vector>

#include "ir/data_symbols.h"
#include "ir/graph.h"

namespace rondo::passes {

/// One place that reads a value: operand `index` of `op`, or yield `index` of `region` when `op` is invalid.
struct Use {
  ir::OpId op;
  ir::RegionId region;
  uint32_t index = 0;
};

/// All uses of every value at one moment, in program order. A snapshot: edits of the graph are not seen.
class Uses {
 public:
  explicit Uses(const ir::Graph& graph);

  const std::vector<Use>& of(ir::ValueId value) const { return value.id < uses_.size() ? uses_[value.id] : none_; }
  size_t count(ir::ValueId value) const { return of(value).size(); }
  /// The op that alone reads the value, once, as an operand in the value's own region; invalid otherwise.
  ir::OpId single_user(const ir::Graph& graph, ir::ValueId value) const;

 private:
  void visit(const ir::Graph& graph, ir::RegionId region);
  std::vector<std::vector<Use>> uses_;
  std::vector<Use> none_;
};

/// Everything the op needs to be computed: its operands, and values defined outside of its own regions that ops (or yields) inside
/// them read, and what defines the data symbols it mentions. No duplicates.
std::vector<ir::ValueId> inputs_of(const ir::Graph& graph, const ir::DataSymbols& data, ir::OpId op);

}  // namespace rondo::passes
