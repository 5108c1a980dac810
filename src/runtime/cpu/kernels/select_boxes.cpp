#include "kernels/cpu/structured/selection/select_boxes.h"

#include <algorithm>
#include <cstring>

#include "runtime/cpu/kernels/kernel_body.h"

namespace rondo::runtime {
namespace {

constexpr double kNsPerScore = 1.5;

float read_scalar(const BoundView& view, const int64_t* slots) {
  float value;
  std::memcpy(&value, view.address(slots), sizeof value);
  return value;
}

class SelectBoxes final : public KernelBody {
 public:
  explicit SelectBoxes(const KernelBinding& b)
      : boxes_(b.view(0)),
        scores_(b.view(1)),
        iou_(b.view(2)),
        score_(b.view(3)),
        selected_(b.view(4)),
        count_(b.view(5)) {
    b.require_attrs(2, 1);
    b.require(b.attr(0) == 0 || b.attr(0) == 1, "unknown box format");
    b.require(b.attr(1) >= 1, "its top-k limit is not positive");
    shape_.center_sizes = b.attr(0) == 1;
    shape_.topk = b.attr(1);
    shape_.max_per_class = std::max<int64_t>(b.expr(0), 0);
    read_dims(b);
    b.require(is_float(b.dtype(0)) && b.dtype(0) == b.dtype(1), "boxes and scores are not of one float type");
    b.require(b.dtype(2) == DType::kFloat32 && b.dtype(3) == DType::kFloat32, "thresholds are not f32");
    b.require_indices(4);
    b.require(b.dtype(5) == DType::kInt32, "the count is not i32");
    scratch_bytes = kernels::select_boxes_scratch_bytes(shape_);
    cost_ns = 200 + kNsPerScore * static_cast<double>(shape_.batch * shape_.boxes * shape_.classes);
  }
  void run(const int64_t* slots, int64_t first, int64_t last, std::byte* scratch) const noexcept override {
    if (first >= last) return;
    kernels::select_boxes(shape_, strided(boxes_, slots), strided(scores_, slots), read_scalar(iou_, slots),
                          read_scalar(score_, slots), strided(selected_, slots), strided(count_, slots), scratch);
  }

 private:
  void read_dims(const KernelBinding& b) {
    const std::vector<int64_t>&boxes = b.dims(0), &scores = b.dims(1), &selected = b.dims(4);
    b.require(scores.size() == 3 && (boxes.size() == 3 || boxes.size() == 4), "wrong ranks");
    shape_.batch = scores[0];
    shape_.boxes = scores[1];
    shape_.classes = scores[2];
    shape_.boxes_per_class = boxes.size() == 4;
    b.require(std::equal(boxes.begin(), boxes.end() - 1, scores.begin()) && boxes.back() == 4,
              "boxes do not fit the scores");
    const bool small = std::max(shape_.boxes, shape_.classes) <= INT32_MAX;
    b.require(small && shape_.boxes * shape_.classes <= INT32_MAX, "2^31 or more scores per batch item");
    b.require(selected.size() == 2 && selected[1] == 3, "its rows have another width than 3");
    for (size_t i : {size_t{2}, size_t{3}, size_t{5}}) b.require(b.dims(i).empty(), "a scalar has dims");
    shape_.capacity = selected[0];
  }

  const BoundView& boxes_;
  const BoundView& scores_;
  const BoundView& iou_;
  const BoundView& score_;
  const BoundView& selected_;
  const BoundView& count_;
  kernels::SelectBoxesShape shape_;
};

}  // namespace

/// attrs: box format, top-k limit; exprs: most boxes per class
std::unique_ptr<KernelBody> bind_select_boxes(const KernelBinding& binding) {
  return std::make_unique<SelectBoxes>(binding);
}

}  // namespace rondo::runtime
