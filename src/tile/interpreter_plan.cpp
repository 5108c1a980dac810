// Preparing a tile program: casts in front of stores that need them, buffers by liveness, and what may be read or
// written where it stands.
//
//   load 0 ; mul %0 %1 ; store -> 0 ; add %0 %2        %0 is used after a store: it must be copied when it is loaded
//   load 0 ; mul %0 %1 ; store -> 0                    %0 is a pointer; the product goes straight to operand 0
//
// A load may be a pointer if no store lies between it and the last use of its value. A result may be written where its
// store will put it if neither a load nor a store lies between the two (moving the store up changes nothing), and no
// other store lies between that store and the last use of the value (the memory keeps showing it). A value's buffer is
// free for the next one after its last use; the instruction that uses it last may overwrite it, since element functions
// work in place.
#include <algorithm>
#include <new>

#include "tile/interpreter.h"
#include "tile/prepare.h"

namespace rondo::tile {

class InterpreterPlan {
 public:
  explicit InterpreterPlan(const TileProgram& program) : program_(with_explicit_casts(program)) {
    const size_t count = program_.insts.size();
    last_use_.assign(count, 0);
    stores_before_.assign(count + 1, 0);
    memory_before_.assign(count + 1, 0);
    for (size_t i = 0; i < count; ++i) {
      const Inst& inst = program_.insts[i];
      for (size_t a = 0; a < arity(inst); ++a) last_use_[inst.args[a]] = i;
      const bool stores = inst.kind == InstKind::kStore;
      stores_before_[i + 1] = stores_before_[i] + stores;
      memory_before_[i + 1] = memory_before_[i] + (stores || inst.kind == InstKind::kLoad);
    }
    forward_stores();
    assign_slots();
  }

  int64_t live_bytes_per_element() const { return slot_bytes_ + constant_bytes_; }

  std::optional<BlockCode> block_code(const TileFunctions& functions, const std::vector<bool>& constant_operand) const {
    BlockRequest request;
    const size_t count = program_.insts.size();
    for (size_t i = 0; i < count; ++i) {
      request.order.push_back(i);
      request.scalar.push_back(program_.insts[i].kind == InstKind::kConst);
      request.computed.push_back(program_.insts[i].kind == InstKind::kPointwise);
    }
    request.kept.assign(count, false);
    request.constant_operand = constant_operand;
    request.constant_operand.resize(program_.operand_dtypes.size());
    return BlockCode::make(program_, functions, request);
  }

  void build(const TileFunctions& functions, const std::vector<bool>& constant_operand, Interpreter* out) const {
    const int64_t elements = (out->max_elements_ + kPadElements - 1) / kPadElements * kPadElements;
    const size_t table = (program_.insts.size() * sizeof(std::byte*) + 63) / 64 * 64;
    out->scratch_bytes_ = table + static_cast<size_t>(slot_bytes_ * elements);
    out->constants_.reset(static_cast<std::byte*>(
        ::operator new (static_cast<size_t>(std::max<int64_t>(1, constant_bytes_) * elements), std::align_val_t{64})));
    for (size_t i = 0; i < program_.insts.size(); ++i) {
      const Inst& inst = program_.insts[i];
      if (inst.kind == InstKind::kConst) {
        fill_constant(out->constants_.get() + offset_[i] * elements, inst.type, inst.imm, elements);
      } else {
        out->steps_.push_back(make_step(functions, *out, i, elements, table));
      }
    }
    out->blocks_ = block_code(functions, constant_operand);
    if (!out->blocks_.has_value()) return;
    for (const BlockEntry& entry : out->blocks_->entries()) {
      const bool constant = entry.source == BlockEntry::Source::kScalar;
      out->block_constants_.push_back(constant ? out->constants_.get() + offset_[entry.id] * elements : nullptr);
    }
    out->blocks_at_ = (out->scratch_bytes_ + 63) / 64 * 64;
    out->scratch_bytes_ = out->blocks_at_ + out->blocks_->scratch_bytes();
  }

 private:
  bool store_between(size_t after, size_t before) const {
    return before > after + 1 && stores_before_[before] != stores_before_[after + 1];
  }

  // forward_[i]: the store whose memory instruction i may write directly, or 0.
  void forward_stores() {
    forward_.assign(program_.insts.size(), 0);
    size_t live_until = 0;  // last use of a value that lives in the memory of a store
    for (size_t s = 0; s < program_.insts.size(); ++s) {
      const Inst& store = program_.insts[s];
      if (store.kind != InstKind::kStore || !is_plain(program_.operand_dtypes[store.operand])) continue;
      const size_t def = store.args[0];
      const bool free_to_move = memory_before_[s] == memory_before_[def + 1];
      if (program_.insts[def].kind == InstKind::kPointwise && forward_[def] == 0 && free_to_move && def >= live_until &&
          !store_between(s, last_use_[def])) {
        forward_[def] = s;
        live_until = std::max(live_until, last_use_[def]);
      }
    }
    for (size_t i = 0; i < program_.insts.size(); ++i) {  // from here on a moved store counts where it writes
      const bool writes = program_.insts[i].kind == InstKind::kStore || forward_[i] != 0;
      stores_before_[i + 1] = stores_before_[i] + writes;
    }
  }

