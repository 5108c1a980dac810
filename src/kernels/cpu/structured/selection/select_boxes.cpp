// Candidates are kept best first without sorting all of them: a buffer of twice the limit fills with scores that beat
// the worst kept so far, and whenever it is full a selection halves it and raises that bar. Most scores of a large item
// then cost one comparison. The survivors are sorted once, by class and descending score, and every class compares a
// box with the ones it has kept, whose corners lie in a row. Overlaps are computed in double from the stored numbers,
// so that the decision at the threshold is the one of the reference.
#include "kernels/cpu/structured/selection/select_boxes.h"

#include <algorithm>
#include <cstring>

#include "kernels/cpu/structured/element.h"

namespace rondo::kernels {

namespace {

struct Candidate {
  double score;
  int32_t klass, box;
};

bool better(const Candidate& p, const Candidate& q) {
  if (p.score != q.score) return p.score > q.score;
  return p.klass != q.klass ? p.klass < q.klass : p.box < q.box;
}

bool in_class_order(const Candidate& p, const Candidate& q) {
  if (p.klass != q.klass) return p.klass < q.klass;
  return p.score != q.score ? p.score > q.score : p.box < q.box;
}

struct Box {
  double x1, y1, x2, y2;
  double area() const { return (x2 - x1) * (y2 - y1); }
};

/// Candidates that one batch item may have, at most.
int64_t limit_of(const SelectBoxesShape& shape) { return std::min(shape.topk, shape.boxes * shape.classes); }
int64_t buffer_of(const SelectBoxesShape& shape) { return std::min(2 * limit_of(shape), shape.boxes * shape.classes); }
int64_t kept_of(const SelectBoxesShape& shape) { return std::min({shape.boxes, shape.max_per_class, limit_of(shape)}); }

/// The best candidates of one batch item, in no order; their number.
template <class E>
int64_t collect(const SelectBoxesShape& shape, const std::byte* scores, const int64_t* strides, double threshold,
                Candidate* found) {
  const int64_t limit = limit_of(shape), room = buffer_of(shape);
  int64_t count = 0;
  double bar = -std::numeric_limits<double>::infinity();
  for (int64_t i = 0; i < shape.boxes; ++i) {
    const std::byte* row = scores + i * strides[1];
    for (int64_t c = 0; c < shape.classes; ++c) {
      const double score = E::load(row + c * strides[2]);
      // A score that equals the bar may still win by its class.
      if (!(score > threshold) || score < bar) continue;
      if (count == room) {
        std::nth_element(found, found + limit - 1, found + count, better);
        bar = found[limit - 1].score;
        count = limit;
      }
      found[count++] = {score, static_cast<int32_t>(c), static_cast<int32_t>(i)};
    }
  }
  if (count <= limit) return count;
  std::nth_element(found, found + limit - 1, found + count, better);
  return limit;
}

template <class E>
Box load_box(const std::byte* at, int64_t stride, bool center_sizes) {
  double b[4];
  for (int i = 0; i < 4; ++i) b[i] = E::load(at + i * stride);
  if (center_sizes) return {b[0] - b[2] / 2, b[1] - b[3] / 2, b[0] + b[2] / 2, b[1] + b[3] / 2};
  return {std::min(b[0], b[2]), std::min(b[1], b[3]), std::max(b[0], b[2]), std::max(b[1], b[3])};
}

bool hidden(const Box& box, const Box* kept, int64_t count, double iou) {
  const double area = box.area();
  for (int64_t i = 0; i < count; ++i) {
    const Box& other = kept[i];
    const double width = std::max(0.0, std::min(box.x2, other.x2) - std::max(box.x1, other.x1));
    const double height = std::max(0.0, std::min(box.y2, other.y2) - std::max(box.y1, other.y1));
    const double both = width * height, either = area + other.area() - both;
    if ((either > 0 ? both / either : 0) > iou) return true;
  }
  return false;
}

void put_row(const Strided& selected, int64_t row, int64_t a, int64_t b, int64_t c) {
  const int64_t values[] = {a, b, c};
  std::byte* at = selected.data + row * selected.strides[0];
  for (int i = 0; i < 3; ++i, at += selected.strides[1]) {
    const auto narrow = static_cast<int32_t>(values[i]);
    if (selected.dtype == DType::kInt64)
      std::memcpy(at, &values[i], sizeof values[i]);
    else
      std::memcpy(at, &narrow, sizeof narrow);
  }
}

template <class E>
int64_t select(const SelectBoxesShape& shape, const Strided& boxes, const Strided& scores, double iou, double score,
               const Strided& selected, std::byte* scratch) {
  auto* found = reinterpret_cast<Candidate*>(scratch);
  auto* kept = reinterpret_cast<Box*>(found + buffer_of(shape));
  const int64_t class_stride = shape.boxes_per_class ? boxes.strides[2] : 0;
  const int64_t number_stride = boxes.strides[shape.boxes_per_class ? 3 : 2];
  const int64_t most = kept_of(shape);
  int64_t rows = 0;
  for (int64_t b = 0; b < shape.batch; ++b) {
    const int64_t count = collect<E>(shape, scores.data + b * scores.strides[0], scores.strides, score, found);
    std::sort(found, found + count, in_class_order);
    const std::byte* item = boxes.data + b * boxes.strides[0];
    int32_t klass = -1;
    int64_t of_class = 0;
    for (int64_t i = 0; i < count; ++i) {
      const Candidate& candidate = found[i];
      if (candidate.klass != klass) of_class = 0;
      klass = candidate.klass;
      if (of_class >= most || rows >= shape.capacity) continue;
      const std::byte* at = item + candidate.box * boxes.strides[1] + klass * class_stride;
      const Box box = load_box<E>(at, number_stride, shape.center_sizes);
      if (hidden(box, kept, of_class, iou)) continue;
      kept[of_class++] = box;
      put_row(selected, rows++, b, klass, candidate.box);
    }
  }
  return rows;
}

}  // namespace

size_t select_boxes_scratch_bytes(const SelectBoxesShape& shape) {
  return static_cast<size_t>(buffer_of(shape)) * sizeof(Candidate) +
         static_cast<size_t>(std::max<int64_t>(kept_of(shape), 0)) * sizeof(Box);
}

void select_boxes(const SelectBoxesShape& shape, const Strided& boxes, const Strided& scores, float iou, float score,
                  const Strided& selected, const Strided& count, std::byte* scratch) {
  int64_t rows = 0;
  with_element(scores.dtype, [&]<class E>() {
    if constexpr (E::kIsFloat) rows = select<E>(shape, boxes, scores, iou, score, selected, scratch);
  });
  for (int64_t row = rows; row < shape.capacity; ++row) put_row(selected, row, 0, 0, 0);
  const auto found = static_cast<int32_t>(rows);
  std::memcpy(count.data, &found, sizeof found);
}

}  // namespace rondo::kernels
