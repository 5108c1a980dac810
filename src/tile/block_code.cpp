// Writing block code: one register block, the "current" value, passes from step to step. A function takes it as one of
// its operands where it can, and the other from memory: an operand of the program, a scalar, a kept array, or a slot. A
// value that some instruction needs when it is no longer current is saved to a slot of one block as soon as it is
// there; which ones these are comes out of writing the code once and throwing it away.
//
// Rows follow each other with a step per address, so that short ones cost little more than their blocks.
#include "tile/block_code.h"

#include <algorithm>

#include "tile/prepare.h"

namespace rondo::tile {
namespace {

constexpr size_t kNone = ~size_t{0};
constexpr size_t kMaxSteps = 512;      // builds without optimization nest a call per step
constexpr int64_t kAlignedRun = 4096;  // elements from which it pays to start with a part of a block
constexpr int64_t kLongFold = 128;     // elements from which a fold pays that keeps its lanes in registers
constexpr size_t kBlockBytes = kBlockElements * sizeof(float);
using Source = BlockEntry::Source;

}  // namespace

class BlockWriter {
 public:
  BlockWriter(const TileProgram& program, const TileFunctions& functions, const BlockRequest& request)
      : program_(program), functions_(functions), request_(request), saved_(program.insts.size()) {}

  std::optional<BlockCode> write() {
    if (functions_.blocks.run == nullptr || loads_behind_stores()) return std::nullopt;
    for (int pass = 0; pass < 2; ++pass) {
      code_ = BlockCode();
      current_ = kNone;
      stores_ = folds_ = 0;
      for (const size_t i : request_.order) {
        if (!add(i)) return std::nullopt;
      }
      for (const size_t i : request_.prefetched) {
        for (const int64_t ahead : request_.ahead) {
          step(functions_.blocks.prefetch, entry_of(i));
          code_.steps_.back().ahead = ahead;
        }
      }
    }
    finish();
    return std::move(code_);
  }

 private:
  const Inst& inst(size_t i) const { return program_.insts[i]; }
  bool is_f32(size_t i) const { return inst(i).type == ValueType::kF32; }

  // Operands are read where they are used, so no store may come in between.
  bool loads_behind_stores() const {
    bool stored = false;
    for (const size_t i : request_.order) {
      for (size_t a = 0; a < arity(inst(i)) && stored; ++a) {
        if (inst(inst(i).args[a]).kind == InstKind::kLoad) return true;
      }
      stored = stored || inst(i).kind == InstKind::kStore;
    }
    return false;
  }

  bool add(size_t i) {
    if (!is_f32(i) || code_.steps_.size() > kMaxSteps) return false;
    switch (inst(i).kind) {
      case InstKind::kConst:
        return true;
      case InstKind::kLoad:
        return program_.operand_dtypes[inst(i).operand] == DType::kFloat32;
      case InstKind::kAcc:
        return true;
      case InstKind::kStore:
        if (program_.operand_dtypes[inst(i).operand] != DType::kFloat32 || !make_current(inst(i).args[0])) return false;
        step(functions_.blocks.store, {Source::kStore, inst(i).operand});
        ++stores_;
        return true;
      case InstKind::kRowReduce:
        ++folds_;
        return make_current(inst(i).args[0]) &&
               step(functions_.blocks.fold[inst(i).operand], {Source::kFold, static_cast<uint32_t>(i)});
      case InstKind::kPointwise:
        if (!request_.computed[i]) return request_.kept[i];
        return compute(i);
      default:
        return false;
    }
  }

  bool compute(size_t i) {
    const Inst& of = inst(i);
    for (size_t a = 0; a < arity(of); ++a) {
      if (!is_f32(of.args[a])) return false;
    }
    if (arity(of) > 2 || of.fn == PointwiseFn::f_cast) return false;
    const bool done = arity(of) == 2 ? compute_binary(of) : compute_unary(of);
    current_ = i;
    if (done && request_.kept[i]) step(functions_.blocks.store, {Source::kKeep, static_cast<uint32_t>(i)});
    if (done && !request_.kept[i] && saved_[i]) step(functions_.blocks.store, slot(i));
    return done;
  }

  bool compute_unary(const Inst& of) {
    if (!make_current(of.args[0])) return false;
    const auto& codes = functions_.blocks.compute[static_cast<size_t>(of.fn)];
    if (const auto code = codes[static_cast<size_t>(BlockArgument::kSelf)]; code != nullptr) {
      code_.steps_.push_back({code});
      return true;
    }
    const TileFunctions::Compute call = functions_.compute[static_cast<size_t>(of.fn)][0];
    if (call == nullptr || !step(functions_.blocks.call, {Source::kSlot, static_cast<uint32_t>(kNone)})) return false;
    code_.steps_.back().call = call;
    return true;
  }

  bool compute_binary(const Inst& of) {
    const size_t a = of.args[0], b = of.args[1];
    const bool reversed = b == current_ && a != current_;
    if (!reversed && !make_current(a)) return false;
    const auto& codes = functions_.blocks.compute[static_cast<size_t>(of.fn)];
    if (a == b) {
      const auto code = codes[static_cast<size_t>(BlockArgument::kSelf)];
      code_.steps_.push_back({code});
      return code != nullptr;
    }
    const BlockEntry other = entry_of(reversed ? a : b);
    BlockArgument argument = reversed ? BlockArgument::kFirstArray : BlockArgument::kArray;
    if (is_scalar(other)) argument = reversed ? BlockArgument::kFirstScalar : BlockArgument::kScalar;
    return step(codes[static_cast<size_t>(argument)], other);
  }

