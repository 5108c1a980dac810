// reason: one analysis of one program, whose steps read each other's tables.
// Preparing a program that folds rows: which values are the same along a row, in which segment each is computed, where
// it is kept.
//
// A value's segment is the number of reductions that must end before it: a reduction's result is one segment behind its
// operand. Loads have none of their own, they are done in every segment that reads them; so all stores wait for the
// last segment, and those of one element per row until the row is done. A result may be written straight to memory if
// only its store reads it and nothing that was loaded is read behind it.
#include <algorithm>
#include <array>
#include <functional>
#include <new>

#include "tile/prepare.h"
#include "tile/row_interpreter.h"

namespace rondo::tile {
namespace {

enum class Extent : uint8_t { kConstant, kUniform, kFull };

size_t round_up(size_t x, size_t unit) { return (x + unit - 1) / unit * unit; }

DType plain_dtype(ValueType type) {
  constexpr DType kPlain[] = {DType::kFloat32, DType::kInt32, DType::kInt64, DType::kBool};
  return kPlain[static_cast<size_t>(type)];
}

}  // namespace

class RowPlan {
 public:
  using Step = RowInterpreter::Step;
  using StepKind = RowInterpreter::StepKind;

  RowPlan(const TileProgram& program, const std::vector<bool>& uniform)
      : program_(with_explicit_casts(program)), uniform_(uniform) {
    classify();
    for (size_t s = 0; s < segments_; ++s) list_segment(s);
    forward_stores();
    for (const Listed& list : lists_) assign_slots(list);
  }

  int64_t live_bytes_per_element() const {
    int64_t bytes = static_cast<int64_t>(slot_bytes_);
    for (size_t i = 0; i < program_.insts.size(); ++i) {
      const auto value = static_cast<int64_t>(value_bytes(program_.insts[i].type));
      bytes += value * (int{broadcast_[i]} + int{spilled_[i]} + int{extent_[i] == Extent::kConstant});
    }
    return bytes;
  }

  void build(const TileFunctions& functions, RowInterpreter* out) {
    functions_ = &functions;
    place(out);
    out->segments_.resize(segments_);
    for (size_t i = 0; i < program_.insts.size(); ++i) add_uniform_steps(i, out);
    for (size_t s = 0; s < segments_; ++s) {
      for (const size_t i : lists_[s].order) out->segments_[s].body.push_back(body_step(i, s, out->shape_));
    }
    add_blocks(out);
  }

  std::optional<BlockCode> block_code(const TileFunctions& functions, size_t segment, int64_t ahead) const {
    BlockRequest request;
    request.order = lists_[segment].order;
    for (size_t i = 0; i < program_.insts.size(); ++i) {
      request.scalar.push_back(!is_full(i));
      request.computed.push_back(inst(i).kind == InstKind::kPointwise && lists_[segment].runs[i]);
    }
    request.kept = spilled_;
    request.constant_operand.resize(program_.operand_dtypes.size());
    // What the first segment waits for is asked for in the last two, while they compute.
    constexpr int64_t kHalf = kBlockElements / 2 * sizeof(float);
    if (ahead != 0 && segment > 0 && segment + 2 >= segments_) {
      for (const size_t i : lists_.front().order) {
        if (inst(i).kind == InstKind::kLoad) request.prefetched.push_back(i);
      }
      if (segment + 2 == segments_ || segments_ == 2) request.ahead.push_back(ahead);
      if (segment + 1 == segments_) request.ahead.push_back(ahead + kHalf);
    }
    return BlockCode::make(program_, functions, request);
  }
  bool runs_in_blocks(const TileFunctions& functions) const {
    for (size_t s = 0; s < segments_; ++s) {
      if (!block_code(functions, s, 0).has_value()) return false;
    }
    return true;
  }

 private:
  /// What a segment does per piece, in order; loads and kept values stand where they are first needed.
  struct Listed {
    size_t segment = 0;
    std::vector<size_t> order;
    std::vector<size_t> last_use;  ///< position in `order`, by instruction; 0: none
    std::vector<bool> runs;        ///< by instruction: computed here, perhaps again
  };

