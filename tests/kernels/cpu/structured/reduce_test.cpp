#include "kernels/cpu/structured/reduce.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

namespace rondo::kernels {
namespace {

/// Row-major byte strides.
std::vector<int64_t> strides_of(const std::vector<int64_t>& dims, int64_t bytes) {
  std::vector<int64_t> strides(dims.size());
  for (size_t i = dims.size(); i-- > 0; bytes *= dims[i]) strides[i] = bytes;
  return strides;
}

/// One result from all elements of its row, in double, in row-major order.
template <class T>
double naive(Reduction op, const std::vector<T>& values) {
  double acc = op == Reduction::kProd ? 1 : 0;
  if (op == Reduction::kMax) acc = std::is_integral_v<T> ? double(std::numeric_limits<T>::min()) : -INFINITY;
  if (op == Reduction::kMin) acc = std::is_integral_v<T> ? double(std::numeric_limits<T>::max()) : INFINITY;
  for (const T v : values) {
    if (op == Reduction::kProd)
      acc *= v;
    else if (op == Reduction::kMax)
      acc = v > acc ? v : acc;
    else if (op == Reduction::kMin)
      acc = v < acc ? v : acc;
    else
      acc += v;
  }
  if (op != Reduction::kAvg) return acc;
  if (std::is_integral_v<T>) return values.empty() ? 0 : std::trunc(acc / double(values.size()));
  return acc / double(values.size());
}

template <class T>
void check(DType dtype, const std::vector<int64_t>& dims, uint32_t axes) {
  int64_t volume = 1;
  for (const int64_t d : dims) volume *= d;
  std::mt19937 random(7);
  std::vector<T> x(static_cast<size_t>(volume));
  for (T& v : x) v = static_cast<T>(static_cast<int>(random() % 9) - 4) / (std::is_integral_v<T> ? 1 : T(4));
  ReduceShape shape;
  shape.rank = static_cast<int>(dims.size());
  std::copy(dims.begin(), dims.end(), shape.dims);
  shape.axes = axes;
  std::vector<int64_t> kept = dims;
  for (size_t i = 0; i < dims.size(); ++i) kept[i] = axes >> i & 1 ? 1 : dims[i];
  const int64_t results = reduce_results(shape);
  const auto xs = strides_of(dims, sizeof(T));
  auto ys = strides_of(kept, sizeof(T));
  std::vector<std::vector<T>> rows(static_cast<size_t>(results));
  for (int64_t i = 0; i < volume; ++i) {
    int64_t rest = i, row = 0, scale = 1;
    for (size_t a = dims.size(); a-- > 0; rest /= dims[a]) {
      if (axes >> a & 1) continue;
      row += rest % dims[a] * scale;
      scale *= dims[a];
    }
    rows[static_cast<size_t>(row)].push_back(x[static_cast<size_t>(i)]);
  }
  for (int op = 0; op < 5; ++op) {
    std::vector<T> whole(static_cast<size_t>(results), T(99)), shared = whole;
    const Strided from{reinterpret_cast<std::byte*>(x.data()), dtype, xs.data()};
    reduce(static_cast<Reduction>(op), shape, from, {reinterpret_cast<std::byte*>(whole.data()), dtype, ys.data()}, 0,
           results);
    for (int64_t r = 0; r < results; r += 3) {
      reduce(static_cast<Reduction>(op), shape, from, {reinterpret_cast<std::byte*>(shared.data()), dtype, ys.data()},
             r, std::min(r + 3, results));
    }
    for (size_t r = 0; r < rows.size(); ++r) {
      const double wanted = naive(static_cast<Reduction>(op), rows[r]);
      if (std::isnan(wanted))
        EXPECT_TRUE(std::isnan(static_cast<double>(whole[r])));
      else if (std::isinf(wanted))
        EXPECT_EQ(whole[r], static_cast<T>(wanted));
      else
        EXPECT_NEAR(static_cast<double>(whole[r]), wanted, 1e-6 * (1 + std::abs(wanted)))
            << "op " << op << " result " << r;
    }
    EXPECT_TRUE(whole.empty() || std::memcmp(whole.data(), shared.data(), whole.size() * sizeof(T)) == 0)
        << "sharing changes bits, op " << op;
  }
}

TEST(Reduce, EqualsNaiveLoops) {
  for (const uint32_t axes : {1u, 2u, 4u, 3u, 5u, 6u, 7u}) {
    check<float>(DType::kFloat32, {3, 5, 19}, axes);
    check<int32_t>(DType::kInt32, {2, 3, 4}, axes);
    check<int64_t>(DType::kInt64, {2, 3, 4}, axes);
  }
  check<float>(DType::kFloat32, {70, 130}, 1);
  check<float>(DType::kFloat32, {1}, 1);
}

TEST(Reduce, NothingToFold) {
  check<float>(DType::kFloat32, {3, 0}, 2);
  check<float>(DType::kFloat32, {0, 3}, 1);
  check<float>(DType::kFloat32, {0, 3}, 2);
  check<int32_t>(DType::kInt32, {3, 0}, 2);
}

TEST(Reduce, HalfPrecisionRoundsOnce) {
  const std::vector<int64_t> dims{2049};
  const std::vector<uint16_t> ones(2049, 0x3C00);
  uint16_t y = 0;
  ReduceShape shape;
  shape.rank = 1;
  shape.dims[0] = 2049;
  shape.axes = 1;
  const int64_t xs[] = {2}, ys[] = {0};
  reduce(Reduction::kSum, shape,
         {reinterpret_cast<std::byte*>(const_cast<uint16_t*>(ones.data())), DType::kFloat16, xs},
         {reinterpret_cast<std::byte*>(&y), DType::kFloat16, ys}, 0, 1);
  EXPECT_EQ(y, 0x6800);  // 2049 rounds to 2048, once
}

TEST(Reduce, NarrowIntegersSaturate) {
  const std::vector<int8_t> x{100, 100};
  int8_t y = 0;
  ReduceShape shape;
  shape.rank = 1;
  shape.dims[0] = 2;
  shape.axes = 1;
  const int64_t xs[] = {1}, ys[] = {0};
  reduce(Reduction::kSum, shape, {reinterpret_cast<std::byte*>(const_cast<int8_t*>(x.data())), DType::kInt8, xs},
         {reinterpret_cast<std::byte*>(&y), DType::kInt8, ys}, 0, 1);
  EXPECT_EQ(y, 127);
}

}  // namespace
}  // namespace rondo::kernels
