#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ir/graph.h"
#include "passes/pass.h"
#include "schedule/place_states.h"
#include "schedule/stage_builder.h"

namespace rondo::schedule {

/// What became of one loop, for the inspector.
struct LoopReport {
  std::string name;
  std::vector<CarryPlan> carries;
  uint32_t loop = 0;
};

/// Walks regions and emits steps. Values get places as their units are emitted; what a value is wanted for is known before
/// (`want`), so that its unit can store right there.
class Lowering {
 public:
  Lowering(ir::Graph& graph, ProgramBuilder& builder, const passes::PassOptions& options);

  /// Lowers the main region into block 0; outputs[i]: where network output i belongs.
  void lower_main(const std::vector<Place>& outputs);
  /// Declares where a network input lies.
  void set_input(ir::ValueId value, const Place& place) { places_[value] = place; }
  const std::vector<LoopReport>& loop_reports() const { return loop_reports_; }

 private:
  using Wanted = std::vector<std::vector<Place>>;  ///< per region result
  using Copies = std::vector<std::pair<ir::ValueId, Place>>;

  // Values (lower_values.cpp).
  Place place_of(ir::ValueId value);
  Place known_values(ir::ValueId value);
  void write_contents(ir::ValueId value, const Place& place);
  Place leaf_copy(ir::ValueId value);
  void copy(ir::ValueId value, const Place& dest);
  uint32_t step_slot(ir::ValueId value) const;
  /// Takes a wanted place of `value` that can be read again, or makes a buffer. The other wanted places go to `copies`.
  Place take_place(ir::ValueId value, Copies& copies);
  Place new_place(ir::ValueId value);
  StageSources sources();
  std::string origin(const std::vector<ir::OpId>& ops) const;
  std::string name_of(ir::ValueId value) const;

  // Regions (lower_region.cpp).
  void lower_region(const RegionPlan& plan, const Wanted& wanted, ir::ValueId flag);
  void want(const RegionPlan& plan, ir::ValueId value, Place place, Copies& copies);
  void place_concats(const RegionPlan& plan, std::map<ir::OpId, Copies>& pieces);
  void place_joined_axes(const RegionPlan& plan);
  void lower_unit(const RegionPlan& plan, int id, std::map<ir::OpId, Copies>& pieces);
  void lower_group(const RegionPlan& plan, int id);
  bool needs_place(const RegionPlan& plan, ir::ValueId value);
  std::vector<ir::ValueId> gates_read(const RegionPlan& plan, Unit& unit, ir::ValueId wide);
  void lower_reshape(ir::OpId op, Copies& copies);
  void lower_conditional(ir::OpId op, Copies& copies);
  void lower_branch(ir::OpId op, size_t branch, const Wanted& wanted);
  bool is_known_at(const RegionPlan& plan, const Place& place, ir::ValueId value) const;
  void lower_read(ir::OpId op, Copies& copies);
  uint32_t open_scope(uint32_t block);
  void close_scope(uint32_t outer_block);

  // Structured ops (lower_kernels.cpp).
  void lower_kernel(ir::OpId op, Copies& copies);
  plan::Kernel kernel_of(const ir::Op& op, const std::vector<Place>& results);
  plan::Kernel reduce(const ir::Op& op, const Place& y);
  plan::Kernel topk(const ir::Op& op, const Place& values, const Place& indices);
  plan::Kernel gather(const ir::Op& op, const Place& y);

  // Loops (lower_loops.cpp).
  void lower_loops(const Unit& unit, Copies& copies);
  void lower_loop(ir::OpId op, bool isolated, Copies& copies);
  std::vector<Collected> place_collected(const LoopContext& loop, Copies& copies);
  void place_arguments(const LoopContext& loop, const std::vector<CarryPlan>& carries);
  Wanted body_wants(const LoopContext& loop, const std::vector<Collected>& collected,
                    const std::vector<CarryPlan>& carries);
  void lower_body(const LoopContext& loop, const RegionPlan& body, const Wanted& wanted, uint32_t index);
  void finish_collected(const LoopContext& loop, const std::vector<Collected>& collected);
  void place_last_values(const LoopContext& loop, const std::vector<CarryPlan>& carries, bool isolated, Copies& copies);

  ir::Graph& graph_;
  ir::DimPool& pool_;
  ProgramBuilder& builder_;
  const passes::PassOptions& options_;
  const ir::DataSymbols data_;
  std::vector<uint32_t> use_counts_;
  std::map<ir::ValueId, Place> places_;
  std::map<ir::ValueId, std::vector<Place>> wanted_;
  std::set<ir::ValueId> places_single_;  ///< last values that live where they are wanted, or in a buffer of their own
  std::set<ir::ValueId> copied_roots_;   ///< read by copies at the end of their region
  std::map<ir::ValueId, uint32_t> step_slots_;
  std::vector<std::map<ir::ValueId, Place>> leaf_scopes_;  ///< one per open block
  std::vector<uint32_t> prelude_;                          ///< steps that run before all others
  std::vector<LoopReport> loop_reports_;
};

}  // namespace rondo::schedule
