#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/structured/strided.h"

namespace rondo::kernels {

struct SelectBoxesShape {
  int64_t batch = 0, boxes = 0, classes = 0;
  bool boxes_per_class = false;  ///< boxes [batch, boxes, classes, 4], else [batch, boxes, 4]
  bool center_sizes = false;     ///< (x, y, width, height) of the centre, else two opposite corners
  int64_t max_per_class = 0;
  int64_t topk = 0;      ///< candidates considered per batch item
  int64_t capacity = 0;  ///< rows of `selected`
};

/// Bytes of 8-byte aligned scratch that the call needs.
size_t select_boxes_scratch_bytes(const SelectBoxesShape& shape);

/// Non-maximum suppression: per batch item the topk best candidates (score above the threshold; ties: lower class, lower box), per class
/// from the best on those that overlap no selected one by more than iou. Rows (batch, class, box) stand by batch, class, descending
/// score; the rest of `selected` is zero.
/// Shapes    boxes and scores [batch, boxes, classes] as above; iou, score 0-d f32; selected [capacity, 3] i32 or i64; count 0-d i32
void select_boxes(const SelectBoxesShape& shape, const Strided& boxes, const Strided& scores, float iou, float score,
                  const Strided& selected, const Strided& count, std::byte* scratch);

}  // namespace rondo::kernels
