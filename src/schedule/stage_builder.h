#pragma once

#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "schedule/partition/region_plan.h"
#include "schedule/stage_draft.h"

namespace rondo::schedule {

/// Where a stage finds what it does not compute itself.
struct StageSources {
  std::function<Place(ir::ValueId)> place_of;
  /// Slot of the loop whose step argument the value is, or plan::kNone.
  std::function<uint32_t(ir::ValueId)> step_slot;
  /// Packs a product's right-hand side, or not (pack_weights).
  std::function<std::optional<plan::Packed>(const GemmDraft&, ir::Dim columns)> pack;
  /// Sums of two products may continue in one accumulator (another order of the sum).
  bool join_sums = true;
};

/// A value the stage writes, computed by the group or read by it, and where to (axes of the value).
struct StoreRequest {
  ir::ValueId value;
  Place dest;
};

/// Makes the stage of one group: every stored value pulls what it needs through index maps (docs/design/0004).
class StageBuilder {
 public:
  StageBuilder(ir::Graph& graph, const Unit& unit, const StageSources& sources,
               const std::vector<StoreRequest>& stores);
  StageDraft build();

 private:
  using Key = std::pair<uint32_t, std::vector<uint64_t>>;

  void find_anchors();
  void join_sums();
  bool is_stored(ir::ValueId value) const;
  void store(const StoreRequest& request, std::vector<tile::Inst>& insts);
  bool is_joined_sum(ir::ValueId sum, ir::ValueId* kept, ir::ValueId* joined);
  GemmDraft gemm(ir::OpId op);
  uint16_t value_at(ir::ValueId value, const IndexMap& map);
  uint16_t compute(ir::ValueId value, const IndexMap& map);
  bool computes(ir::ValueId root) const;
  std::optional<uint16_t> leaf(ir::ValueId value, const IndexMap& map);
  std::optional<uint16_t> known_content(ir::ValueId value, const IndexMap& map);
  std::optional<uint16_t> index_value(const ir::Op& iota, DType dtype, const IndexMap& map);
  uint16_t accumulator(ir::ValueId value, const IndexMap& map);
  uint16_t pointwise(ir::ValueId value, const IndexMap& map);
  uint16_t row_reduction(ir::ValueId value);
  uint16_t narrowed(uint16_t inst, DType dtype);
  uint16_t load(ir::ValueId value, const IndexMap& map);
  uint16_t constant(double value, tile::ValueType type);
  uint16_t add_inst(tile::Inst inst);
  uint16_t apply(tile::PointwiseFn fn, tile::ValueType type, std::initializer_list<uint16_t> args);
  uint16_t operand(const Place& place, DType dtype);

  ir::Graph& graph_;
  ir::DimPool& pool_;
  const Unit& unit_;
  const StageSources& sources_;
  const std::vector<StoreRequest>& stores_;
  StageDraft draft_;
  std::map<Key, uint16_t> made_;
  std::map<ir::ValueId, uint16_t> acc_base_;
  std::set<ir::ValueId> joined_sums_;         ///< adds whose result stands in the accumulator already
  std::map<ir::ValueId, ir::ValueId> joins_;  ///< product -> earlier product whose accumulators it continues
};

/// A group without ops over the dims of `value`: its stage copies.
Unit copying_unit(ir::Graph& graph, ir::ValueId value);

}  // namespace rondo::schedule