  const Inst& inst(size_t i) const { return program_.insts[i]; }
  bool is_full(size_t i) const { return extent_[i] == Extent::kFull; }

  void classify() {
    const size_t count = program_.insts.size();
    extent_.assign(count, Extent::kFull);
    segment_.assign(count, 0);
    broadcast_.assign(count, false);
    spilled_.assign(count, false);
    forward_.assign(count, 0);
    uses_.assign(count, 0);
    segments_ = 1;
    for (size_t i = 0; i < count; ++i) {
      bool same = true;
      for (size_t a = 0; a < arity(inst(i)); ++a) {
        const size_t arg = inst(i).args[a];
        segment_[i] = std::max(segment_[i], segment_[arg]);
        same = same && !is_full(arg);
        ++uses_[arg];
      }
      const InstKind kind = inst(i).kind;
      if (kind == InstKind::kConst) extent_[i] = Extent::kConstant;
      if (kind == InstKind::kStep || kind == InstKind::kRowReduce) extent_[i] = Extent::kUniform;
      if (kind == InstKind::kPointwise && same) extent_[i] = Extent::kUniform;
      const bool one = kind == InstKind::kLoad || (kind == InstKind::kStore && same);
      if (one && uniform_[inst(i).operand]) extent_[i] = Extent::kUniform;
      if (kind == InstKind::kRowReduce) ++segment_[i];
      segments_ = std::max(segments_, segment_[i] + 1);
      const bool reads_tiles = kind == InstKind::kRowReduce || extent_[i] == Extent::kFull;
      for (size_t a = 0; reads_tiles && a < arity(inst(i)); ++a) {
        if (extent_[inst(i).args[a]] == Extent::kUniform) broadcast_[inst(i).args[a]] = true;
      }
    }
  }

  /// Segment in whose body the instruction runs, if it does.
  size_t body_of(size_t i) const {
    if (inst(i).kind == InstKind::kStore) return segments_ - 1;
    return segment_[i] - (inst(i).kind == InstKind::kRowReduce ? 1 : 0);
  }
  bool in_body(size_t i) const {
    if (inst(i).kind == InstKind::kRowReduce) return true;
    return is_full(i) && (inst(i).kind == InstKind::kPointwise || inst(i).kind == InstKind::kStore);
  }

  /// True for what is computed again rather than kept: one operation on what is in memory anyway.
  bool is_cheap(size_t i) const {
    const PointwiseFn fn = inst(i).fn;
    if (inst(i).kind != InstKind::kPointwise || inst(i).type != ValueType::kF32) return false;
    if (fn != PointwiseFn::f_add && fn != PointwiseFn::f_sub && fn != PointwiseFn::f_mul) return false;
    int loads = 0;
    for (size_t a = 0; a < arity(inst(i)); ++a) {
      const size_t arg = inst(i).args[a];
      if (is_full(arg) && (inst(arg).kind != InstKind::kLoad || ++loads > 1)) return false;
    }
    return true;
  }

  void list_segment(size_t s) {
    Listed list;
    list.segment = s;
    list.last_use.assign(program_.insts.size(), 0);
    list.runs.assign(program_.insts.size(), false);
    std::vector<bool> listed(program_.insts.size());
    const std::function<void(size_t)> add = [&](size_t i) {
      for (size_t a = 0; a < arity(inst(i)); ++a) {
        const size_t arg = inst(i).args[a];
        if (!is_full(arg) || listed[arg]) continue;
        if (is_cheap(arg)) {
          add(arg);
          continue;
        }
        spilled_[arg] = spilled_[arg] || inst(arg).kind == InstKind::kPointwise;
        listed[arg] = true;
        list.order.push_back(arg);
      }
      for (size_t a = 0; a < arity(inst(i)); ++a) list.last_use[inst(i).args[a]] = list.order.size();
      listed[i] = list.runs[i] = true;
      list.order.push_back(i);
    };
    for (const bool stores : {false, true}) {
      for (size_t i = 0; i < program_.insts.size(); ++i) {
        if (in_body(i) && body_of(i) == s && stores == (inst(i).kind == InstKind::kStore)) add(i);
      }
    }
    lists_.push_back(std::move(list));
  }

