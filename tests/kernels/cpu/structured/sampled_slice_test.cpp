#include "kernels/cpu/structured/sampled_slice.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace rondo::kernels {
namespace {

/// By the definition of the mode, one step at a time.
int64_t source(Sampling mode, int64_t at, int64_t n) {
  if (mode == Sampling::kFill) return at >= 0 && at < n ? at : -1;
  while (at < 0 || at >= n) {
    if (mode == Sampling::kWrap) at += at < 0 ? n : -n;
    if (mode == Sampling::kClamp) at = at < 0 ? 0 : n - 1;
    if (mode == Sampling::kReflect) at = n == 1 ? 0 : at < 0 ? -at : 2 * (n - 1) - at;
  }
  return at;
}

void dense(const int64_t* dims, int rank, int64_t bytes, int64_t* strides) {
  for (int i = rank - 1; i >= 0; --i) {
    strides[i] = bytes;
    bytes *= dims[i];
  }
}

int64_t volume(const int64_t* dims, int rank) {
  int64_t result = 1;
  for (int i = 0; i < rank; ++i) result *= dims[i];
  return result;
}

void check(const SampledSliceShape& shape, int64_t split) {
  int64_t x_strides[kMaxStridedRank] = {}, y_strides[kMaxStridedRank] = {};
  dense(shape.x, shape.rank, 4, x_strides);
  dense(shape.y, shape.rank, 4, y_strides);
  std::vector<int32_t> x(static_cast<size_t>(volume(shape.x, shape.rank)) + 1);
  std::vector<int32_t> y(static_cast<size_t>(volume(shape.y, shape.rank)), -77);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<int32_t>(i);
  const int32_t fill = -1;
  const SampledSlice slice = resolve_sampled_slice(shape);
  const Strided from{reinterpret_cast<std::byte*>(x.data()), DType::kInt32, x_strides};
  const Strided to{reinterpret_cast<std::byte*>(y.data()), DType::kInt32, y_strides};
  for (int64_t first = 0; first < slice.units(); first += split) {
    sampled_slice(slice, from, reinterpret_cast<const std::byte*>(&fill), to, first,
                  std::min(first + split, slice.units()));
  }
  for (int64_t i = 0; i < static_cast<int64_t>(y.size()); ++i) {
    int64_t rest = i, at = 0;
    for (int axis = shape.rank - 1; axis >= 0; --axis) {
      const int64_t index =
          source(shape.mode, shape.start[axis] + rest % shape.y[axis] * shape.stride[axis], shape.x[axis]);
      at = index < 0 || at < 0 ? -1 : at + index * x_strides[axis] / 4;
      rest /= shape.y[axis];
    }
    ASSERT_EQ(y[static_cast<size_t>(i)], at) << "element " << i << " in mode " << static_cast<int>(shape.mode);
  }
}

TEST(SampledSlice, RandomShapes) {
  std::mt19937 random(3);
  for (int n = 0; n < 2000; ++n) {
    SampledSliceShape shape;
    shape.mode = static_cast<Sampling>(1 + random() % 4);
    shape.rank = static_cast<int>(random() % 5);
    for (int i = 0; i < shape.rank; ++i) {
      shape.x[i] = 1 + static_cast<int64_t>(random() % 6);
      const bool whole = random() % 3 == 0;
      shape.y[i] = whole ? shape.x[i] : static_cast<int64_t>(random() % 12);
      shape.start[i] = whole ? 0 : static_cast<int64_t>(random() % 21) - 10;
      shape.stride[i] = whole ? 1 : static_cast<int64_t>(random() % 7) - 3;
    }
    check(shape, 1 + static_cast<int64_t>(random() % 5));
  }
}

TEST(SampledSlice, LongRowsAreShared) {
  for (int64_t stride : {1, -1, 3}) {
    SampledSliceShape shape;
    shape.mode = Sampling::kReflect;
    shape.rank = 1;
    shape.x[0] = 50000;
    shape.y[0] = 100000;
    shape.start[0] = -20000;
    shape.stride[0] = stride;
    EXPECT_GT(resolve_sampled_slice(shape).units(), 4);
    check(shape, 2);
  }
}

}  // namespace
}  // namespace rondo::kernels
