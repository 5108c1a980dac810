// Tile programs by pulling. A value at an index map is computed once per (value, map): gate g of a wide value is the
// value at column offset g*U, so gates need no case of their own but in the accumulators. All values are computed
// before the first store, which makes updating a state in place safe element by element.
#include "schedule/stage_builder.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "ops/tensor.h"

namespace rondo::schedule {
namespace {

constexpr double kExactIntegers = 9007199254740992.0;  // 2^53: tile constants are doubles

tile::PointwiseFn function_of(const ir::Op& op) {
  tile::PointwiseFn fn;
  RONDO_CHECK(tile::parse_pointwise(op.attrs.string("fn"), &fn), "function '", op.attrs.string("fn"), "'");
  return fn;
}

bool same_place(const Place& a, const Place& b) {
  if (a.buffer != b.buffer || a.offset != b.offset || a.strides != b.strides || a.terms != b.terms) return false;
  if (a.guard_slot != b.guard_slot || a.guard_limit != b.guard_limit) return false;
  if (!a.first || !b.first) return !a.first && !b.first;
  return a.first_slot == b.first_slot && same_place(*a.first, *b.first);
}

/// Factors that are bf16 already are multiplied as such.
DType product_type(const ir::Graph& graph, const ir::Op& matmul) {
  if (matmul.attrs.has("product")) return static_cast<DType>(matmul.attrs.integer("product"));
  const bool narrow = graph.type(matmul.operands[0]).dtype == DType::kBFloat16;
  return narrow ? DType::kBFloat16 : DType::kFloat32;
}

/// What a store may read instead of the value: it rounds to its type by itself.
ir::ValueId stored_as(const ir::Graph& graph, ir::ValueId value) {
  const ir::OpId def = graph.value(value).def;
  if (!def.valid() || graph.op(def).kind != ir::OpKind::k_pointwise) return value;
  const tile::PointwiseFn fn = function_of(graph.op(def));
  const DType type = graph.type(value).dtype;
  const bool rounds = (fn == tile::PointwiseFn::f_round_f16 && type == DType::kFloat16) ||
                      (fn == tile::PointwiseFn::f_round_bf16 && type == DType::kBFloat16);
  return rounds ? graph.op(def).operands[0] : value;
}

/// Results that leave the range of a narrow integer in the wider type they are computed in.
bool may_overflow(tile::PointwiseFn fn) {
  return fn != tile::PointwiseFn::f_select && fn != tile::PointwiseFn::f_max && fn != tile::PointwiseFn::f_min;
}

}  // namespace

Unit copying_unit(ir::Graph& graph, ir::ValueId value) {
  Unit unit;
  const ir::Dims& dims = graph.type(value).dims;
  Form form{std::vector<int>(dims.size(), -1), false};
  for (size_t i = 0; i < dims.size(); ++i) {
    if (is_one(graph.dims(), dims[i])) continue;
    form.axes[i] = static_cast<int>(unit.space.size());
    unit.space.push_back(dims[i]);
  }
  if (unit.space.empty()) unit.space.push_back(graph.dims().constant(1));
  unit.unit = unit.space.back();
  unit.forms[value] = form;
  return unit;
}

StageBuilder::StageBuilder(ir::Graph& graph, const Unit& unit, const StageSources& sources,
                           const std::vector<StoreRequest>& stores)
    : graph_(graph), pool_(graph.dims()), unit_(unit), sources_(sources), stores_(stores) {}

StageDraft StageBuilder::build() {
  draft_.space = unit_.space;
  if (unit_.anchored) find_anchors();
  std::vector<tile::Inst> insts;
  for (const StoreRequest& request : stores_) store(request, insts);
  std::vector<tile::Inst>& program = draft_.tile_program.insts;
  program.insert(program.end(), insts.begin(), insts.end());
  return std::move(draft_);
}

void StageBuilder::store(const StoreRequest& request, std::vector<tile::Inst>& insts) {
  const Form& form = unit_.forms.at(request.value);
  const DType dtype = graph_.type(request.value).dtype;
  int64_t gates = 1;
  for (size_t i = 0; form.wide && i < form.axes.size(); ++i) {
    if (form.axes[i] != unit_.last_axis()) continue;
    gates = pool_.value(graph_.type(request.value).dims[i]) / pool_.value(unit_.unit);
  }
  for (int64_t gate = 0; gate < gates; ++gate) {
    const IndexMap map = map_of(pool_, form, unit_.last_axis(), pool_.mul(pool_.constant(gate), unit_.unit));
    tile::Inst inst;
    inst.kind = tile::InstKind::kStore;
    inst.type = tile::value_type(dtype);
    inst.args[0] = value_at(stored_as(graph_, request.value), map);
    inst.operand = operand(at_map(pool_, request.dest, map, unit_.space.size()), dtype);
    insts.push_back(inst);
  }
}

bool StageBuilder::is_stored(ir::ValueId value) const {
  return std::any_of(stores_.begin(), stores_.end(), [&](const StoreRequest& s) { return s.value == value; });
}

void StageBuilder::find_anchors() {
  if (sources_.join_sums) join_sums();
  uint16_t base = 0;
  for (const ir::OpId id : unit_.ops) {
    const ir::Op& op = graph_.op(id);
    if (op.kind != ir::OpKind::k_matmul) continue;
    GemmDraft draft = gemm(id);
    const auto joined = joins_.find(op.results[0]);
    draft.accumulate = joined != joins_.end();
    draft.acc_base = draft.accumulate ? acc_base_.at(joined->second) : base;
    acc_base_[op.results[0]] = draft.acc_base;
    if (!draft.accumulate) base = static_cast<uint16_t>(base + draft.gates);
    draft.packed = sources_.pack(draft, unit_.unit);
    draft_.gemms.push_back(std::move(draft));
  }
  draft_.tile_program.acc_count = base;
}

GemmDraft StageBuilder::gemm(ir::OpId id) {
  const ir::Op& op = graph_.op(id);
  const ir::ValueId a = op.operands[0], b = op.operands[1], result = op.results[0];
  const Form& form = unit_.forms.at(result);
  const size_t rank = form.axes.size();
  const int last = unit_.last_axis();
  const ir::Dim zero = pool_.constant(0), one = pool_.constant(1);
  GemmDraft draft;
  draft.k = graph_.type(a).dims.back();
  draft.product = product_type(graph_, op);
  if (form.wide) {
    draft.gates = static_cast<uint16_t>(pool_.value(graph_.type(result).dims.back()) / pool_.value(unit_.unit));
  }
  const auto batch_map = [&](const ir::Dims& dims, size_t axes, size_t dims_rank) {
    IndexMap map(dims_rank, AxisIndex{-1, zero, zero});
    for (size_t i = 0; i < axes; ++i) {
      if (!is_one(pool_, dims[i]) && form.axes[i] >= 0) map[i] = {form.axes[i], one, zero};
    }
    return map;
  };
  IndexMap a_map = batch_map(graph_.type(a).dims, rank - 1, rank);
  a_map[rank - 1] = {last, one, zero};
  draft.a = at_map(pool_, sources_.place_of(a), a_map, unit_.space.size());
  const ir::Dims& b_dims = graph_.type(b).dims;
  const size_t b_rank = b_dims.size();
  IndexMap b_map = b_rank == 2 ? IndexMap(2, AxisIndex{-1, zero, zero}) : batch_map(b_dims, rank - 2, rank);
  b_map[b_rank - 2] = {last - 1, one, zero};
  b_map[b_rank - 1] = {last + 1, one, zero};
  draft.b = at_map(pool_, sources_.place_of(b), b_map, unit_.space.size() + 1);
  const std::function<Place(const Place&)> with_gates = [&](const Place& place) {
    Place p = place;
    p.strides[static_cast<size_t>(last)] = draft.gates == 1 ? zero : pool_.mul(unit_.unit, p.strides.back());
    if (p.first) p.first = std::make_shared<const Place>(with_gates(*p.first));
    return p;
  };
  draft.b = with_gates(draft.b);
  return draft;
}

/// True for an `add` of two products of the group that nothing else reads, at equal column offsets.
bool StageBuilder::is_joined_sum(ir::ValueId sum, ir::ValueId* kept, ir::ValueId* joined) {
  const ir::Op& op = graph_.op(graph_.value(sum).def);
  if (op.kind != ir::OpKind::k_pointwise || op.attrs.string("fn") != "add") return false;
  const auto form = unit_.forms.find(sum);
  if (form == unit_.forms.end()) return false;
  IndexMap maps[2];
  ir::ValueId roots[2];
  for (size_t i = 0; i < 2; ++i) {
    roots[i] = root_of(graph_, op.operands[i]);
    const ir::OpId def = graph_.value(roots[i]).def;
    if (!def.valid() || graph_.op(def).kind != ir::OpKind::k_matmul || !unit_.contains(def)) return false;
    maps[i] = pull(graph_, op, i, map_of(pool_, form->second, unit_.last_axis(), pool_.constant(0)));
    for (ir::ValueId v = op.operands[i]; v != roots[i]; v = graph_.op(graph_.value(v).def).operands[0]) {
      maps[i] = pull(graph_, graph_.op(graph_.value(v).def), 0, maps[i]);
    }
  }
  const auto position = [&](ir::ValueId v) {
    return std::find(unit_.ops.begin(), unit_.ops.end(), graph_.value(v).def);
  };
  if (position(roots[1]) < position(roots[0])) std::swap(roots[0], roots[1]);
  *kept = roots[0];
  *joined = roots[1];
  return roots[0] != roots[1] && maps[0] == maps[1];
}

void StageBuilder::join_sums() {
  std::map<ir::ValueId, std::set<ir::ValueId>> sums;  // by the later product
  std::map<ir::ValueId, ir::ValueId> kept_of;
  std::set<ir::ValueId> spoiled;
  std::map<ir::ValueId, size_t> reads;
  for (const ir::OpId id : unit_.ops) {
    const ir::Op& op = graph_.op(id);
    for (const ir::ValueId operand : op.operands) ++reads[root_of(graph_, operand)];
    ir::ValueId kept, joined;
    if (!is_joined_sum(op.results[0], &kept, &joined)) continue;
    const auto [it, is_new] = kept_of.emplace(joined, kept);
    if (!is_new && it->second != kept) spoiled.insert(joined);
    sums[joined].insert(op.results[0]);
  }
  std::set<ir::ValueId> taken;
  for (const auto& [joined, kept] : kept_of) {
    const size_t count = sums[joined].size();
    const bool only_sums = reads[joined] == count && reads[kept] == count && !is_stored(joined) && !is_stored(kept);
    const bool alike =
        unit_.forms.at(joined) == unit_.forms.at(kept) && graph_.type(joined).dims == graph_.type(kept).dims;
    if (spoiled.count(joined) != 0 || !only_sums || !alike || taken.count(kept) != 0 || taken.count(joined) != 0)
      continue;
    taken.insert({kept, joined});
    joins_[joined] = kept;
    joined_sums_.insert(sums[joined].begin(), sums[joined].end());
  }
}
bool StageBuilder::computes(ir::ValueId root) const {
  const ir::OpId def = graph_.value(root).def;
  return def.valid() && !is_leaf(graph_, root) && unit_.contains(def);
}

uint16_t StageBuilder::value_at(ir::ValueId value, const IndexMap& map) {
  Key key{value.id, {}};
  for (const AxisIndex& index : map) {
    key.second.push_back(static_cast<uint64_t>(static_cast<int64_t>(index.axis)));
    key.second.push_back((uint64_t{index.scale.id} << 32) | index.offset.id);
  }
  if (const auto it = made_.find(key); it != made_.end()) return it->second;
  return made_[key] = compute(value, map);
}

uint16_t StageBuilder::compute(ir::ValueId value, const IndexMap& map) {
  const ir::ValueId root = root_of(graph_, value);
  if (!computes(root)) {
    IndexMap root_map = map;
    for (ir::ValueId v = value; v != root; v = graph_.op(graph_.value(v).def).operands[0]) {
      root_map = pull(graph_, graph_.op(graph_.value(v).def), 0, root_map);
    }
    if (const std::optional<uint16_t> inst = leaf(root, root_map)) return *inst;
    return load(value, map);
  }
  const ir::Op& op = graph_.op(graph_.value(value).def);
  if (value != root) return value_at(op.operands[0], pull(graph_, op, 0, map));
  if (op.kind == ir::OpKind::k_reduce) return row_reduction(value);
  return op.kind == ir::OpKind::k_matmul ? accumulator(value, map) : pointwise(value, map);
}

std::optional<uint16_t> StageBuilder::leaf(ir::ValueId value, const IndexMap& map) {
  const ir::Value& v = graph_.value(value);
  const DType dtype = v.info.type.dtype;
  if (const uint32_t slot = sources_.step_slot(value); slot != plan::kNone) {
    auto it = std::find(draft_.slots.begin(), draft_.slots.end(), slot);
    if (it == draft_.slots.end()) it = draft_.slots.insert(it, slot);
    tile::Inst inst{tile::InstKind::kStep, {}, tile::ValueType::kS64, {}, 0, 0};
    inst.operand = static_cast<uint16_t>(it - draft_.slots.begin());
    return add_inst(inst);
  }
  if (v.info.contents) {
    if (const std::optional<uint16_t> inst = known_content(value, map)) return inst;
  }
  if (!v.def.valid()) return std::nullopt;
  const ir::Op& op = graph_.op(v.def);
  if (op.kind == ir::OpKind::k_iota) return index_value(op, dtype, map);
  if (op.kind != ir::OpKind::k_constant) return std::nullopt;
  const ir::ConstantData& data = graph_.constant_data(static_cast<uint32_t>(op.attrs.integer("data")));
  if (data.bytes.size() != dtype_bytes(data.dtype)) return std::nullopt;
  const double number = ops::from_bytes(data.dtype, {}, data.bytes.data()).data[0];
  if (is_integer(dtype) && std::abs(number) >= kExactIntegers) return std::nullopt;
  return constant(number, tile::value_type(dtype));
}

/// An element of a shape tensor that is a number already.
std::optional<uint16_t> StageBuilder::known_content(ir::ValueId value, const IndexMap& map) {
  const ir::ValueInfo& info = graph_.value(value).info;
  int64_t at = 0;
  for (size_t i = 0; i < map.size(); ++i) {
    const ir::Dim dim = info.type.dims[i];
    if (map[i].axis >= 0 || !pool_.is_constant(map[i].offset) || !pool_.is_constant(dim)) return std::nullopt;
    at = at * pool_.value(dim) + pool_.value(map[i].offset);
  }
  if (at < 0 || at >= static_cast<int64_t>(info.contents->size())) return std::nullopt;
  const ir::Dim element = pool_.resolve((*info.contents)[static_cast<size_t>(at)]);
  if (!pool_.is_constant(element) || std::abs(static_cast<double>(pool_.value(element))) >= kExactIntegers)
    return std::nullopt;
  return constant(static_cast<double>(pool_.value(element)), tile::value_type(info.type.dtype));
}

std::optional<uint16_t> StageBuilder::index_value(const ir::Op& iota, DType dtype, const IndexMap& map) {
  const AxisIndex index = map[static_cast<size_t>(iota.attrs.integer("axis"))];
  if (!pool_.is_constant(index.offset) || (index.axis >= 0 && !pool_.is_constant(index.scale))) return std::nullopt;
  uint16_t result = constant(static_cast<double>(pool_.value(index.offset)), tile::ValueType::kS64);
  if (index.axis >= 0) {
    tile::Inst inst{tile::InstKind::kIndex, {}, tile::ValueType::kS64, {}, static_cast<uint16_t>(index.axis), 0};
    uint16_t point = add_inst(inst);
    if (pool_.value(index.scale) != 1) {
      const uint16_t scale = constant(static_cast<double>(pool_.value(index.scale)), tile::ValueType::kS64);
      point = apply(tile::PointwiseFn::f_mul, tile::ValueType::kS64, {point, scale});
    }
    const bool shifted = pool_.value(index.offset) != 0;
    result = shifted ? apply(tile::PointwiseFn::f_add, tile::ValueType::kS64, {point, result}) : point;
  }
  const tile::ValueType type = tile::value_type(dtype);
  return type == tile::ValueType::kS64 ? result : apply(tile::PointwiseFn::f_cast, type, {result});
}

uint16_t StageBuilder::accumulator(ir::ValueId value, const IndexMap& map) {
  const AxisIndex& column = map.back();
  RONDO_CHECK(pool_.is_constant(column.offset) && (column.axis < 0 || column.axis == unit_.last_axis()),
              "product read across its columns");
  int64_t gate = 0;
  if (unit_.forms.at(value).wide) gate = pool_.value(column.offset) / pool_.value(unit_.unit);
  tile::Inst inst{tile::InstKind::kAcc, {}, tile::ValueType::kF32, {}, 0, 0};
  inst.operand = static_cast<uint16_t>(acc_base_.at(value) + gate);
  return add_inst(inst);
}

uint16_t StageBuilder::pointwise(ir::ValueId value, const IndexMap& map) {
  const ir::Op& op = graph_.op(graph_.value(value).def);
  const tile::PointwiseFn fn = function_of(op);
  const DType dtype = graph_.type(value).dtype;
  std::array<uint16_t, 3> args{};
  if (joined_sums_.count(value) != 0) return value_at(op.operands[0], pull(graph_, op, 0, map));
  for (size_t i = 0; i < op.operands.size(); ++i) args[i] = value_at(op.operands[i], pull(graph_, op, i, map));
  const tile::ValueType type = tile::value_type(dtype);
  uint16_t result = args[0];
  if (fn != tile::PointwiseFn::f_cast || tile::value_type(graph_.type(op.operands[0]).dtype) != type) {
    tile::Inst inst{tile::InstKind::kPointwise, fn, type, args, 0, 0};
    result = add_inst(inst);
  }
  return may_overflow(fn) ? narrowed(result, dtype) : result;
}

/// Wherever a group reads it, it is at the row of the point.
uint16_t StageBuilder::row_reduction(ir::ValueId value) {
  const ir::Op& op = graph_.op(graph_.value(value).def);
  const IndexMap map = map_of(pool_, unit_.folds.at(value), unit_.last_axis(), pool_.constant(0));
  tile::Inst inst{tile::InstKind::kRowReduce, {}, tile::ValueType::kF32, {}, 0, 0};
  inst.operand = static_cast<uint16_t>(op.attrs.integer("op"));  // both: sum, prod, max, min, avg
  inst.args[0] = value_at(op.operands[0], map);
  draft_.tile_program.row_axes = static_cast<uint8_t>(unit_.row_axes);
  return add_inst(inst);
}

/// Saturates to the range of a narrow integer type, as memory would.
uint16_t StageBuilder::narrowed(uint16_t inst, DType dtype) {
  if (dtype != DType::kInt8 && dtype != DType::kUint8) return inst;
  const double low = dtype == DType::kInt8 ? -128 : 0, high = dtype == DType::kInt8 ? 127 : 255;
  const uint16_t above =
      apply(tile::PointwiseFn::f_max, tile::ValueType::kS32, {inst, constant(low, tile::ValueType::kS32)});
  return apply(tile::PointwiseFn::f_min, tile::ValueType::kS32, {above, constant(high, tile::ValueType::kS32)});
}

uint16_t StageBuilder::load(ir::ValueId value, const IndexMap& map) {
  const DType dtype = graph_.type(value).dtype;
  const Place place = at_map(pool_, sources_.place_of(value), map, unit_.space.size());
  tile::Inst inst{tile::InstKind::kLoad, {}, tile::value_type(dtype), {}, operand(place, dtype), 0};
  return add_inst(inst);
}

uint16_t StageBuilder::constant(double value, tile::ValueType type) {
  return add_inst({tile::InstKind::kConst, {}, type, {}, 0, value});
}

uint16_t StageBuilder::apply(tile::PointwiseFn fn, tile::ValueType type, std::initializer_list<uint16_t> args) {
  tile::Inst inst{tile::InstKind::kPointwise, fn, type, {}, 0, 0};
  std::copy(args.begin(), args.end(), inst.args.begin());
  return add_inst(inst);
}

uint16_t StageBuilder::add_inst(tile::Inst inst) {
  if (inst.kind != tile::InstKind::kPointwise) inst.fn = tile::Inst{}.fn;
  std::vector<tile::Inst>& insts = draft_.tile_program.insts;
  const auto same = [&](const tile::Inst& other) {  // by bits: 0 and -0 are different constants
    return other == inst && std::signbit(other.imm) == std::signbit(inst.imm);
  };
  const auto it = std::find_if(insts.begin(), insts.end(), same);
  if (it != insts.end()) return static_cast<uint16_t>(it - insts.begin());
  insts.push_back(inst);
  return static_cast<uint16_t>(insts.size() - 1);
}

uint16_t StageBuilder::operand(const Place& place, DType dtype) {
  for (size_t i = 0; i < draft_.operands.size(); ++i) {
    if (same_place(draft_.operands[i], place)) return static_cast<uint16_t>(i);
  }
  draft_.operands.push_back(place);
  draft_.tile_program.operand_dtypes.push_back(dtype);
  return static_cast<uint16_t>(draft_.operands.size() - 1);
}

}  // namespace rondo::schedule