  void forward_stores() {
    const Listed& list = lists_.back();
    size_t from = 0;  // behind all reads of what was loaded, and behind what other stores moved up
    std::vector<size_t> position(program_.insts.size());
    for (size_t at = 0; at < list.order.size(); ++at) {
      const size_t i = list.order[at];
      position[i] = at;
      const bool loads = inst(i).kind == InstKind::kLoad;
      if (loads) from = std::max({from, at, list.last_use[i]});
    }
    for (const size_t i : list.order) {
      if (inst(i).kind != InstKind::kStore) continue;
      const size_t def = inst(i).args[0];
      const bool computed = inst(def).kind == InstKind::kPointwise && is_full(def) && !spilled_[def];
      if (!computed || uses_[def] != 1 || position[def] < from || !is_plain(program_.operand_dtypes[inst(i).operand]))
        return;
      forward_[def] = i;
      from = position[def] + 1;
    }
  }

  void assign_slots(const Listed& list) {
    slots_.emplace_back(program_.insts.size(), 0);
    std::vector<size_t>& slots = slots_.back();
    std::array<std::vector<size_t>, 9> free_slots;
    size_t top = 0;
    const auto has_slot = [&](size_t i) { return is_full(i) && !spilled_[i] && inst(i).kind != InstKind::kStore; };
    for (size_t at = 0; at < list.order.size(); ++at) {
      const size_t i = list.order[at];
      for (size_t a = 0; a < arity(inst(i)) && list.runs[i]; ++a) {
        const size_t arg = inst(i).args[a];
        const bool again = std::find(inst(i).args.begin(), inst(i).args.begin() + static_cast<ptrdiff_t>(a), arg) !=
                           inst(i).args.begin() + static_cast<ptrdiff_t>(a);
        if (has_slot(arg) && list.last_use[arg] == at && !again)
          free_slots[value_bytes(inst(arg).type)].push_back(slots[arg]);
      }
      if (!has_slot(i) || inst(i).kind == InstKind::kRowReduce) continue;
      std::vector<size_t>& free = free_slots[value_bytes(inst(i).type)];
      if (free.empty()) {
        slots[i] = top;
        top += value_bytes(inst(i).type);
      } else {
        slots[i] = free.back();
        free.pop_back();
      }
      if (list.last_use[i] == 0) free.push_back(slots[i]);
    }
    slot_bytes_ = std::max(slot_bytes_, top);
  }

  /// Lays out scratch: table of values, one element per row, reductions under way, tiles, kept rows, slots.
  void place(RowInterpreter* out) {
    const RowShape& shape = out->shape_;
    const size_t count = program_.insts.size();
    const bool one_piece = shape.in_one_piece();
    const auto pad = [](int64_t n) { return round_up(static_cast<size_t>(n), kPadElements); };
    elements_ = pad(one_piece ? shape.rows * shape.cols : shape.piece);
    const size_t kept = one_piece ? elements_ : pad(shape.runs * shape.cols) + kPadElements;
    size_t bytes = 2 * count * sizeof(std::byte*);
    const auto take = [&](size_t size) {
      const size_t at = round_up(bytes, 64);
      bytes = at + size;
      return at;
    };
    uniform_at_.assign(count, 0);
    state_at_ = broadcast_at_ = spilled_at_ = constant_at_ = uniform_at_;
    size_t constants = 0;
    for (size_t i = 0; i < count; ++i) {
      const size_t width = value_bytes(inst(i).type);
      if (extent_[i] == Extent::kUniform) uniform_at_[i] = take(pad(shape.rows) * width);
      if (inst(i).kind == InstKind::kRowReduce)
        state_at_[i] = take(static_cast<size_t>(shape.rows) * sizeof(FoldState));
      if (broadcast_[i]) broadcast_at_[i] = take(elements_ * width);
      if (spilled_[i]) spilled_at_[i] = take(kept * width);
      if (extent_[i] != Extent::kConstant) continue;
      constant_at_[i] = constants;
      constants += elements_ * width;
    }
    slots_at_ = take(slot_bytes_ * elements_);
    out->scratch_bytes_ = round_up(bytes, 64);
    out->constants_.reset(
        static_cast<std::byte*>(::operator new (std::max<size_t>(64, constants), std::align_val_t{64})));
    constants_ = out->constants_.get();
    for (size_t i = 0; i < count; ++i) {
      if (extent_[i] == Extent::kConstant)
        fill_constant(constants_ + constant_at_[i], inst(i).type, inst(i).imm, static_cast<int64_t>(elements_));
    }
  }