  static bool is_scalar(const BlockEntry& entry) {
    return entry.source == Source::kScalar || entry.source == Source::kLoadScalar;
  }

  bool make_current(size_t i) {
    if (!is_f32(i)) return false;
    if (current_ == i) return true;
    const BlockEntry from = entry_of(i);
    current_ = i;
    return step(is_scalar(from) ? functions_.blocks.load_scalar : functions_.blocks.load, from);
  }

  BlockEntry entry_of(size_t i) {
    const auto id = static_cast<uint32_t>(i);
    if (request_.scalar[i]) return {Source::kScalar, id};
    if (inst(i).kind == InstKind::kLoad) {
      const uint16_t operand = inst(i).operand;
      return {request_.constant_operand[operand] ? Source::kLoadScalar : Source::kLoad, operand};
    }
    if (inst(i).kind == InstKind::kAcc) return {Source::kAcc, inst(i).operand};
    if (request_.kept[i]) return {request_.computed[i] ? Source::kKeep : Source::kKept, id};
    saved_[i] = true;
    return slot(i);
  }
  static BlockEntry slot(size_t i) { return {Source::kSlot, static_cast<uint32_t>(i)}; }

  bool step(BlockFunctions::Code code, const BlockEntry& entry) {
    const auto found = std::find(code_.entries_.begin(), code_.entries_.end(), entry);
    const auto at = static_cast<uint32_t>(found - code_.entries_.begin());
    if (found == code_.entries_.end()) code_.entries_.push_back(entry);
    code_.steps_.push_back({code, at, entry.moves() ? -1 : 0});
    return code != nullptr;
  }

  void finish() {
    const BlockFunctions& blocks = functions_.blocks;
    code_.functions_ = &blocks;
    for (size_t e = 0; e < code_.entries_.size(); ++e) {
      if (code_.entries_[e].source == Source::kStore) code_.single_store_ = e;
      code_.slots_ += code_.entries_[e].source == Source::kSlot;
    }
    code_.aligns_ = stores_ == 1 && folds_ == 0;
    if (code_.steps_.size() == 2 && code_.steps_[0].code == blocks.load && folds_ == 1)
      code_.only_fold_ = &functions_.folds[inst(request_.order.back()).operand];
    code_.steps_.push_back({blocks.end});
    code_.streaming_ = code_.steps_;
    for (BlockStep& s : code_.streaming_) {
      if (s.code == blocks.store && code_.entries_[s.entry].source == Source::kStore) s.code = blocks.stream;
    }
    pair_steps(&code_.steps_);
    pair_steps(&code_.streaming_);
  }

  // The first of two steps gets the handler of both, which reads the second where it stands.
  void pair_steps(std::vector<BlockStep>* steps) const {
    for (size_t i = 0; i + 1 < steps->size(); ++i) {
      for (const BlockFunctions::Pair& pair : functions_.blocks.pairs) {
        if (pair.first != (*steps)[i].code || pair.second != (*steps)[i + 1].code) continue;
        (*steps)[i++].code = pair.both;
        break;
      }
    }
  }

  const TileProgram& program_;
  const TileFunctions& functions_;
  const BlockRequest& request_;
  std::vector<bool> saved_;
  BlockCode code_;
  size_t current_ = kNone;
  int stores_ = 0, folds_ = 0;
};

std::optional<BlockCode> BlockCode::make(const TileProgram& program, const TileFunctions& functions,
                                         const BlockRequest& request) {
  return BlockWriter(program, functions, request).write();
}

// The tables of addresses and row steps, a block of memory per slot.
size_t BlockCode::scratch_bytes() const { return 2 * table_bytes() + slots_ * kBlockBytes; }

void BlockCode::run(std::byte* scratch, int64_t rows, int64_t n, bool stream) const noexcept {
  BlockRun run = {steps_.data(), addresses(scratch), row_steps(scratch), padded_entries(), rows, n};
  if (only_fold_ != nullptr && n >= kLongFold) {
    for (int64_t row = 0; row < rows; ++row) {
      only_fold_->step(reinterpret_cast<FoldState*>(run.addresses[1] + row * run.row_steps[1]),
                       reinterpret_cast<const float*>(run.addresses[0] + row * run.row_steps[0]), n);
    }
    return;
  }
  std::byte* slot = scratch + 2 * table_bytes();
  for (size_t e = 0; e < run.entries; ++e) {
    const bool padding = e >= entries_.size();
    if (!padding && entries_[e].source != Source::kSlot) continue;
    run.addresses[e] = padding ? nullptr : slot;
    row_steps(scratch)[e] = 0;
    if (!padding) slot += kBlockBytes;
  }
  if (stream && aligns_) run.code = streaming_.data();
  if (stream && aligns_ && n >= kAlignedRun && rows == 1) return run_aligned(run, row_steps(scratch));
  functions_->run(run);
}

// The elements in front of the first aligned one are a row of their own.
void BlockCode::run_aligned(BlockRun run, int64_t* row_steps) const {
  constexpr auto kBytes = static_cast<int64_t>(sizeof(float));
  const auto beyond = static_cast<int64_t>(reinterpret_cast<uintptr_t>(run.addresses[single_store_]) % 64);
  const int64_t before = std::min((64 - beyond) % 64 / kBytes, run.n), n = run.n;
  for (size_t e = 0; e < entries_.size(); ++e) row_steps[e] = entries_[e].moves() ? before * kBytes : 0;
  run.n = before;
  functions_->run(run);
  run.n = n - before;
  functions_->run(run);
}

}  // namespace rondo::tile
