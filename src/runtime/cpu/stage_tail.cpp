#include <algorithm>

#include "runtime/cpu/stage_plan.h"

namespace rondo::runtime {

int64_t outer_offset(const StageSpace& space, const BoundView& view, int64_t outer) {
  int64_t offset = 0;
  for (size_t i = space.outer.size(); i-- > 0 && outer != 0;) {
    offset += outer % space.outer[i].size * stride_of(view, space.outer[i]);
    outer /= space.outer[i].size;
  }
  return offset;
}

TailCall::TailCall(const StagePlan& plan, const int64_t* slots, std::byte* scratch)
    : plan_(plan),
      operands_(reinterpret_cast<ActiveOperand*>(scratch + plan.scratch.operands)),
      tile_operands_(reinterpret_cast<tile::TileOperand*>(scratch + plan.scratch.tile_operands)),
      axes_(reinterpret_cast<tile::TileAxis*>(scratch + plan.scratch.axes)) {
  for (size_t i = 0; i < plan.operands.size(); ++i) {
    const BoundView& view = *plan.operands[i];
    operands_[i] = {&view.active(slots), view.address(slots), !view.stores_now(slots)};
    const BoundView& active = *operands_[i].view;
    tile_operands_[i] = {operands_[i].address, stride_of(active, plan.space.rows), stride_of(active, plan.space.cols),
                         operands_[i].skip_store};
  }
  auto* steps = reinterpret_cast<int64_t*>(scratch + plan.scratch.steps);
  for (size_t i = 0; i < plan.slots.size(); ++i) steps[i] = slots[plan.slots[i]];
  tile_.operands = tile_operands_;
  tile_.steps = steps;
  tile_.axes = axes_;
  tile_.acc_stride = plan.tiling.acc_stride;
  tile_.scratch = scratch + plan.scratch.interpreter;
}

void TailCall::set_outer(int64_t outer) {
  if (outer == outer_) return;
  outer_ = outer;
  for (size_t i = 0; i < plan_.operands.size(); ++i) {
    operands_[i].address = plan_.operands[i] == nullptr ? nullptr : operands_[i].address;
  }
}

void TailCall::run(int64_t row, int64_t col, int64_t rows, int64_t cols, const float* acc, int64_t acc_row_stride) {
  (void)acc_row_stride;
  (void)row, (void)col, (void)rows, (void)cols, (void)acc;
}

}  // namespace rondo::runtime