  uint32_t tile_entry(size_t i) const {
    return static_cast<uint32_t>(extent_[i] == Extent::kUniform ? program_.insts.size() + i : i);
  }

  Step step_of(size_t i, StepKind kind, bool tiles) const {
    Step step;
    step.kind = kind;
    step.bytes = static_cast<uint8_t>(value_bytes(inst(i).type));
    step.operand = inst(i).kind == InstKind::kPointwise || inst(i).kind == InstKind::kRowReduce ? 0 : inst(i).operand;
    step.value = static_cast<uint32_t>(i);
    for (size_t a = 0; a < 3 && arity(inst(i)) > 0; ++a) {
      const size_t arg = inst(i).args[a < arity(inst(i)) ? a : 0];
      step.args[a] = tiles ? tile_entry(arg) : static_cast<uint32_t>(arg);
      if (extent_[arg] == Extent::kConstant) step.constants[a] = constants_ + constant_at_[arg];
    }
    if (inst(i).kind == InstKind::kLoad)
      step.load = functions_->load[static_cast<size_t>(program_.operand_dtypes[inst(i).operand])];
    if (inst(i).kind == InstKind::kStore)
      step.store = functions_->store[static_cast<size_t>(program_.operand_dtypes[inst(i).operand])];
    if (inst(i).kind == InstKind::kPointwise) {
      step.compute = element_function(*functions_, program_, i);
      step.exact = functions_->per_element[static_cast<size_t>(inst(i).fn)];
    }
    return step;
  }

  Step fold_step(size_t i, StepKind kind, const RowShape& shape) const {
    Step step = step_of(i, kind, true);
    step.slot = uniform_at_[i];
    step.state = state_at_[i];
    step.fold = &functions_->folds[inst(i).operand];
    if (inst(i).operand == static_cast<uint16_t>(RowFold::kAvg))
      step.divisor = static_cast<double>(shape.runs) * static_cast<double>(shape.cols);
    return step;
  }

  void add_uniform_steps(size_t i, RowInterpreter* out) {
    if (extent_[i] != Extent::kUniform) return;
    std::vector<Step>& before = out->segments_[segment_[i]].before;
    const InstKind kind = inst(i).kind;
    if (kind == InstKind::kStore) {
      out->after_.push_back(step_of(i, StepKind::kStore, false));
      return;
    }
    if (kind == InstKind::kRowReduce) {
      if (!out->shape_.in_one_piece()) {
        out->segments_[segment_[i] - 1].before.push_back(fold_step(i, StepKind::kFoldStart, out->shape_));
        before.push_back(fold_step(i, StepKind::kFoldFinish, out->shape_));
      }
    } else {
      const StepKind does = kind == InstKind::kLoad   ? StepKind::kLoad
                            : kind == InstKind::kStep ? StepKind::kFillStep
                                                      : StepKind::kCompute;
      before.push_back(step_of(i, does, false));
      before.back().slot = uniform_at_[i];
    }
    if (!broadcast_[i]) return;
    Step spread;
    spread.kind = StepKind::kBroadcast;
    spread.bytes = static_cast<uint8_t>(value_bytes(inst(i).type));
    spread.args[0] = static_cast<uint32_t>(i);
    spread.value = tile_entry(i);
    spread.slot = broadcast_at_[i];
    spread.load = functions_->load[static_cast<size_t>(plain_dtype(inst(i).type))];
    before.push_back(spread);
  }

