// Running a tile program that folds rows.
//
//   softmax      segment 0: load x, max      segment 1: load x, x - max, exp (kept), sum      segment 2: kept * 1/sum,
//   store
//
// Short rows are worked on many at a time, each in one piece; then segments simply follow each other over the same
// tile. A long row is read in pieces that stay in the first-level cache, segment after segment: loads are done again,
// computed values that a later segment needs are kept in a buffer of the row's length. Which of the two happens was
// decided by the shape; the bits are the same (see RowFolder). If all segments exist as block code and the operands of
// a call have no gaps, each piece runs as block code, row by row, and nothing is spread over tiles first.
#include "tile/row_interpreter.h"

#include <algorithm>

#include "tile/prepare.h"

namespace rondo::tile {
namespace {

int64_t padded(int64_t n) { return (n + kPadElements - 1) / kPadElements * kPadElements; }

const std::byte** table_of(const RowTile& tile) { return reinterpret_cast<const std::byte**>(tile.scratch); }

const std::byte* argument(const RowInterpreter::Step& step, int i, const std::byte* const* values) {
  return step.constants[i] != nullptr ? step.constants[i] : values[step.args[i]];
}

void fill_steps(const RowTile& tile, const RowInterpreter::Step& step, std::byte* out, int64_t n) {
  std::fill_n(reinterpret_cast<int64_t*>(out), n, tile.steps[step.operand]);
}

}  // namespace

/// Elements rows x cols at position `at` of the row, in the run whose inner indices are `index`.
struct RowInterpreter::Piece {
  int64_t rows, cols;
  int64_t at;   ///< of its first element in the row
  int64_t col;  ///< the same in its run
  const int64_t* index;

  int64_t size() const { return rows * cols; }
  bool dense(int64_t bytes, const TileOperand& operand) const {
    return (cols == 1 || operand.col_stride == bytes) && (rows == 1 || operand.row_stride == cols * bytes);
  }
  std::byte* address(const RowTile& tile, uint16_t operand) const {
    const TileOperand& of = tile.operands[operand];
    std::byte* p = of.address + col * of.col_stride;
    for (int k = 0; k < tile.inner_count; ++k) p += index[k] * tile.inner_strides[operand * tile.inner_count + k];
    return p;
  }
  void fill_index(const RowTile& tile, uint16_t axis, int64_t* out) const {
    const TileAxis& along = tile.axes[axis];
    int64_t base = along.base + col * along.col_step;
    for (int k = 0; k < tile.inner_count; ++k) base += tile.inner_axes[k] == axis ? index[k] : 0;
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < cols; ++c) *out++ = base + r * along.row_step + c * along.col_step;
    }
  }
};

void RowInterpreter::run_uniform(const RowTile& tile, const std::vector<Step>& steps, bool in_blocks) const {
  const std::byte** values = table_of(tile);
  const int64_t n = tile.rows;
  for (const Step& step : steps) {
    std::byte* out = tile.scratch + step.slot;
    const TileOperand& at = tile.operands[step.operand];
    switch (step.kind) {
      case StepKind::kLoad:
        step.load(out, at.address, at.row_stride, n);
        break;
      case StepKind::kStore:
        if (!at.skip_store) step.store(at.address, at.row_stride, argument(step, 0, values), n);
        continue;
      case StepKind::kFillStep:
        fill_steps(tile, step, out, padded(n));
        break;
      case StepKind::kFoldStart:
        step.fold->start(reinterpret_cast<FoldState*>(tile.scratch + step.state));
        continue;
      case StepKind::kFoldFinish:
        *reinterpret_cast<float*>(out) = static_cast<float>(
            step.fold->finish(reinterpret_cast<FoldState*>(tile.scratch + step.state)) / step.divisor);
        break;
      case StepKind::kBroadcast: {
        if (in_blocks) continue;
        const int64_t width = shape_.in_one_piece() ? shape_.cols : shape_.piece;
        const std::byte* in = values[step.args[0]];
        for (int64_t r = 0; r < n; ++r) step.load(out + r * width * step.bytes, in + r * step.bytes, 0, width);
        break;
      }
      default:
        step.compute(out, argument(step, 0, values), argument(step, 1, values), argument(step, 2, values),
                     step.exact ? n : padded(n));
    }
    values[step.value] = out;
  }
}

