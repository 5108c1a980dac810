#include "kernels/cpu/structured/strided_copy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <random>
#include <vector>

#include "kernels/cpu/structured/strided.h"

namespace rondo::kernels {
namespace {

using Dims = std::vector<int64_t>;

/// Strides of a dense layout whose axes stand in `order`, outermost first.
Dims strides_in(const Dims& dims, const Dims& order, int64_t bytes) {
  Dims strides(dims.size());
  for (size_t i = order.size(); i-- > 0;) {
    strides[static_cast<size_t>(order[i])] = bytes;
    bytes *= dims[static_cast<size_t>(order[i])];
  }
  return strides;
}

template <class Fn>
void for_each(const Dims& dims, Fn fn) {
  Odometer<1> walk;
  for (int64_t n : dims) walk.add(n, 0);
  const int64_t volume = walk.volume();
  if (volume == 0) return;
  walk.seek(0);
  for (int64_t i = 0; i < volume; ++i, walk.next()) fn(walk.index);
}

void check(const Dims& dims, const Dims& y_order, const Dims& x_order, size_t bytes) {
  const size_t volume = static_cast<size_t>(std::accumulate(dims.begin(), dims.end(), int64_t{1}, std::multiplies<>()));
  std::vector<std::byte> x(volume * bytes + 8), y(volume * bytes + 8, std::byte{0xA5});
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<std::byte>(i * 131 + i / 256);
  const Dims ys = strides_in(dims, y_order, static_cast<int64_t>(bytes));
  const Dims xs = strides_in(dims, x_order, static_cast<int64_t>(bytes));
  copy_strided(static_cast<int>(dims.size()), dims.data(), y.data(), ys.data(), x.data(), xs.data(), bytes);
  for_each(dims, [&](const int64_t* at) {
    int64_t from = 0, to = 0;
    for (size_t i = 0; i < dims.size(); ++i) {
      from += at[i] * xs[i];
      to += at[i] * ys[i];
    }
    ASSERT_EQ(std::memcmp(y.data() + to, x.data() + from, bytes), 0) << "element of " << bytes << " bytes";
  });
  for (size_t i = volume * bytes; i < y.size(); ++i) ASSERT_EQ(y[i], std::byte{0xA5});
}

TEST(StridedCopy, AllOrdersOfAxes) {
  std::mt19937 random(7);
  for (size_t bytes : {1, 2, 4, 8}) {
    for (int n = 0; n < 150; ++n) {
      const size_t rank = random() % 5;
      Dims dims, y_order;
      for (size_t i = 0; i < rank; ++i) {
        dims.push_back(static_cast<int64_t>(random() % (rank > 3 ? 7 : 40)));
        y_order.push_back(static_cast<int64_t>(i));
      }
      Dims x_order = y_order;
      std::shuffle(x_order.begin(), x_order.end(), random);
      std::shuffle(y_order.begin(), y_order.end(), random);
      check(dims, y_order, x_order, bytes);
    }
  }
}

TEST(StridedCopy, LargeTransposes) {
  for (size_t bytes : {1, 2, 4, 8}) {
    check({67, 129}, {0, 1}, {1, 0}, bytes);
    check({3, 64, 33}, {0, 2, 1}, {0, 1, 2}, bytes);
    check({33, 5, 64}, {0, 1, 2}, {2, 1, 0}, bytes);
  }
}

TEST(StridedCopy, StrideZeroRepeats) {
  const float x[3] = {1, 2, 3};
  float y[12] = {};
  const int64_t dims[] = {4, 3}, y_strides[] = {12, 4}, x_strides[] = {0, 4};
  copy_strided(2, dims, reinterpret_cast<std::byte*>(y), y_strides, reinterpret_cast<const std::byte*>(x), x_strides,
               4);
  for (int i = 0; i < 12; ++i) EXPECT_EQ(y[i], x[i % 3]);
}

TEST(StridedCopy, NegativeStridesReverse) {
  const int16_t x[5] = {1, 2, 3, 4, 5};
  int16_t y[5] = {};
  const int64_t dims[] = {5}, y_strides[] = {2}, x_strides[] = {-2};
  copy_strided(1, dims, reinterpret_cast<std::byte*>(y), y_strides, reinterpret_cast<const std::byte*>(x + 4),
               x_strides, 2);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(y[i], 5 - i);
}

}  // namespace
}  // namespace rondo::kernels
