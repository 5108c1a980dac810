#include <algorithm>
#include <tuple>

#include "runtime/cpu/chains/row_block.h"
#include "runtime/cpu/stages/stage_tail.h"

namespace rondo::runtime {

int64_t outer_offset(const StageSpace& space, const BoundView& view, int64_t outer, int axes) {
  int64_t offset = 0;
  for (size_t i = space.outer.size(); i-- > 0 && outer != 0;) {
    const MergedAxis axis = space.outer[i];
    if (axis.axis < axes) offset += outer % axis.size * stride_of(view, axis);
    outer /= axis.size;
  }
  return offset;
}

TailCall::TailCall(const StagePlan& plan, const int64_t* slots, std::byte* scratch, const uintptr_t* locals)
    : plan_(plan),
      operands_(reinterpret_cast<ActiveOperand*>(scratch + plan.scratch.operands)),
      tile_operands_(reinterpret_cast<tile::TileOperand*>(scratch + plan.scratch.tile_operands)),
      axes_(reinterpret_cast<tile::TileAxis*>(scratch + plan.scratch.axes)) {
  for (size_t i = 0; i < plan.operands.size(); ++i) {
    const BoundView& view = *plan.operands[i];
    const BoundView& active = view.active(slots);
    std::byte* address = view.address(slots);
    if (locals != nullptr && plan.locals[i] >= 0) address = in_scratch(address, locals[plan.locals[i]]);
    operands_[i] = {&active, address, address};
    tile_operands_[i] = {address, stride_of(active, plan.space.rows), stride_of(active, plan.space.cols),
                         !view.stores_now(slots)};
  }
  auto* steps = reinterpret_cast<int64_t*>(scratch + plan.scratch.steps);
  for (size_t i = 0; i < plan.slots.size(); ++i) steps[i] = slots[plan.slots[i]];
  tile_.operands = tile_operands_;
  tile_.steps = steps;
  tile_.axes = axes_;
  tile_.acc_stride = plan.tiling.acc_stride;
  tile_.scratch = scratch + plan.scratch.interpreter;
  tile_.stream = plan.stream;
  if (!plan.rows.empty()) set_rows(reinterpret_cast<int64_t*>(scratch + plan.scratch.inner));
}

void TailCall::set_rows(int64_t* inner_strides) {
  const std::vector<MergedAxis>& inner = plan_.space.inner;
  for (size_t i = 0; i < plan_.operands.size(); ++i) {
    for (size_t k = 0; k < inner.size(); ++k) {
      inner_strides[i * inner.size() + k] = stride_of(*operands_[i].view, inner[k]);
    }
  }
  row_tile_.operands = tile_.operands;
  row_tile_.steps = tile_.steps;
  row_tile_.axes = tile_.axes;
  row_tile_.scratch = tile_.scratch;
  row_tile_.stream = tile_.stream;
  row_tile_.inner_count = static_cast<int>(inner.size());
  row_tile_.inner_sizes = plan_.inner_sizes.data();
  row_tile_.inner_axes = plan_.inner_axes.data();
  row_tile_.inner_strides = inner_strides;
}

void TailCall::run_rows(int64_t row, int64_t rows) {
  for (size_t i = 0; i < plan_.operands.size(); ++i) {
    tile_operands_[i].address = operands_[i].address + row * tile_operands_[i].row_stride;
  }
  if (plan_.space.rows.axis >= 0) axes_[plan_.space.rows.axis].base = row;
  row_tile_.rows = rows;
  plan_.rows.front().run(row_tile_);
}

void TailCall::set_outer(int64_t outer) {
  const StageSpace& space = plan_.space;
  if (!space.outer.empty()) {
    for (size_t i = 0; i < plan_.operands.size(); ++i) {
      operands_[i].address = operands_[i].origin + outer_offset(space, *operands_[i].view, outer, plan_.rank);
    }
  }
  for (int axis = 0; axis < plan_.rank; ++axis) axes_[axis] = {0, axis == space.rows.axis, axis == space.cols.axis};
  for (size_t i = space.outer.size(); i-- > 0;) {
    axes_[space.outer[i].axis].base = outer % space.outer[i].size;
    outer /= space.outer[i].size;
  }
}

void TailCall::run(int64_t row, int64_t col, int64_t rows, int64_t cols, const float* acc, int64_t acc_row_stride) {
  const tile::Interpreter& tail = plan_.tail.front();
  const int64_t step = cols >= tail.max_elements() ? 1 : tail.max_elements() / cols;
  tile_.cols = cols;
  tile_.acc_row_stride = acc_row_stride;
  for (int64_t begin = 0; begin < rows; begin += step) {
    tile_.rows = rows - begin < step ? rows - begin : step;
    tile_.acc = acc + begin * acc_row_stride;
    for (size_t i = 0; i < plan_.operands.size(); ++i) {
      tile::TileOperand& at = tile_operands_[i];
      at.address = operands_[i].address + (row + begin) * at.row_stride + col * at.col_stride;
    }
    if (plan_.space.rows.axis >= 0) axes_[plan_.space.rows.axis].base = row + begin;
    if (plan_.space.cols.axis >= 0) axes_[plan_.space.cols.axis].base = col;
    tail.run(tile_);
  }
}

bool TailCall::is_sum() const {
  constexpr int64_t kFloat = sizeof(float);
  if (!plan_.sum || tile_operands_[plan_.sum->out].skip_store) return false;
  const auto lies_like_sums = [&](uint16_t operand) {
    return tile_operands_[operand].col_stride == kFloat && tile_operands_[operand].row_stride % kFloat == 0;
  };
  return lies_like_sums(plan_.sum->out) && std::ranges::all_of(plan_.sum->terms, lies_like_sums);
}

void TailCall::give_sum(int64_t row, int64_t col, kernels::GemmTile* tile) const {
  const auto place = [&](uint16_t operand) {
    const int64_t stride = tile_operands_[operand].row_stride;
    std::byte* at = operands_[operand].address + row * stride + col * static_cast<int64_t>(sizeof(float));
    return std::pair{reinterpret_cast<float*>(at), stride / static_cast<int64_t>(sizeof(float))};
  };
  std::tie(tile->out, tile->out_row) = place(plan_.sum->out);
  tile->scale = plan_.sum->scale;
  tile->term_count = 0;
  for (const uint16_t operand : plan_.sum->terms) {
    const auto [at, stride] = place(operand);
    tile->terms[tile->term_count++] = {at, stride};
  }
}

void TailCall::ask_ahead(int64_t row, int64_t col, int64_t rows, int64_t cols) const {
  constexpr int64_t kLine = 64;
  if (plan_.stream) return;
  for (size_t i = 0; i < plan_.operands.size(); ++i) {
    const tile::TileOperand& at = tile_operands_[i];
    const auto element = static_cast<int64_t>(dtype_bytes(operands_[i].view->dtype));
    if (at.row_stride == 0 || at.col_stride != element) continue;
    const std::byte* begin = operands_[i].address + row * at.row_stride + col * element;
    for (int64_t r = 0; r < rows; ++r, begin += at.row_stride) {
      for (int64_t b = 0; b < cols * element; b += kLine) __builtin_prefetch(begin + b, 1);
    }
  }
}

}  // namespace rondo::runtime
