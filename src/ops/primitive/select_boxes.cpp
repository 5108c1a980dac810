#include "ops/primitive/select_boxes.h"

#include <algorithm>
#include <tuple>

#include "base/error.h"
#include "ops/infer.h"
#include "ops/op_list.h"
#include "ops/reference.h"

// select_boxes(boxes [B, N, 4] or [B, N, C, 4], scores [B, N, C], iou 0-d f32, score 0-d f32) {max, format, topk,
// indices}
//   -> selected [capacity, 3] of (batch, class, box), count 0-d i32
// Non-maximum suppression. Of each batch item the topk best candidates with a score above `score` are considered (ties:
// lower class, then lower box); per class, from the best on, a box is selected unless it overlaps a selected one by
// more than `iou` or max are selected. Rows stand by batch, class, descending score; those from count on are zero.
// capacity = B min(C min(max, N), topk).
//   format 0: two opposite corners; 1: centre and sizes. Intersection over union 0 where the union is empty
//   C1 shapes   C2 boxes and scores of one float type   C3 thresholds 0-d f32   C4 format, topk >= 1 and indices i32 or
//   i64

namespace rondo::ops {
namespace {

using Box = std::array<double, 4>;  ///< x1 y1 x2 y2, low corner first

void check_shapes(const InferInput& in) {
  const ir::TensorType &boxes = in.operands[0].type, &scores = in.operands[1].type;
  if (scores.rank() != 3 || (boxes.rank() != 3 && boxes.rank() != 4)) {
    refuse(in, 1, operands_text(in), ": boxes are [B, N, 4] or [B, N, C, 4], scores [B, N, C]");
  }
  for (size_t i = 0; i + 1 < boxes.dims.size(); ++i) {
    if (in.dims.same(boxes.dims[i], scores.dims[i])) continue;
    unify(in, 1, boxes.dims[i], scores.dims[i], text("extents of dimension ", i, " of boxes and scores"));
  }
  if (!in.dims.same(boxes.dims.back(), in.dims.constant(4))) {
    unify(in, 1, boxes.dims.back(), in.dims.constant(4), "the last extent of the boxes and the four numbers of a box");
  }
}

ir::Dim capacity_of(const InferInput& in) {
  ir::DimPool& dims = in.dims;
  const ir::Dims& scores = in.operands[1].type.dims;
  const ir::Dim asked = dims.max(dims.resolve(in.attrs.dims("max").at(0)), dims.constant(0));
  const ir::Dim per_class = dims.min(asked, scores[1]);
  const ir::Dim per_item = dims.min(dims.mul(scores[2], per_class), dims.constant(in.attrs.integer("topk")));
  return dims.resolve(dims.mul(scores[0], per_item));
}

std::vector<ir::ValueInfo> infer(const InferInput& in) {
  check_shapes(in);
  const DType dtype = in.operands[0].type.dtype;
  if (!is_float(dtype) || in.operands[1].type.dtype != dtype) {
    refuse(in, 2, operands_text(in), ": boxes and scores have one floating-point type; convert with a cast layer");
  }
  for (size_t i = 2; i < 4; ++i) {
    const ir::TensorType& type = in.operands[i].type;
    if (type.rank() != 0 || type.dtype != DType::kFloat32) {
      refuse(in, 3, "threshold ", type_text(in.dims, type), " is no 0-d f32 tensor");
    }
  }
  const int64_t format = in.attrs.integer("format"), topk = in.attrs.integer("topk");
  const auto indices = static_cast<DType>(in.attrs.integer("indices"));
  if (format != 0 && format != 1) refuse(in, 4, "box format ", format, " is neither CORNER_PAIRS nor CENTER_SIZES");
  if (topk < 1) refuse(in, 4, "the top-k box limit is ", topk, ", must be at least 1");
  if (indices != DType::kInt32 && indices != DType::kInt64) {
    refuse(in, 4, "indices of type ", dtype_name(indices), "; i32 or i64 is needed");
  }
  return {{{indices, {capacity_of(in), in.dims.constant(3)}}, {}}, {{DType::kInt32, {}}, {}}};
}

Box box_of(const double* b, int64_t format) {
  if (format == 1) return {b[0] - b[2] / 2, b[1] - b[3] / 2, b[0] + b[2] / 2, b[1] + b[3] / 2};
  return {std::min(b[0], b[2]), std::min(b[1], b[3]), std::max(b[0], b[2]), std::max(b[1], b[3])};
}

double overlap(const Box& a, const Box& b) {
  const double width = std::max(0.0, std::min(a[2], b[2]) - std::max(a[0], b[0]));
  const double height = std::max(0.0, std::min(a[3], b[3]) - std::max(a[1], b[1]));
  const double both = width * height;
  const double either = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both;
  return either > 0 ? both / either : 0;
}

std::vector<Tensor> reference(const ir::Op& op, std::span<const Tensor> x, std::span<const TensorShape> results) {
  const auto rows = selected_boxes(x[0], x[1], x[2].data[0], x[3].data[0], op.attrs.integers("max")[0],
                                   op.attrs.integer("format"), op.attrs.integer("topk"));
  Tensor selected = zeros(results[0]), count = zeros(results[1]);
  count.data[0] = static_cast<double>(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    for (size_t j = 0; j < 3; ++j) selected.data[i * 3 + j] = static_cast<double>(rows[i][j]);
  }
  return {std::move(selected), std::move(count)};
}

struct Candidate {
  double score;
  int64_t klass, box;
};

}  // namespace

std::vector<std::array<int64_t, 3>> selected_boxes(const Tensor& boxes, const Tensor& scores, double iou, double score,
                                                   int64_t max_per_class, int64_t format, int64_t topk) {
  const int64_t count = scores.dims[1], classes = scores.dims[2];
  const bool per_class = boxes.dims.size() == 4;
  std::vector<std::array<int64_t, 3>> rows;
  for (int64_t b = 0; b < scores.dims[0]; ++b) {
    std::vector<Candidate> found;
    for (int64_t i = 0; i < count * classes; ++i) {
      const double v = scores.data[static_cast<size_t>(b * count * classes + i)];
      if (v > score) found.push_back({v, i % classes, i / classes});
    }
    const auto better = [](const Candidate& p, const Candidate& q) {
      return std::tuple(-p.score, p.klass, p.box) < std::tuple(-q.score, q.klass, q.box);
    };
    std::sort(found.begin(), found.end(), better);
    if (static_cast<int64_t>(found.size()) > topk) found.resize(static_cast<size_t>(topk));
    for (int64_t c = 0; c < classes; ++c) {
      std::vector<Box> kept;
      for (const Candidate& candidate : found) {
        if (candidate.klass != c || static_cast<int64_t>(kept.size()) >= max_per_class) continue;
        const int64_t row = b * count + candidate.box;
        const Box box = box_of(boxes.data.data() + (per_class ? row * classes + c : row) * 4, format);
        const auto hides = [&](const Box& other) { return overlap(box, other) > iou; };
        if (std::any_of(kept.begin(), kept.end(), hides)) continue;
        kept.push_back(box);
        rows.push_back({b, c, candidate.box});
      }
    }
  }
  return rows;
}

OpDef define_select_boxes() { return {infer, nullptr, reference}; }

}  // namespace rondo::ops
