// Running a tile program.
//
// The tile is small enough for its values to stay in L1, so an instruction is one call of an element function over the
// whole tile: the cost of the call is spread over some hundred elements, and the functions are ordinary vector loops.
// The time that is left to save is copying. A dense load is therefore just a pointer, an accumulator too, and an
// instruction whose result is stored next writes straight to memory. Both hold only while no store in between can
// change what the pointer shows; that part was decided when the program was prepared (interpreter_plan.cpp). What
// strides decide is decided here.
//
// A program of floats alone, over operands without gaps, needs no buffers at all: it runs as block code
// (block_code.cpp).
//
// Element functions run fastest on whole vectors. A tile whose size is not a multiple of kLanes is computed a little
// further, over padding that the buffers have and memory has not; hence such tiles copy what they load and store.
#include "tile/interpreter.h"

#include <cstring>

namespace rondo::tile {
namespace {

constexpr int64_t kLanes = 16;
// Columns from which rows apart run as block code. Bound by what a row costs beside its arithmetic; lowered, array
// functions over all rows at once are faster.
constexpr int64_t kFewestColumns = 32;

struct Shape {
  int64_t rows, cols;
  bool dense(int64_t bytes, int64_t row_stride, int64_t col_stride) const {
    return (cols == 1 || col_stride == bytes) && (rows == 1 || row_stride == cols * bytes);
  }
  // True if the tile is one arithmetic progression of addresses; *stride is its step.
  bool linear(const TileOperand& at, int64_t* stride) const {
    *stride = cols == 1 ? at.row_stride : at.col_stride;
    return rows == 1 || cols == 1 || at.row_stride == cols * at.col_stride;
  }
};

void load(const Interpreter::Step& step, Shape shape, const TileOperand& at, std::byte* out) {
  int64_t stride;
  if (shape.linear(at, &stride)) return step.load(out, at.address, stride, shape.rows * shape.cols);
  for (int64_t r = 0; r < shape.rows; ++r) {
    step.load(out + r * shape.cols * step.bytes, at.address + r * at.row_stride, at.col_stride, shape.cols);
  }
}

void store(const Interpreter::Step& step, Shape shape, const TileOperand& at, const std::byte* in) {
  int64_t stride;
  if (shape.linear(at, &stride)) return step.store(at.address, stride, in, shape.rows * shape.cols);
  for (int64_t r = 0; r < shape.rows; ++r) {
    step.store(at.address + r * at.row_stride, at.col_stride, in + r * shape.cols * step.bytes, shape.cols);
  }
}

void copy_acc(const Tile& tile, const float* from, std::byte* out) {
  const size_t row_bytes = static_cast<size_t>(tile.cols) * sizeof(float);
  for (int64_t r = 0; r < tile.rows; ++r) {
    std::memcpy(out + r * static_cast<int64_t>(row_bytes), from + r * tile.acc_row_stride, row_bytes);
  }
}

void fill_index(const Tile& tile, const TileAxis& axis, int64_t* out) {
  for (int64_t r = 0; r < tile.rows; ++r) {
    for (int64_t c = 0; c < tile.cols; ++c) *out++ = axis.base + r * axis.row_step + c * axis.col_step;
  }
}

// True if every operand of the code steps from element to element without gaps; *one_run if from row to row as well.
bool is_dense(const Tile& tile, std::span<const BlockEntry> entries, bool* one_run) {
  using Source = BlockEntry::Source;
  constexpr int64_t kBytes = sizeof(float);
  *one_run = true;
  for (const BlockEntry& entry : entries) {
    if (entry.source == Source::kAcc) *one_run = *one_run && (tile.rows == 1 || tile.acc_row_stride == tile.cols);
    if (entry.source != Source::kLoad && entry.source != Source::kLoadScalar && entry.source != Source::kStore)
      continue;
    const TileOperand& at = tile.operands[entry.id];
    const int64_t step = entry.source == Source::kLoadScalar ? 0 : kBytes;
    if (at.col_stride != step || (entry.source == Source::kStore && at.skip_store)) return false;
    *one_run = *one_run && (tile.rows == 1 || at.row_stride == tile.cols * step);
  }
  return true;
}

}  // namespace

bool Interpreter::run_blocks(const Tile& tile) const {
  using Source = BlockEntry::Source;
  bool one_run = false;
  if (tile.rows * tile.cols < kBlockElements || !is_dense(tile, blocks_->entries(), &one_run)) return false;
  if (!one_run && tile.cols < kFewestColumns) return false;
  std::byte* scratch = tile.scratch + blocks_at_;
  std::byte** addresses = blocks_->addresses(scratch);
  int64_t* steps = blocks_->row_steps(scratch);
  const std::span<const BlockEntry> entries = blocks_->entries();
  for (size_t e = 0; e < entries.size(); ++e) {
    const BlockEntry& entry = entries[e];
    addresses[e] = block_constants_[e];
    steps[e] = 0;
    if (entry.source == Source::kAcc) {
      const float* acc = tile.acc + entry.id * tile.acc_stride;
      addresses[e] = reinterpret_cast<std::byte*>(const_cast<float*>(acc));
      steps[e] = tile.acc_row_stride * static_cast<int64_t>(sizeof(float));
    } else if (addresses[e] == nullptr && entry.source != Source::kSlot) {
      addresses[e] = tile.operands[entry.id].address;
      steps[e] = tile.operands[entry.id].row_stride;
    }
  }
  blocks_->run(scratch, one_run ? 1 : tile.rows, one_run ? tile.rows * tile.cols : tile.cols, tile.stream);
  return true;
}

void Interpreter::run(const Tile& tile) const noexcept {
  if (blocks_.has_value() && run_blocks(tile)) return;
  const Shape shape{tile.rows, tile.cols};
  const int64_t n = tile.rows * tile.cols;
  if (n <= 0) return;
  const int64_t padded = (n + kLanes - 1) / kLanes * kLanes;
  const bool whole = n == padded;
  auto** values = reinterpret_cast<const std::byte**>(tile.scratch);
  for (const Step& step : steps_) {
    std::byte* out = tile.scratch + step.slot;
    switch (step.kind) {
      case StepKind::kLoad: {
        const TileOperand& at = tile.operands[step.operand];
        if (step.dense_in_place && whole && shape.dense(step.bytes, at.row_stride, at.col_stride)) {
          out = at.address;
        } else {
          load(step, shape, at, out);
        }
        break;
      }
      case StepKind::kStore: {
        const TileOperand& at = tile.operands[step.operand];
        const std::byte* in = step.constants[0] != nullptr ? step.constants[0] : values[step.args[0]];
        if (!at.skip_store && in != at.address) store(step, shape, at, in);
        continue;
      }
      case StepKind::kAcc: {
        const float* from = tile.acc + step.operand * tile.acc_stride;
        if (tile.rows == 1 || tile.acc_row_stride == tile.cols) {
          values[step.value] = reinterpret_cast<const std::byte*>(from);
          continue;
        }
        copy_acc(tile, from, out);
        break;
      }
      case StepKind::kFillStep: {
        auto* to = reinterpret_cast<int64_t*>(out);
        for (int64_t i = 0; i < padded; ++i) to[i] = tile.steps[step.operand];
        break;
      }
      case StepKind::kFillIndex:
        fill_index(tile, tile.axes[step.operand], reinterpret_cast<int64_t*>(out));
        break;
      case StepKind::kCompute: {
        if (step.dense_in_place && whole) {
          const TileOperand& at = tile.operands[step.operand];
          if (!at.skip_store && shape.dense(step.bytes, at.row_stride, at.col_stride)) out = at.address;
        }
        const std::byte* in[3];
        for (int i = 0; i < 3; ++i) in[i] = step.constants[i] != nullptr ? step.constants[i] : values[step.args[i]];
        step.compute(out, in[0], in[1], in[2], step.exact ? n : padded);
        break;
      }
    }
    values[step.value] = out;
  }
}

}  // namespace rondo::tile
