// Emits the units of a region in their order. Before the first, what the region's results and concats are wanted for is
// handed to the values behind them, through views if need be, so that units store straight to where their results
// belong. What no unit of the region computes (arguments, outer values, constants) is copied there at the end of the
// region.
#include <algorithm>

#include "base/error.h"
#include "schedule/lowering/lowering.h"

namespace rondo::schedule {

uint32_t Lowering::open_scope(uint32_t block) {
  const uint32_t outer = builder_.current_block();
  builder_.set_block(block);
  leaf_scopes_.emplace_back();
  return outer;
}

void Lowering::close_scope(uint32_t outer_block) {
  leaf_scopes_.pop_back();
  builder_.set_block(outer_block);
}

void Lowering::lower_main(const std::vector<Place>& outputs) {
  const uint32_t outer = open_scope(builder_.new_block());
  Wanted wanted;
  for (const Place& output : outputs) wanted.push_back({output});
  lower_region(plan_region(graph_, graph_.main(), {}, options_), wanted, {});
  close_scope(outer);
  std::vector<uint32_t>& steps = builder_.program().blocks[0].steps;
  steps.insert(steps.begin(), prelude_.begin(), prelude_.end());
}

/// False if the place is told in data that this region reads, perhaps after the value has been computed.
bool Lowering::is_known_at(const RegionPlan& plan, const Place& place, ir::ValueId value) const {
  if (!data_.any()) return true;
  ir::Dims told{place.offset, builder_.infos()[place.buffer].elements};
  told.insert(told.end(), place.strides.begin(), place.strides.end());
  for (const PlaceTerm& term : place.terms) told.push_back(term.stride);
  if (place.guarded()) told.push_back(place.guard_limit);
  for (ir::Dim& dim : told) dim = pool_.resolve(dim);
  std::vector<ir::ValueId> needed, before;
  data_.needed_by(told, &needed);
  data_.needed_by(graph_.type(value).dims, &before);
  return std::all_of(needed.begin(), needed.end(), [&](ir::ValueId read) {
    return !graph_.is_inside(graph_.value(read).region, plan.region) ||
           std::find(before.begin(), before.end(), read) != before.end();
  });
}

void Lowering::want(const RegionPlan& plan, ir::ValueId value, Place place, Copies& copies) {
  ir::ValueId at = value;
  Place there = place;
  while (is_known_at(plan, place, at) && graph_.value(at).def.valid() && !is_leaf(graph_, at) &&
         graph_.op(graph_.value(at).def).parent == plan.region) {
    const ir::Op& op = graph_.op(graph_.value(at).def);
    if (plan.owner.count(graph_.value(at).def) != 0 && op.kind != ir::OpKind::k_reshape) {
      wanted_[at].push_back(there);
      return;
    }
    if (op.kind == ir::OpKind::k_transpose) {
      there = untransposed(there, op.attrs.integers("perm"));
    } else if (op.kind == ir::OpKind::k_reshape) {
      const auto before = reshaped(pool_, there, graph_.type(at).dims, graph_.type(op.operands[0]).dims);
      if (!before) {
        if (plan.owner.count(graph_.value(at).def) == 0) break;
        wanted_[at].push_back(there);
        return;
      }
      there = *before;
    } else {
      break;
    }
    at = op.operands[0];
  }
  copied_roots_.insert(root_of(graph_, value));
  copies.emplace_back(value, place);
}

/// Concats from last to first, so that a concat inside of another knows its place: each piece is wanted at its offset.
void Lowering::place_concats(const RegionPlan& plan, std::map<ir::OpId, Copies>& pieces) {
  std::vector<ir::OpId> ops = graph_.region(plan.region).ops;
  std::reverse(ops.begin(), ops.end());
  for (const ir::OpId id : ops) {
    const ir::Op& op = graph_.op(id);
    if (op.kind != ir::OpKind::k_concat || plan.owner.count(id) == 0) continue;
    Copies elsewhere;
    const Place whole = take_place(op.results[0], elsewhere);
    places_[op.results[0]] = whole;
    const auto axis = static_cast<size_t>(op.attrs.integer("axis"));
    ir::Dim start = pool_.constant(0);
    for (const ir::ValueId piece : op.operands) {
      Place place = whole;
      place.offset = pool_.add(whole.offset, pool_.mul(start, whole.strides[axis]));
      want(plan, piece, place, pieces[id]);
      start = pool_.add(start, graph_.type(piece).dims[axis]);
    }
    pieces[id].insert(pieces[id].end(), elsewhere.begin(), elsewhere.end());
  }
}

/// A reshape that joins axes a transpose has brought side by side ([B, heads, S, D] -> [B, S, heads * D]) is no view of a dense
/// tensor. It is one of where its result stands: so the unit behind the transpose stores there, and nothing is copied.
void Lowering::place_joined_axes(const RegionPlan& plan) {
  if (data_.any()) return;
  for (const ir::OpId id : graph_.region(plan.region).ops) {
    const ir::Op& op = graph_.op(id);
    if (op.kind != ir::OpKind::k_reshape || plan.owner.count(id) == 0 || wanted_.count(op.results[0]) != 0) continue;
    std::vector<ir::OpId> turns;
    ir::ValueId source = op.operands[0];
    const auto def = [&] { return graph_.value(source).def; };
    while (def().valid() && graph_.op(def()).kind == ir::OpKind::k_transpose && plan.owner.count(def()) == 0) {
      turns.push_back(def());
      source = graph_.op(def()).operands[0];
    }
    const auto owner = def().valid() && !turns.empty() ? plan.owner.find(def()) : plan.owner.end();
    const bool stored = owner != plan.owner.end() && plan.units[owner->second].kind == UnitKind::kGroup;
    if (!stored || wanted_.count(source) != 0) continue;
    const ir::Dims from = graph_.type(op.operands[0]).dims, to = graph_.type(op.results[0]).dims;
    Place seen = dense_place(pool_, 0, graph_.type(source).dims);
    for (auto turn = turns.rbegin(); turn != turns.rend(); ++turn)
      seen = transposed(seen, graph_.op(*turn).attrs.integers("perm"));
    std::optional<Place> before = reshaped(pool_, dense_place(pool_, 0, to), to, from);
    if (reshaped(pool_, seen, from, to) || !before) continue;
    before->buffer = new_place(op.results[0]).buffer;
    for (const ir::OpId turn : turns) before = untransposed(*before, graph_.op(turn).attrs.integers("perm"));
    wanted_[source].push_back(*before);
  }
}

void Lowering::lower_region(const RegionPlan& plan, const Wanted& wanted, ir::ValueId flag) {
  Copies copies;
  std::map<ir::OpId, Copies> pieces;
  const std::vector<ir::ValueId> results = graph_.region(plan.region).results;
  for (size_t i = 0; i < wanted.size(); ++i) {
    for (const Place& place : wanted[i]) want(plan, results[i], place, copies);
  }
  if (flag.valid()) copied_roots_.insert(root_of(graph_, flag));
  place_concats(plan, pieces);
  place_joined_axes(plan);
  bool open = flag.valid();
  const auto leave_if_done = [&] {
    builder_.program().breaks.push_back({builder_.view(place_of(flag))});
    builder_.add_step(plan::StepKind::kBreak, static_cast<uint32_t>(builder_.program().breaks.size() - 1), {});
    open = false;
  };
  for (const int id : plan.order) {
    if (open && plan.units[id].phase == 1) leave_if_done();
    lower_unit(plan, id, pieces);
  }
  if (open) leave_if_done();
  for (const auto& [value, place] : copies) copy(value, place);
}

void Lowering::lower_unit(const RegionPlan& plan, int id, std::map<ir::OpId, Copies>& pieces) {
  const Unit& unit = plan.units[id];
  Copies copies;  // of results wanted in several places; done at once, for readers of those places
  switch (unit.kind) {
    case UnitKind::kGroup:
      lower_group(plan, id);
      break;
    case UnitKind::kKernel:
      lower_kernel(unit.ops[0], copies);
      break;
    case UnitKind::kReshape:
      lower_reshape(unit.ops[0], copies);
      break;
    case UnitKind::kConditional:
      lower_conditional(unit.ops[0], copies);
      break;
    case UnitKind::kLoops:
      lower_loops(unit, copies);
      break;
    case UnitKind::kConcat:
      copies = pieces[unit.ops[0]];
      break;
    case UnitKind::kRead:
      lower_read(unit.ops[0], copies);
      break;
  }
  for (const auto& [value, place] : copies) copy(value, place);
}

bool Lowering::needs_place(const RegionPlan& plan, ir::ValueId value) {
  if (copied_roots_.count(value) != 0) return true;
  const auto uses = plan.uses.find(value);
  if (uses == plan.uses.end()) return false;
  const ir::OpId def = graph_.value(root_of(graph_, value)).def;
  return std::any_of(uses->second.begin(), uses->second.end(), [&](const Use& use) {
    if (!use.op.valid()) return false;
    const ir::OpKind kind = graph_.op(use.op).kind;
    if (kind != ir::OpKind::k_pointwise && kind != ir::OpKind::k_reduce) return true;
    return plan.held_without(use.op, def);
  });
}

/// Gates of a wide value that others read, if they read single gates only; then those are stored instead of the whole.
std::vector<ir::ValueId> Lowering::gates_read(const RegionPlan& plan, Unit& unit, ir::ValueId wide) {
  std::vector<ir::ValueId> gates;
  const auto readers = plan.readers.find(wide);
  if (!unit.forms.at(wide).wide || copied_roots_.count(wide) != 0 || readers == plan.readers.end()) return {};
  for (const ir::OpId reader : readers->second) {
    if (!reader.valid()) return {};
    const ir::Op& op = graph_.op(reader);
    const bool elsewhere = plan.held_without(reader, graph_.value(wide).def);
    if (!elsewhere && op.kind == ir::OpKind::k_pointwise) continue;
    if (op.kind != ir::OpKind::k_slice) return {};
    if (!needs_place(plan, op.results[0])) continue;
    const std::optional<Form> form = push(graph_, op, unit.forms.at(wide), unit.unit, unit.last_axis());
    if (!form || form->wide) return {};
    unit.forms[op.results[0]] = *form;
    gates.push_back(op.results[0]);
  }
  return gates;
}

void Lowering::lower_group(const RegionPlan& plan, int id) {
  Unit unit = plan.units[id];
  std::vector<StoreRequest> stores;
  for (const ir::OpId op : plan.units[id].ops) {
    const auto owner = plan.owner.find(op);
    if (owner == plan.owner.end() || owner->second != id) continue;
    const ir::ValueId value = graph_.op(op).results[0];
    std::vector<Place> places;
    if (const auto it = wanted_.find(value); it != wanted_.end()) places = it->second;
    auto readable = std::find_if(places.begin(), places.end(), [](const Place& p) { return !p.guarded(); });
    if (readable == places.end() && needs_place(plan, value)) {
      const std::vector<ir::ValueId> gates = gates_read(plan, unit, value);
      for (const ir::ValueId gate : gates) stores.push_back({gate, places_[gate] = new_place(gate)});
      if (gates.empty()) readable = places.insert(places.end(), new_place(value));
    }
    if (readable != places.end()) places_[value] = *readable;
    for (const Place& place : places) stores.push_back({value, place});
  }
  if (stores.empty()) return;
  const StageSources from = sources();
  StageDraft draft = StageBuilder(graph_, unit, from, stores).build();
  collapse_axes(pool_, draft);
  add_stage(builder_, draft, origin(unit.ops));
}

void Lowering::lower_reshape(ir::OpId id, Copies& copies) {
  const ir::Op& op = graph_.op(id);
  const ir::ValueId result = op.results[0], operand = op.operands[0];
  const ir::Dims from = graph_.type(operand).dims, to = graph_.type(result).dims;
  const bool wanted = wanted_.count(result) != 0;
  const Place source = place_of(operand);
  const std::optional<Place> view = reshaped(pool_, source, from, to);
  if (view && !wanted) {
    places_[result] = *view;
    return;
  }
  const Place place = take_place(result, copies);
  if (view) {
    places_[result] = *view;
    copy(result, place);
  } else {
    const std::optional<Place> inverse = reshaped(pool_, place, to, from);
    const Place dense = inverse ? place : new_place(result);
    copy(operand, inverse ? *inverse : dense_place(pool_, dense.buffer, from));
    places_[result] = dense;
    if (!inverse) copy(result, place);
  }
  places_[result] = place;
}

/// Extents that the branch decides are given to the conditional's symbols at its end; its results are copied behind that.
void Lowering::lower_branch(ir::OpId id, size_t branch, const Wanted& wanted) {
  const ir::RegionId region = graph_.op(id).regions[branch];
  const RegionPlan plan = plan_region(graph_, region, {}, options_);
  if (!graph_.op(id).attrs.has("values")) return lower_region(plan, wanted, {});
  const std::vector<ir::ValueId> results = graph_.region(region).results;
  const ir::Dims values = graph_.op(id).attrs.dims("values");
  for (const ir::ValueId result : results) copied_roots_.insert(root_of(graph_, result));
  lower_region(plan, {}, {});
  plan::Read read;
  size_t position = 0;
  for (const ir::ValueId result : results) {
    for (const ir::Dim dim : graph_.type(result).dims) {
      const ir::DimPool::Node& symbol = pool_.node(values.at(position++));
      if (symbol.kind != ir::DimKind::kSymbol) continue;
      read.symbols.push_back(static_cast<uint32_t>(symbol.value));
      read.exprs.push_back(builder_.expr(dim));
    }
  }
  if (!read.symbols.empty()) {
    builder_.program().reads.push_back(std::move(read));
    builder_.add_step(plan::StepKind::kRead, static_cast<uint32_t>(builder_.program().reads.size() - 1),
                      graph_.op(id).name);
  }
  for (size_t i = 0; i < results.size(); ++i) {
    for (const Place& place : wanted[i]) copy(results[i], place);
  }
}

void Lowering::lower_read(ir::OpId id, Copies& copies) {
  const ir::Op& op = graph_.op(id);
  const ir::ValueId result = op.results[0];
  const Place place = place_of(op.operands[0]);
  plan::Read read;
  read.view = builder_.view(place);
  read.space = builder_.exprs(graph_.type(op.operands[0]).dims);
  for (const ir::Dim value : op.attrs.dims("values")) {
    const ir::DimPool::Node& symbol = pool_.node(value);
    RONDO_CHECK(symbol.kind == ir::DimKind::kSymbol && pool_.mentions_data(value), "read_values '", op.name,
                "' names no symbol");
    read.symbols.push_back(static_cast<uint32_t>(symbol.value));
  }
  if (read.symbols.empty()) return void(places_[result] = place);
  builder_.program().reads.push_back(std::move(read));
  builder_.add_step(plan::StepKind::kRead, static_cast<uint32_t>(builder_.program().reads.size() - 1), op.name);
  places_[result] = place;
  if (const auto it = wanted_.find(result); it != wanted_.end()) {
    for (const Place& wanted : it->second) copies.emplace_back(result, wanted);
  }
}

void Lowering::lower_conditional(ir::OpId id, Copies& copies) {
  const std::vector<ir::ValueId> results = graph_.op(id).results;
  Wanted wanted(results.size());
  for (size_t i = 0; i < results.size(); ++i) {
    if (use_counts_[results[i].id] == 0) continue;
    wanted[i] = {places_[results[i]] = take_place(results[i], copies)};
  }
  plan::Conditional conditional;
  conditional.flag = builder_.view(place_of(graph_.op(id).operands[0]));
  uint32_t blocks[2];
  for (size_t branch = 0; branch < 2; ++branch) {
    blocks[branch] = builder_.new_block();
    const uint32_t outer = open_scope(blocks[branch]);
    lower_branch(id, branch, wanted);
    close_scope(outer);
  }
  const auto& known = graph_.value(graph_.op(id).operands[0]).info.contents;
  if (known) conditional.value = builder_.expr((*known)[0]);
  conditional.then_block = blocks[0];
  conditional.else_block = blocks[1];
  builder_.program().conditionals.push_back(conditional);
  builder_.add_step(plan::StepKind::kConditional, static_cast<uint32_t>(builder_.program().conditionals.size() - 1),
                    graph_.op(id).name);
}

}  // namespace rondo::schedule