void RowInterpreter::run_piece(const RowTile& tile, const Piece& piece, const std::vector<Step>& steps) const {
  const std::byte** values = table_of(tile);
  const int64_t n = piece.size(), padded_n = padded(n);
  const bool whole = n == padded_n;
  for (const Step& step : steps) {
    std::byte* out = tile.scratch + step.slot + (step.spills ? piece.at * step.bytes : 0);
    const TileOperand& at = tile.operands[step.operand];
    switch (step.kind) {
      case StepKind::kLoad: {
        std::byte* from = piece.address(tile, step.operand);
        if (step.in_place && whole && piece.dense(step.bytes, at)) {
          out = from;
          break;
        }
        const bool linear = piece.rows == 1 || at.row_stride == piece.cols * at.col_stride;
        const int64_t rows = linear ? 1 : piece.rows, cols = linear ? n : piece.cols;
        for (int64_t r = 0; r < rows; ++r) {
          step.load(out + r * cols * step.bytes, from + r * at.row_stride, at.col_stride, cols);
        }
        break;
      }
      case StepKind::kStore: {
        const std::byte* in = argument(step, 0, values);
        std::byte* to = piece.address(tile, step.operand);
        if (at.skip_store || in == to) continue;
        const bool linear = piece.rows == 1 || at.row_stride == piece.cols * at.col_stride;
        const int64_t rows = linear ? 1 : piece.rows, cols = linear ? n : piece.cols;
        for (int64_t r = 0; r < rows; ++r) {
          step.store(to + r * at.row_stride, at.col_stride, in + r * cols * step.bytes, cols);
        }
        continue;
      }
      case StepKind::kFillIndex:
        piece.fill_index(tile, step.operand, reinterpret_cast<int64_t*>(out));
        break;
      case StepKind::kFold: {
        const auto* in = reinterpret_cast<const float*>(argument(step, 0, values));
        if (shape_.in_one_piece()) {
          step.fold->rows(reinterpret_cast<float*>(out), in, piece.rows, piece.cols, step.divisor);
          break;
        }
        step.fold->step(reinterpret_cast<FoldState*>(tile.scratch + step.state), in, n);
        continue;
      }
      case StepKind::kCompute: {
        if (step.in_place && whole && !at.skip_store && piece.dense(step.bytes, at)) {
          out = piece.address(tile, step.operand);
        }
        step.compute(out, argument(step, 0, values), argument(step, 1, values), argument(step, 2, values),
                     step.exact ? n : padded_n);
        break;
      }
      default:  // kSpilled: `out` is where it was kept
        break;
    }
    values[step.value] = out;
  }
}

bool RowInterpreter::fits_blocks(const RowTile& tile) const {
  if (!in_blocks_) return false;
  for (const Segment& segment : segments_) {
    for (const BlockEntry& entry : segment.blocks->entries()) {
      if (entry.source != BlockEntry::Source::kLoad && entry.source != BlockEntry::Source::kStore) continue;
      const TileOperand& at = tile.operands[entry.id];
      if (at.col_stride != int64_t{sizeof(float)} || (entry.source == BlockEntry::Source::kStore && at.skip_store))
        return false;
    }
  }
  return true;
}

void RowInterpreter::run_blocks(const RowTile& tile, const Piece& piece, const Segment& segment) const {
  using Source = BlockEntry::Source;
  const std::byte** values = table_of(tile);
  const std::span<const BlockEntry> entries = segment.blocks->entries();
  std::byte* scratch = tile.scratch + blocks_at_;
  std::byte** addresses = segment.blocks->addresses(scratch);
  int64_t* steps = segment.blocks->row_steps(scratch);
  constexpr int64_t kBytes = sizeof(float);
  for (size_t e = 0; e < entries.size(); ++e) {
    const BlockEntry entry = entries[e];
    const BlockPlace& place = segment.places[e];
    addresses[e] = tile.scratch + place.at;
    switch (entry.source) {
      case Source::kLoad:
      case Source::kStore:
        addresses[e] = piece.address(tile, static_cast<uint16_t>(entry.id));
        steps[e] = tile.operands[entry.id].row_stride;
        break;
      case Source::kKept:
      case Source::kKeep:
        addresses[e] += piece.at * kBytes;
        steps[e] = piece.cols * kBytes;
        break;
      case Source::kScalar:
        addresses[e] = place.constant != nullptr ? place.constant : const_cast<std::byte*>(values[entry.id]);
        steps[e] = place.constant != nullptr ? 0 : kBytes;
        break;
      default:
        steps[e] = sizeof(FoldState);
    }
  }
  const bool folds = shape_.in_one_piece();
  const auto state = [&](const Step& fold, int64_t row) {
    return reinterpret_cast<FoldState*>(tile.scratch + fold.state) + row;
  };
  for (const Step& fold : segment.folds) {
    for (int64_t row = 0; folds && row < piece.rows; ++row) fold.fold->start(state(fold, row));
  }
  segment.blocks->run(scratch, piece.rows, piece.cols, tile.stream);
  for (const Step& fold : segment.folds) {
    if (!folds) break;
    auto* out = reinterpret_cast<float*>(tile.scratch + fold.slot);
    for (int64_t row = 0; row < piece.rows; ++row) {
      out[row] = static_cast<float>(fold.fold->finish(state(fold, row)) / fold.divisor);
    }
    values[fold.value] = tile.scratch + fold.slot;
  }
}

void RowInterpreter::run(const RowTile& tile) const noexcept {
  const bool in_blocks = fits_blocks(tile);
  for (const Segment& segment : segments_) {
    run_uniform(tile, segment.before, in_blocks);
    int64_t index[kMaxInnerAxes] = {};
    for (int64_t run = 0; run < shape_.runs; ++run) {
      for (int64_t col = 0; col < shape_.cols; col += shape_.piece) {
        const int64_t cols = std::min(shape_.piece, shape_.cols - col);
        const Piece piece = {tile.rows, cols, run * shape_.cols + col, col, index};
        if (in_blocks)
          run_blocks(tile, piece, segment);
        else
          run_piece(tile, piece, segment.body);
      }
      for (int k = tile.inner_count; k-- > 0;) {
        if (++index[k] < tile.inner_sizes[k]) break;
        index[k] = 0;
      }
    }
  }
  run_uniform(tile, after_, in_blocks);
}

}  // namespace rondo::tile