  Step body_step(size_t i, size_t segment, const RowShape& shape) const {
    const InstKind kind = inst(i).kind;
    if (kind == InstKind::kRowReduce) return fold_step(i, StepKind::kFold, shape);
    StepKind does = StepKind::kCompute;
    if (kind == InstKind::kLoad) does = StepKind::kLoad;
    if (kind == InstKind::kStore) does = StepKind::kStore;
    if (kind == InstKind::kIndex) does = StepKind::kFillIndex;
    if (kind == InstKind::kPointwise && !lists_[segment].runs[i]) does = StepKind::kSpilled;
    Step step = step_of(i, does, true);
    step.spills = spilled_[i];
    step.slot = spilled_[i] ? spilled_at_[i] : slots_at_ + slots_[segment][i] * elements_;
    if (kind == InstKind::kLoad) {
      bool stored = false;
      for (const Inst& other : program_.insts) stored |= other.kind == InstKind::kStore && other.args[0] == i;
      step.in_place = is_plain(program_.operand_dtypes[inst(i).operand]) && !stored;
    }
    if (does == StepKind::kCompute && forward_[i] != 0) {
      step.in_place = true;
      step.operand = inst(forward_[i]).operand;
    }
    return step;
  }

  void add_blocks(RowInterpreter* out) const {
    size_t bytes = 0;
    const RowShape& shape = out->shape_;
    const int64_t ahead = shape.in_one_piece() ? shape.rows * shape.cols * int64_t{sizeof(float)} : 0;
    for (size_t s = 0; s < segments_; ++s) {
      RowInterpreter::Segment& segment = out->segments_[s];
      segment.blocks = block_code(*functions_, s, ahead);
      if (!segment.blocks.has_value()) return;
      bytes = std::max(bytes, segment.blocks->scratch_bytes());
      for (const BlockEntry& entry : segment.blocks->entries()) segment.places.push_back(block_place(entry));
      for (const Step& step : segment.body) {
        if (step.kind == StepKind::kFold) segment.folds.push_back(step);
      }
    }
    out->in_blocks_ = true;
    out->blocks_at_ = out->scratch_bytes_;
    out->scratch_bytes_ += bytes;
  }
  RowInterpreter::BlockPlace block_place(const BlockEntry& entry) const {
    using Source = BlockEntry::Source;
    if (entry.source == Source::kFold) return {state_at_[entry.id], nullptr};
    if (entry.source == Source::kKept || entry.source == Source::kKeep) return {spilled_at_[entry.id], nullptr};
    const bool constant = entry.source == Source::kScalar && extent_[entry.id] == Extent::kConstant;
    return {0, constant ? constants_ + constant_at_[entry.id] : nullptr};
  }

  TileProgram program_;
  const std::vector<bool>& uniform_;
  const TileFunctions* functions_ = nullptr;
  std::vector<Extent> extent_;
  std::vector<size_t> segment_, forward_, uses_;
  std::vector<bool> broadcast_, spilled_;
  std::vector<Listed> lists_;
  std::vector<std::vector<size_t>> slots_;  ///< per segment and instruction, bytes per element
  std::vector<size_t> uniform_at_, state_at_, broadcast_at_, spilled_at_, constant_at_;
  std::byte* constants_ = nullptr;
  size_t segments_ = 1, slot_bytes_ = 0, elements_ = 0, slots_at_ = 0;
};

RowInterpreter::RowInterpreter(const TileProgram& program, const TileFunctions& functions,
                               const std::vector<bool>& uniform, const RowShape& shape)
    : shape_(shape) {
  if (!shape_.in_one_piece()) shape_.rows = 1;
  RowPlan(program, uniform).build(functions, this);
}

bool RowInterpreter::runs_in_blocks(const TileProgram& program, const TileFunctions& functions,
                                    const std::vector<bool>& uniform) {
  return RowPlan(program, uniform).runs_in_blocks(functions);
}

int64_t RowInterpreter::live_bytes_per_element(const TileProgram& program, const std::vector<bool>& uniform) {
  return RowPlan(program, uniform).live_bytes_per_element();
}

}  // namespace rondo::tile
