#include "kernels/cpu/structured/windows/reduce_window.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include "base/half.h"

namespace rondo::kernels {
namespace {

using Ints = std::vector<int64_t>;

struct Case {
  Ints x, y, window, strides, dilations, pre;
};

ReduceWindowShape shape_of(const Case& c) {
  ReduceWindowShape shape;
  shape.rank = static_cast<int>(c.x.size());
  std::copy(c.x.begin(), c.x.end(), shape.x);
  std::copy(c.y.begin(), c.y.end(), shape.y);
  std::copy(c.window.begin(), c.window.end(), shape.window);
  std::copy(c.strides.begin(), c.strides.end(), shape.strides);
  std::copy(c.dilations.begin(), c.dilations.end(), shape.dilations);
  std::copy(c.pre.begin(), c.pre.end(), shape.pre);
  return shape;
}

Ints strides_of(const Ints& dims, int64_t bytes) {
  Ints strides(dims.size());
  for (size_t i = dims.size(); i-- > 0; bytes *= dims[i]) strides[i] = bytes;
  return strides;
}

int64_t volume(const Ints& dims) {
  int64_t v = 1;
  for (const int64_t d : dims) v *= d;
  return v;
}

bool next(Ints& index, const Ints& dims) {
  for (size_t i = dims.size(); i-- > 0;) {
    if (++index[i] < dims[i]) return true;
    index[i] = 0;
  }
  return false;
}

double folded(WindowReduction op, double a, double b) {
  switch (op) {
    case WindowReduction::kSum:
      return a + b;
    case WindowReduction::kProd:
      return a * b;
    case WindowReduction::kMax:
      return b > a ? b : a;
    default:
      return b < a ? b : a;
  }
}

template <class T>
double initial(WindowReduction op) {
  const bool real = std::is_floating_point_v<T>;
  if (op == WindowReduction::kMax) return real ? -INFINITY : static_cast<double>(std::numeric_limits<T>::min());
  if (op == WindowReduction::kMin) return real ? INFINITY : static_cast<double>(std::numeric_limits<T>::max());
  return op == WindowReduction::kProd;
}

template <class T>
double naive(WindowReduction op, const Case& c, const std::vector<T>& x, const Ints& at) {
  const Ints strides = strides_of(c.x, 1);
  double value = initial<T>(op);
  Ints tap(c.x.size(), 0);
  do {
    int64_t from = 0;
    bool inside = true;
    for (size_t i = 0; i < c.x.size(); ++i) {
      const int64_t index = at[i] * c.strides[i] + tap[i] * c.dilations[i] - c.pre[i];
      inside = inside && index >= 0 && index < c.x[i];
      from += index * strides[i];
    }
    if (inside) value = folded(op, value, static_cast<double>(x[static_cast<size_t>(from)]));
  } while (next(tap, c.window));
  return value;
}

template <class T>
void check(DType dtype, const Case& c) {
  std::mt19937 random(7);
  std::vector<T> x(static_cast<size_t>(volume(c.x)));
  for (T& v : x) v = static_cast<T>(static_cast<int>(random() % 9) - 4) / (std::is_integral_v<T> ? 1 : T(4));
  const ReduceWindowShape shape = shape_of(c);
  ASSERT_TRUE(reduce_window_shape_is_valid(shape));
  const int64_t results = reduce_window_results(shape);
  const Ints xs = strides_of(c.x, sizeof(T)), ys = strides_of(c.y, sizeof(T));
  const Strided from{reinterpret_cast<std::byte*>(x.data()), dtype, xs.data()};
  for (int op = 0; op < 4; ++op) {
    std::vector<T> whole(static_cast<size_t>(results), T(99)), shared = whole;
    const auto kind = static_cast<WindowReduction>(op);
    reduce_window(kind, shape, from, {reinterpret_cast<std::byte*>(whole.data()), dtype, ys.data()}, 0, results);
    for (int64_t r = 0; r < results; r += 5) {
      reduce_window(kind, shape, from, {reinterpret_cast<std::byte*>(shared.data()), dtype, ys.data()}, r,
                    std::min(r + 5, results));
    }
    Ints at(c.y.size(), 0);
    for (int64_t r = 0; r < results; ++r, next(at, c.y)) {
      double wanted = naive(kind, c, x, at);
      if (sizeof(T) == 1) wanted = std::clamp(wanted, -128.0, 127.0);
      if (std::is_integral_v<T> && std::abs(wanted) > 2e9) continue;
      const double got = static_cast<double>(whole[static_cast<size_t>(r)]);
      if (std::isinf(wanted))
        EXPECT_EQ(got, wanted);
      else
        EXPECT_NEAR(got, wanted, std::abs(wanted) * 1e-5 + 1e-6) << "op " << op << " result " << r;
      EXPECT_EQ(0, std::memcmp(&whole[static_cast<size_t>(r)], &shared[static_cast<size_t>(r)], sizeof(T)));
    }
  }
}

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {{2, 3, 7, 9}, {2, 3, 5, 7}, {1, 1, 3, 3}, {1, 1, 1, 1}, {1, 1, 1, 1}, {0, 0, 0, 0}},
      {{2, 3, 7, 9}, {2, 3, 4, 5}, {1, 1, 3, 3}, {1, 1, 2, 2}, {1, 1, 1, 1}, {0, 0, 1, 1}},
      {{1, 2, 6, 40}, {1, 2, 6, 40}, {1, 1, 3, 5}, {1, 1, 1, 1}, {1, 1, 1, 1}, {0, 0, 1, 2}},  // long rows
      {{1, 2, 5, 6}, {1, 2, 7, 8}, {1, 1, 2, 2}, {1, 1, 1, 1}, {1, 1, 1, 1}, {0, 0, 3, 3}},  // windows in padding only
      {{1, 2, 9, 9}, {1, 2, 3, 3}, {1, 1, 3, 3}, {1, 1, 2, 3}, {1, 1, 2, 2}, {0, 0, 0, 1}},  // dilated
      {{2, 4, 7, 7}, {2, 4, 1, 1}, {1, 1, 7, 7}, {1, 1, 1, 1}, {1, 1, 1, 1}, {0, 0, 0, 0}},  // global
      {{2, 4, 7, 7}, {2, 4, 2, 1}, {1, 1, 3, 7}, {1, 1, 4, 1}, {1, 1, 1, 1}, {0, 0, 0, 0}},  // rows whole
      {{1, 1, 20, 20}, {1, 1, 2, 2}, {1, 1, 10, 10}, {1, 1, 10, 10}, {1, 1, 1, 1}, {0, 0, 0, 0}},  // runs
      {{1, 1, 20, 20}, {1, 1, 3, 3}, {1, 1, 10, 10}, {1, 1, 7, 7}, {1, 1, 1, 1}, {0, 0, 3, 3}},    // clipped runs
      {{2, 6, 5, 3}, {2, 6, 5, 3}, {1, 5, 1, 1}, {1, 1, 1, 1}, {1, 1, 1, 1}, {0, 2, 0, 0}},        // across channels
      {{2, 2, 3, 4, 5}, {2, 2, 2, 2, 3}, {1, 1, 2, 2, 2}, {1, 1, 2, 2, 2}, {1, 1, 1, 1, 1}, {0, 0, 0, 0, 1}},
      {{1, 1, 8, 8}, {1, 1, 4, 4}, {1, 1, 3, 3}, {1, 1, 1, 1}, {1, 1, 1, 1}, {0, 0, -2, -1}},  // cropped
      {{2000}, {1999}, {2}, {1}, {1}, {0}},                                                    // more than one part
      {{3000}, {1500}, {2}, {2}, {1}, {0}},
      {{3, 5000}, {2, 1700}, {2, 40}, {1, 3}, {1, 1}, {0, 60}},  // columns in parts
      {{3, 5000}, {2, 4000}, {2, 4}, {1, 1}, {1, 300}, {0, 5}},
      {{100}, {34}, {40}, {3}, {1}, {20}},  // more taps than are kept
      {{2, 3, 4}, {2, 3, 0}, {1, 1, 2}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0}},
      {{2, 0, 4}, {2, 2, 3}, {1, 2, 2}, {1, 1, 1}, {1, 1, 1}, {0, 1, 0}},  // nothing to read
  };
  return all;
}

