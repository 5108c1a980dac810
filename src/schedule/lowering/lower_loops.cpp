// Loops. The order matters: outputs first (states may live in them), then the states, then the body, which by then
// knows where its results are wanted. Loops of one group become blocks of a Parallel step; counters stay inside of
// their block, so what would need them later is copied there.
#include <algorithm>

#include "base/error.h"
#include "schedule/lowering/lowering.h"

namespace rondo::schedule {

std::vector<Collected> Lowering::place_collected(const LoopContext& loop, Copies& copies) {
  const std::vector<int64_t> axes = graph_.op(loop.op).attrs.integers("out_axes");
  const std::vector<int64_t> reverse = graph_.op(loop.op).attrs.integers("out_reverse");
  std::vector<Collected> all(loop.collected);
  for (size_t i = 0; i < loop.collected; ++i) {
    Collected& out = all[i];
    const ir::ValueId result = loop.collected_result(graph_, i);
    out.used = use_counts_[result.id] != 0;
    if (!out.used) continue;
    const auto axis = static_cast<size_t>(axes[i]);
    const ir::Dim length = graph_.type(result).dims[axis];
    out.whole = places_[result] = take_place(result, copies);
    out.fits = loop.trips && provably_at_most(pool_, *loop.trips, length);
    const bool count_decides = loop.trips && !loop.has_while;
    out.reverse_after = reverse[i] != 0 && !count_decides;
    if (reverse[i] != 0 && count_decides) {
      const ir::Dim stored = out.fits ? *loop.trips : pool_.min(*loop.trips, length);
      out.store = iterated(pool_, out.whole, axis, loop.slot, &stored);
    } else {
      out.store = iterated(pool_, out.whole, axis, loop.slot, nullptr);
    }
    if (!out.fits) {
      out.store.guard_slot = loop.slot;
      out.store.guard_limit = length;
    }
  }
  return all;
}

void Lowering::place_arguments(const LoopContext& loop, const std::vector<CarryPlan>& carries) {
  step_slots_[graph_.region(loop.body).args[0]] = loop.slot;
  for (size_t i = 0; i < loop.carried; ++i) {
    if (carries[i].placement != Placement::kDead) places_[loop.carried_arg(graph_, i)] = carries[i].read;
  }
  const std::vector<int64_t> axes = graph_.op(loop.op).attrs.integers("iter_axes");
  const std::vector<int64_t> reverse = graph_.op(loop.op).attrs.integers("iter_reverse");
  for (size_t i = 0; i < loop.slices; ++i) {
    if (use_counts_[loop.slice_arg(graph_, i).id] == 0) continue;
    const ir::ValueId tensor = loop.iterated(graph_, i);
    if (reverse[i] != 0 && !loop.trips) {
      fail(Code::kUnsupportedState, "loop '", graph_.op(loop.op).name, "': the reverse iterator over '",
           name_of(tensor),
           "' needs a trip count that is known before the network runs (a constant, or computed from shapes); iterate "
           "forward "
           "over a reversed tensor instead");
    }
    const ir::Dim count = loop.trips.value_or(pool_.constant(0));
    places_[loop.slice_arg(graph_, i)] =
        iterated(pool_, place_of(tensor), static_cast<size_t>(axes[i]), loop.slot, reverse[i] != 0 ? &count : nullptr);
  }
}

Lowering::Wanted Lowering::body_wants(const LoopContext& loop, const std::vector<Collected>& collected,
                                      const std::vector<CarryPlan>& carries) {
  Wanted wanted(loop.carried + loop.collected);
  for (size_t i = 0; i < loop.carried; ++i) {
    if (carries[i].write) wanted[i].push_back(*carries[i].write);
  }
  for (size_t i = 0; i < loop.collected; ++i) {
    if (collected[i].used) wanted[loop.carried + i].push_back(collected[i].store);
  }
  return wanted;
}

void Lowering::lower_body(const LoopContext& loop, const RegionPlan& body, const Wanted& wanted, uint32_t index) {
  const uint32_t outer_loop = builder_.current_loop();
  const uint32_t block = builder_.new_block();
  builder_.program().loops[index].body = block;
  const uint32_t outer = open_scope(block);
  builder_.set_loop(index);
  lower_region(body, wanted, loop.flag(graph_));
  builder_.set_loop(outer_loop);
  close_scope(outer);
}

void Lowering::finish_collected(const LoopContext& loop, const std::vector<Collected>& collected) {
  for (size_t i = 0; i < loop.collected; ++i) {
    if (!collected[i].used) continue;
    const ir::Dims& dims = graph_.type(loop.collected_result(graph_, i)).dims;
    const int64_t axis = graph_.op(loop.op).attrs.integers("out_axes")[i];
    plan::Kernel kernel;
    kernel.space = builder_.exprs(dims);
    kernel.operands = {builder_.view(collected[i].whole)};
    kernel.attrs = {axis};
    kernel.slots = {loop.slot};
    if (collected[i].reverse_after) {
      kernel.id = plan::KernelId::k_reverse_prefix;
      builder_.add_kernel(kernel, graph_.op(loop.op).name);
    }
    const bool full =
        loop.trips && !loop.has_while && provably_at_most(pool_, dims[static_cast<size_t>(axis)], *loop.trips);
    if (full) continue;
    kernel.id = plan::KernelId::k_zero_tail;
    builder_.add_kernel(std::move(kernel), graph_.op(loop.op).name);
  }
}

void Lowering::place_last_values(const LoopContext& loop, const std::vector<CarryPlan>& carries, bool isolated,
                                 Copies& copies) {
  for (size_t i = 0; i < loop.carried; ++i) {
    const ir::ValueId last = loop.last(graph_, i);
    if (carries[i].placement == Placement::kDead || use_counts_[last.id] == 0) continue;
    Place place = carries[i].read;
    if (loop.trips && !loop.has_while) place = settled(pool_, place, loop.slot, *loop.trips);
    places_[last] = place;
    const bool lives_in_wanted = places_single_.count(last) != 0;
    if (isolated && depends_on_slot(place, loop.slot)) {
      Copies others;
      const Place fixed = take_place(last, others);
      copy(last, fixed);
      places_[last] = fixed;
      copies.insert(copies.end(), others.begin(), others.end());
    } else if (!lives_in_wanted && wanted_.count(last) != 0) {
      for (const Place& wanted : wanted_.at(last)) copies.emplace_back(last, wanted);
    }
  }
}

void Lowering::lower_loop(ir::OpId id, bool isolated, Copies& copies) {
  const LoopContext loop = loop_context(graph_, id, builder_.new_slot());
  const auto index = static_cast<uint32_t>(builder_.program().loops.size());
  builder_.program().loops.emplace_back();
  const RegionPlan body = plan_region(graph_, loop.body, loop.flag(graph_), options_);
  const std::vector<Collected> collected = place_collected(loop, copies);
  StatePlaces places;
  places.place_of = [this](ir::ValueId value) { return place_of(value); };
  places.is_used = [this](ir::ValueId value) { return use_counts_[value.id] != 0; };
  places.buffer = [this](ir::ValueId like, ir::Dim elements) {
    return builder_.arena_buffer(graph_.type(like).dtype, elements, name_of(like));
  };
  places.single = [&](ir::ValueId last, bool* given) {
    places_single_.insert(last);
    const auto wanted = wanted_.find(last);
    *given = wanted != wanted_.end() &&
             std::any_of(wanted->second.begin(), wanted->second.end(), [](const Place& p) { return !p.guarded(); });
    return take_place(last, copies);
  };
  const std::vector<CarryPlan> carries = place_states(graph_, loop, body, collected, places, options_);
  for (size_t i = 0; i < loop.carried; ++i) {
    if (carries[i].copy_initial) copy(loop.initial(graph_, i), *carries[i].write);
  }
  place_arguments(loop, carries);
  plan::Loop step;
  step.slot = loop.slot;
  if (loop.trips) step.trips = builder_.expr(*loop.trips);
  if (loop.has_count && !loop.trips) step.count_view = builder_.view(place_of(graph_.op(id).operands[0]));
  builder_.program().loops[index] = step;
  lower_body(loop, body, body_wants(loop, collected, carries), index);
  builder_.add_step(plan::StepKind::kLoop, index, graph_.op(id).name);
  finish_collected(loop, collected);
  place_last_values(loop, carries, isolated, copies);
  loop_reports_.push_back({graph_.op(id).name, carries, index});
}

void Lowering::lower_loops(const Unit& unit, Copies& copies) {
  if (unit.ops.size() == 1) return lower_loop(unit.ops[0], false, copies);
  plan::Parallel parallel;
  for (const ir::OpId op : unit.ops) {
    parallel.blocks.push_back(builder_.new_block());
    const uint32_t outer = open_scope(parallel.blocks.back());
    lower_loop(op, true, copies);
    close_scope(outer);
  }
  builder_.program().parallels.push_back(parallel);
  builder_.add_step(plan::StepKind::kParallel, static_cast<uint32_t>(builder_.program().parallels.size() - 1),
                    origin(unit.ops));
}

}  // namespace rondo::schedule