  // offset_[i]: bytes per element in front of value i, in scratch or (constants) in constant memory.
  void assign_slots() {
    offset_.assign(program_.insts.size(), 0);
    std::array<std::vector<int64_t>, 9> free_slots;
    for (size_t i = 0; i < program_.insts.size(); ++i) {
      const Inst& inst = program_.insts[i];
      const size_t bytes = value_bytes(inst.type);
      if (inst.kind == InstKind::kConst) {
        offset_[i] = constant_bytes_;
        constant_bytes_ += static_cast<int64_t>(bytes);
        continue;
      }
      for (size_t a = 0; a < arity(inst); ++a) release(i, a, &free_slots);
      if (inst.kind == InstKind::kStore) continue;
      std::vector<int64_t>& free = free_slots[bytes];
      if (free.empty()) {
        offset_[i] = slot_bytes_;
        slot_bytes_ += static_cast<int64_t>(bytes);
      } else {
        offset_[i] = free.back();
        free.pop_back();
      }
      if (last_use_[i] == 0) free.push_back(offset_[i]);
    }
  }
  void release(size_t i, size_t a, std::array<std::vector<int64_t>, 9>* free_slots) {
    const Inst& inst = program_.insts[i];
    const uint16_t id = inst.args[a];
    if (program_.insts[id].kind == InstKind::kConst || last_use_[id] != i) return;
    for (size_t earlier = 0; earlier < a; ++earlier) {
      if (inst.args[earlier] == id) return;
    }
    (*free_slots)[value_bytes(program_.insts[id].type)].push_back(offset_[id]);
  }

  Interpreter::Step make_step(const TileFunctions& functions, const Interpreter& out, size_t i, int64_t elements,
                              size_t table) const {
    const Inst& inst = program_.insts[i];
    Interpreter::Step step;
    step.bytes = static_cast<uint8_t>(value_bytes(inst.type));
    step.operand = inst.operand;
    step.value = static_cast<uint32_t>(i);
    step.slot = static_cast<uint32_t>(table + static_cast<size_t>(offset_[i] * elements));
    for (size_t a = 0; a < 3; ++a) {
      const uint16_t id = a < arity(inst) ? inst.args[a] : arity(inst) > 0 ? inst.args[0] : uint16_t{0};
      step.args[a] = id;
      const bool constant = arity(inst) > 0 && program_.insts[id].kind == InstKind::kConst;
      if (constant) step.constants[a] = out.constants_.get() + offset_[id] * elements;
    }
    switch (inst.kind) {
      case InstKind::kLoad: {
        const DType dtype = program_.operand_dtypes[inst.operand];
        step.kind = Interpreter::StepKind::kLoad;
        step.load = functions.load[static_cast<size_t>(dtype)];
        step.dense_in_place = is_plain(dtype) && !store_between(i, last_use_[i]);
        break;
      }
      case InstKind::kStore:
        step.kind = Interpreter::StepKind::kStore;
        step.store = functions.store[static_cast<size_t>(program_.operand_dtypes[inst.operand])];
        break;
      case InstKind::kAcc:
        step.kind = Interpreter::StepKind::kAcc;
        break;
      case InstKind::kStep:
        step.kind = Interpreter::StepKind::kFillStep;
        break;
      case InstKind::kIndex:
        step.kind = Interpreter::StepKind::kFillIndex;
        break;
      default:
        make_compute(functions, i, &step);
    }
    return step;
  }

  void make_compute(const TileFunctions& functions, size_t i, Interpreter::Step* step) const {
    const Inst& inst = program_.insts[i];
    step->kind = Interpreter::StepKind::kCompute;
    step->compute = element_function(functions, program_, i);
    step->exact = functions.per_element[static_cast<size_t>(inst.fn)];
    step->dense_in_place = forward_[i] != 0;
    if (forward_[i] != 0) step->operand = program_.insts[forward_[i]].operand;
  }

  TileProgram program_;
  std::vector<size_t> last_use_, forward_;
  std::vector<size_t> stores_before_, memory_before_;
  std::vector<int64_t> offset_;
  int64_t slot_bytes_ = 0, constant_bytes_ = 0;
};

Interpreter::Interpreter(const TileProgram& program, const TileFunctions& functions, int64_t max_elements,
                         const std::vector<bool>& constant_operand)
    : max_elements_(max_elements) {
  InterpreterPlan(program).build(functions, constant_operand, this);
}

bool Interpreter::runs_in_blocks(const TileProgram& program, const TileFunctions& functions,
                                 const std::vector<bool>& constant_operand) {
  return InterpreterPlan(program).block_code(functions, constant_operand).has_value();
}

int64_t Interpreter::live_bytes_per_element(const TileProgram& program) {
  return InterpreterPlan(program).live_bytes_per_element();
}

}  // namespace rondo::tile
