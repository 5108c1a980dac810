#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "ir/data_symbols.h"
#include "ir/graph.h"
#include "passes/pass.h"
#include "schedule/index_map.h"

namespace rondo::schedule {

enum class UnitKind : uint8_t {
  kGroup,    ///< pointwise ops with products of matrices or reductions along rows: one stage
  kKernel,   ///< reduce, topk, gather
  kReshape,  ///< reshape that may need a copy
  kConcat,
  kLoops,  ///< one loop, or several independent ones that run in parallel
  kConditional,
  kRead,  ///< gives data symbols their values
};

/// Ops of one region that become one step (kReshape, kConcat: none or some copies).
struct Unit {
  UnitKind kind = UnitKind::kGroup;
  int phase = 1;                      ///< 0: decides whether the iteration of a while loop runs
  std::vector<ir::OpId> ops;          ///< program order; a group's include the cheap ops it recomputes
  std::set<int> reads;                ///< units whose results this one reads
  std::set<int> read_by;              ///< inverse of reads
  bool anchored = false;              ///< groups: holds a product of matrices
  ir::Dims space;                     ///< groups: iteration space; anchored: [batch…, rows, columns of one gate]
  ir::Dim unit;                       ///< anchored: last extent of the space
  std::map<ir::ValueId, Form> forms;  ///< groups: how results of its own ops lie over the space
  int row_axes = 0;                   ///< groups that fold rows: how many trailing axes of the space make a row
  std::map<ir::ValueId, Form> folds;  ///< results of row reductions -> form of their operands
  bool alive = true;
  int first = INT32_MAX, last = -1;  ///< positions of its ops in the region
  int latest = -1;                   ///< largest `last` of itself and of all units it depends on

  int last_axis() const { return static_cast<int>(space.size()) - 1; }
  bool contains(ir::OpId op) const;
};

/// One use of a value after transparent ops are looked through. An invalid op is the region's result list.
struct Use {
  ir::OpId op;
  bool widened = false;  ///< a broadcast stands between
};

/// The units of a region in the order in which they run. Phase 0 comes first.
struct RegionPlan {
  ir::RegionId region;
  std::vector<Unit> units;
  std::vector<int> order;
  std::map<ir::OpId, int> owner;              ///< unit that stores the op's results; ops recomputed by others have none
  std::map<ir::OpId, std::set<int>> holders;  ///< all units that compute the op
  std::map<ir::ValueId, std::vector<Use>> uses;  ///< of values of this region, nested regions' captures included

  std::map<ir::ValueId, std::vector<ir::OpId>> readers;  ///< direct ones; invalid: the region's result list

  /// Unit that makes the value available, -1 if it is made outside of the region or needs no unit.
  int unit_of(ir::Graph& graph, ir::ValueId value) const;
  /// True if a unit that computes `op` does not compute `other`.
  bool held_without(ir::OpId op, ir::OpId other) const;
};

/// Units of a region: partition_stages, fuse_tails. With `flag`, the while condition, its backward slice becomes phase 0.
RegionPlan plan_region(ir::Graph& graph, ir::RegionId region, ir::ValueId flag, const passes::PassOptions& options);

/// Values of `region` (or around it) that an op reads, nested regions' captures included, and those that define the data symbols
/// it mentions.
std::vector<ir::ValueId> values_read(const ir::Graph& graph, const ir::DataSymbols& data, ir::OpId op);
/// True if the value needs no unit: known contents, constant, input, iota.
bool is_leaf(const ir::Graph& graph, ir::ValueId value);

/// Calls `load(root, map)` for every root value the group reads from memory when it computes `value` at `map`, the same way its tile
/// program is made.
void visit_loads(ir::Graph& graph, const Unit& unit, ir::ValueId value, const IndexMap& map,
                 const std::function<void(ir::ValueId, const IndexMap&)>& load);

}  // namespace rondo::schedule
