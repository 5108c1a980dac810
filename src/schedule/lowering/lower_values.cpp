// Places of values on demand. A value computed by a unit has its place since the unit was emitted; views are worked out
// from what they look at; what needs no step of its own until someone reads it from memory (step counters, iotas, known
// shape values) is written then: shape values once, before everything else, the others once per block.
#include <algorithm>

#include "base/error.h"
#include "schedule/lowering/lowering.h"
#include "schedule/lowering/transposing_copy.h"

namespace rondo::schedule {

Lowering::Lowering(ir::Graph& graph, ProgramBuilder& builder, const passes::PassOptions& options)
    : graph_(graph),
      pool_(graph.dims()),
      builder_(builder),
      options_(options),
      data_(graph),
      use_counts_(graph.use_counts()) {}

std::string Lowering::name_of(ir::ValueId value) const {
  const ir::Value& v = graph_.value(value);
  if (!v.name.empty()) return v.name;
  return v.def.valid() && !graph_.op(v.def).name.empty() ? graph_.op(v.def).name : text("%", value.id);
}

std::string Lowering::origin(const std::vector<ir::OpId>& ops) const {
  std::vector<std::string> names;
  for (const ir::OpId op : ops) {
    const std::string& name = graph_.op(op).name;
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  std::string joined;
  for (const std::string& name : names) joined += (joined.empty() ? "" : " + ") + name;
  return joined;
}

uint32_t Lowering::step_slot(ir::ValueId value) const {
  const auto it = step_slots_.find(value);
  return it == step_slots_.end() ? plan::kNone : it->second;
}

StageSources Lowering::sources() {
  StageSources sources;
  sources.place_of = [this](ir::ValueId value) { return place_of(value); };
  sources.step_slot = [this](ir::ValueId value) { return step_slot(value); };
  const bool pack = options_.disabled.count("pack_weights") == 0;
  sources.pack = [this, pack](const GemmDraft& gemm, ir::Dim columns) -> std::optional<plan::Packed> {
    return pack ? pack_weights(builder_, pool_, gemm, columns) : std::nullopt;
  };
  sources.join_sums = !options_.strict_numerics;
  return sources;
}

Place Lowering::place_of(ir::ValueId value) {
  if (const auto it = places_.find(value); it != places_.end()) return it->second;
  const ir::Value& v = graph_.value(value);
  if (!v.def.valid()) return leaf_copy(value);
  const ir::Op& op = graph_.op(v.def);
  const auto operand_dims = [&] { return graph_.type(op.operands[0]).dims; };
  if (op.kind == ir::OpKind::k_constant) {
    const uint32_t buffer = builder_.constant_buffer(static_cast<uint32_t>(op.attrs.integer("data")));
    return dense_place(pool_, buffer, v.info.type.dims);
  }
  if (has_known_values(graph_, value)) return known_values(value);
  switch (op.kind) {
    case ir::OpKind::k_iota:
      return leaf_copy(value);
    case ir::OpKind::k_transpose:
      return transposed(place_of(op.operands[0]), op.attrs.integers("perm"));
    case ir::OpKind::k_broadcast:
      return broadcast(pool_, place_of(op.operands[0]), operand_dims());
    case ir::OpKind::k_slice:
      return sliced(pool_, place_of(op.operands[0]), op.attrs.dims("start"), op.attrs.integers("stride"));
    case ir::OpKind::k_reshape: {
      const auto place = reshaped(pool_, place_of(op.operands[0]), operand_dims(), v.info.type.dims);
      if (place) return *place;
      break;
    }
    default:
      break;
  }
  RONDO_CHECK(false, "value ", name_of(value), " of ", ir::op_kind_name(op.kind), " has no place");
  return {};
}

Place Lowering::new_place(ir::ValueId value) {
  const ir::TensorType& type = graph_.type(value);
  return dense_place(pool_, builder_.arena_buffer(type.dtype, pool_.product(type.dims), name_of(value)), type.dims);
}

Place Lowering::take_place(ir::ValueId value, Copies& copies) {
  std::vector<Place> wanted;
  if (const auto it = wanted_.find(value); it != wanted_.end()) wanted = it->second;
  const auto chosen = std::find_if(wanted.begin(), wanted.end(), [](const Place& p) { return !p.guarded(); });
  const Place place = chosen == wanted.end() ? new_place(value) : *chosen;
  if (chosen != wanted.end()) wanted.erase(chosen);
  for (const Place& other : wanted) copies.emplace_back(value, other);
  return place;
}

Place Lowering::known_values(ir::ValueId value) {
  const uint32_t block = builder_.current_block(), loop = builder_.current_loop();
  builder_.set_block(0);
  builder_.set_loop(plan::kNone);
  const Place place = new_place(value);
  write_contents(value, place);
  std::vector<uint32_t>& steps = builder_.program().blocks[0].steps;
  prelude_.push_back(steps.back());
  steps.pop_back();
  builder_.set_block(block);
  builder_.set_loop(loop);
  return places_[value] = place;
}

/// The elements of a value with contents, as they are known here.
void Lowering::write_contents(ir::ValueId value, const Place& place) {
  plan::Kernel kernel;
  kernel.id = plan::KernelId::k_expr_values;
  const auto& contents = *graph_.value(value).info.contents;
  for (const ir::Dim element : contents) kernel.exprs.push_back(builder_.expr(element));
  const ir::Dims flat{pool_.constant(static_cast<int64_t>(contents.size()))};
  kernel.space = builder_.exprs(flat);
  const auto dense = reshaped(pool_, place, graph_.type(value).dims, flat);
  RONDO_CHECK(dense, "value ", name_of(value), " of known elements is not contiguous");
  kernel.operands = {builder_.view(*dense)};
  builder_.add_kernel(std::move(kernel), name_of(value));
}

Place Lowering::leaf_copy(ir::ValueId value) {
  for (const auto& scope : leaf_scopes_) {
    if (const auto it = scope.find(value); it != scope.end()) return it->second;
  }
  const bool known = step_slot(value) != plan::kNone || graph_.value(value).def.valid();
  RONDO_CHECK(known, "value ", name_of(value), " has no place");
  const Place place = new_place(value);
  copy(value, place);
  return leaf_scopes_.back()[value] = place;
}

void Lowering::copy(ir::ValueId value, const Place& dest) {
  const Unit unit = copying_unit(graph_, value);
  const StageSources from = sources();
  const std::vector<StoreRequest> stores{{value, dest}};
  StageDraft draft = StageBuilder(graph_, unit, from, stores).build();
  collapse_axes(pool_, draft);
  const ir::OpId def = graph_.value(value).def;
  add_copy(builder_, pool_, draft, def.valid() ? origin({def}) : std::string());
}

}  // namespace rondo::schedule