TEST(ReduceWindow, EveryShapeAgreesWithTheNaiveFold) {
  for (size_t i = 0; i < cases().size(); ++i) {
    SCOPED_TRACE(testing::Message() << "case " << i);
    check<float>(DType::kFloat32, cases()[i]);
    check<int8_t>(DType::kInt8, cases()[i]);
    check<int32_t>(DType::kInt32, cases()[i]);
    check<int64_t>(DType::kInt64, cases()[i]);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(ReduceWindow, HalvesAccumulateInFloat) {
  std::vector<uint16_t> x(300, float_to_half(0.1f));
  uint16_t y = 0;
  const Case c{{300}, {1}, {300}, {1}, {1}, {0}};
  const int64_t stride = 2;
  reduce_window(WindowReduction::kSum, shape_of(c), {reinterpret_cast<std::byte*>(x.data()), DType::kFloat16, &stride},
                {reinterpret_cast<std::byte*>(&y), DType::kFloat16, &stride}, 0, 1);
  EXPECT_EQ(y, float_to_half(300 * half_to_float(float_to_half(0.1f))));
}

TEST(ReduceWindow, MaximumSkipsNaN) {
  std::vector<float> x{NAN, 1, NAN, NAN}, y(3, 0);
  const int64_t stride = 4;
  const Case c{{4}, {3}, {2}, {1}, {1}, {0}};
  reduce_window(WindowReduction::kMax, shape_of(c), {reinterpret_cast<std::byte*>(x.data()), DType::kFloat32, &stride},
                {reinterpret_cast<std::byte*>(y.data()), DType::kFloat32, &stride}, 0, 3);
  EXPECT_EQ(y[0], 1);
  EXPECT_EQ(y[1], 1);
  EXPECT_EQ(y[2], -INFINITY);
}

TEST(ReduceWindow, StridedOperands) {
  std::vector<float> x(48), y(12, -1);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i * i % 31);
  // x [4, 6] stored by columns, or every second element of rows; every second place of y.
  for (const auto& [outer, inner] : {std::pair<int64_t, int64_t>{1, 4}, {12, 2}}) {
    const int64_t xs[] = {4 * outer, 4 * inner}, ys[] = {16, 8};
    const Case c{{4, 6}, {3, 2}, {2, 2}, {1, 3}, {1, 1}, {0, 0}};
    reduce_window(WindowReduction::kSum, shape_of(c), {reinterpret_cast<std::byte*>(x.data()), DType::kFloat32, xs},
                  {reinterpret_cast<std::byte*>(y.data()), DType::kFloat32, ys}, 0, 6);
    for (int64_t i = 0; i < 3; ++i) {
      for (int64_t j = 0; j < 2; ++j) {
        float wanted = 0;
        for (int64_t tap = 0; tap < 4; ++tap)
          wanted += x[static_cast<size_t>((i + tap / 2) * outer + (3 * j + tap % 2) * inner)];
        EXPECT_EQ(y[static_cast<size_t>(4 * i + 2 * j)], wanted);
      }
    }
  }
}

TEST(ReduceWindow, RefusesWhatCannotBeIndexed) {
  Case c{{8}, {4}, {2}, {2}, {1}, {0}};
  EXPECT_TRUE(reduce_window_shape_is_valid(shape_of(c)));
  for (Ints* list : {&c.window, &c.strides, &c.dilations}) {
    for (const int64_t bad : {int64_t{0}, int64_t{-1}, INT64_MAX}) {
      const int64_t good = std::exchange((*list)[0], bad);
      EXPECT_FALSE(reduce_window_shape_is_valid(shape_of(c)));
      (*list)[0] = good;
    }
  }
  for (const int64_t bad : {INT64_MAX, INT64_MIN}) {
    c.pre[0] = bad;
    EXPECT_FALSE(reduce_window_shape_is_valid(shape_of(c)));
  }
}

}  // namespace
}  // namespace rondo::kernels
