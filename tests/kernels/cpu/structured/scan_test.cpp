#include "kernels/cpu/structured/scan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace rondo::kernels {
namespace {

template <class T>
void check(const ScanShape& s, DType dtype, int64_t split) {
  int64_t strides[kMaxStridedRank], stride = 1, bytes[kMaxStridedRank];
  for (int i = s.rank - 1; i >= 0; --i) {
    strides[i] = stride;
    bytes[i] = stride * static_cast<int64_t>(sizeof(T));
    stride *= s.dims[i];
  }
  const auto count = static_cast<size_t>(stride);
  std::vector<T> x(count), expected(count);
  std::vector<T> y(count, T{77});
  std::mt19937 random(static_cast<uint32_t>(stride + s.axis));
  for (T& v : x) v = static_cast<T>(static_cast<int>(random() % 2001) - 1000) / static_cast<T>(4);
  const int64_t n = s.dims[s.axis];
  for (int64_t i = 0; i < stride; ++i) {
    if (i / strides[s.axis] % n != 0) continue;
    using Wide = std::conditional_t<std::is_integral_v<T>, int64_t, double>;
    Wide total = 0;
    for (int64_t t = 0; t < n; ++t) {
      const auto at = static_cast<size_t>(i + (s.reverse ? n - 1 - t : t) * strides[s.axis]);
      const Wide next = total + static_cast<Wide>(x[at]);
      expected[at] = static_cast<T>(s.exclusive ? total : next);
      total = next;
    }
  }
  const Strided from{reinterpret_cast<std::byte*>(x.data()), dtype, bytes};
  const Strided to{reinterpret_cast<std::byte*>(y.data()), dtype, bytes};
  const int64_t units = scan_units(s);
  for (int64_t first = 0; first < units; first += split) scan(s, from, to, first, std::min(first + split, units));
  ASSERT_EQ(y, expected);
}

TEST(Scan, EveryAxisAndDirection) {
  const std::vector<std::vector<int64_t>> shapes = {{1},         {1000},     {7, 300}, {300, 7},
                                                    {3, 20, 33}, {20, 1, 2}, {0, 4},   {4, 0}};
  for (const auto& dims : shapes) {
    for (int flags = 0; flags < 4; ++flags) {
      for (size_t axis = 0; axis < dims.size(); ++axis) {
        ScanShape s;
        s.rank = static_cast<int>(dims.size());
        std::copy(dims.begin(), dims.end(), s.dims);
        s.axis = static_cast<int>(axis);
        s.exclusive = (flags & 1) != 0;
        s.reverse = (flags & 2) != 0;
        for (int64_t split : {1, 3, 1000}) {
          check<float>(s, DType::kFloat32, split);
          check<int32_t>(s, DType::kInt32, split);
          check<int64_t>(s, DType::kInt64, split);
        }
      }
    }
  }
}

}  // namespace
}  // namespace rondo::kernels
