#pragma once

#include <array>

#include "ops/tensor.h"

namespace rondo::ops {

/// What a non-maximum suppression selects, in the order of select_boxes: (batch, class, box).
/// Shapes    boxes [B, N, 4] or [B, N, C, 4], scores [B, N, C]
std::vector<std::array<int64_t, 3>> selected_boxes(const Tensor& boxes, const Tensor& scores, double iou, double score,
                                                   int64_t max_per_class, int64_t format, int64_t topk);

}  // namespace rondo::ops
