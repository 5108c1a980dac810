#include "kernels/cpu/tile_functions.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

namespace rondo::kernels {
namespace {

using tile::PointwiseFn;
using tile::ValueType;

std::vector<Isa> isas() {
  std::vector<Isa> out;
  for (Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512}) {
    if (supports(isa)) out.push_back(isa);
  }
  return out;
}

// Distance of y from the exact value in units of the last place of a float there.
double ulps(float y, double exact) {
  if (std::isnan(exact)) return std::isnan(y) ? 0 : HUGE_VAL;
  const auto rounded = static_cast<float>(exact);
  if (y == rounded) return 0;
  if (std::isnan(y) || std::isinf(rounded) != std::isinf(y))
    return std::isinf(y) && std::fabs(exact) > 3.4028e38 ? 1 : HUGE_VAL;
  int exponent = 0;
  std::frexp(exact, &exponent);
  return std::fabs(static_cast<double>(y) - exact) / std::ldexp(1.0, (exponent < -125 ? -125 : exponent) - 24);
}

// Bound in ulp of each f32 function: 0 must be exact, 0.5 correctly rounded.
double bound_of(PointwiseFn fn) {
  switch (fn) {
    case PointwiseFn::f_exp:
    case PointwiseFn::f_expm1:
    case PointwiseFn::f_log:
    case PointwiseFn::f_log1p:
    case PointwiseFn::f_tanh:
    case PointwiseFn::f_sigmoid:
    case PointwiseFn::f_erf:
      return 4;
    case PointwiseFn::f_sqrt:
    case PointwiseFn::f_recip:
    case PointwiseFn::f_add:
    case PointwiseFn::f_sub:
    case PointwiseFn::f_mul:
    case PointwiseFn::f_div:
      return 0.5001;
    case PointwiseFn::f_ceil:
    case PointwiseFn::f_floor:
    case PointwiseFn::f_round:
    case PointwiseFn::f_round_f16:
    case PointwiseFn::f_round_bf16:
    case PointwiseFn::f_abs:
    case PointwiseFn::f_neg:
    case PointwiseFn::f_sign:
    case PointwiseFn::f_max:
    case PointwiseFn::f_min:
      return 0;
    default:
      return 4;  // the C library's
  }
}

class FloatFunction : public ::testing::TestWithParam<const char*> {};

// One float of each run of `stride` bit patterns: all signs, exponents, denormals, infinities, NaNs.
TEST_P(FloatFunction, IsWithinItsBoundForAllFloats) {
  // RONDO_TEST_STRIDE=257 looks at 16.7 million of them.
  const char* wish = std::getenv("RONDO_TEST_STRIDE");
  const uint64_t stride = wish != nullptr ? std::strtoull(wish, nullptr, 10) : 16381;
  constexpr int kBlock = 512;
  PointwiseFn fn;
  ASSERT_TRUE(tile::parse_pointwise(GetParam(), &fn));
  for (Isa isa : isas()) {
    const auto compute = tile_functions(isa).compute[static_cast<size_t>(fn)][0];
    std::vector<float> x(kBlock), y(kBlock);
    for (uint64_t bits = 0; bits < (uint64_t{1} << 32); bits += kBlock * stride) {
      for (int i = 0; i < kBlock; ++i) x[i] = std::bit_cast<float>(static_cast<uint32_t>(bits + i * stride));
      if (bits == 0)
        std::copy_n(
            std::initializer_list<float>{0.f, -0.f, 1.f, -1.f, INFINITY, -INFINITY, NAN, 88.8f, -88.8f, -104.f}.begin(),
            10, x.begin());
      compute(y.data(), x.data(), nullptr, nullptr, kBlock);
      for (int i = 0; i < kBlock; ++i) {
        const double exact = tile::evaluate(fn, ValueType::kF32, {x[i], 0, 0});
        ASSERT_LE(ulps(y[i], exact), bound_of(fn))
            << GetParam() << '(' << x[i] << ") = " << y[i] << ", exact " << exact << ", " << isa_name(isa);
      }
    }
  }
}

TEST_P(FloatFunction, GivesTheSameBitsAtEveryPlaceAndLength) {
  PointwiseFn fn;
  ASSERT_TRUE(tile::parse_pointwise(GetParam(), &fn));
  std::mt19937 random(3);
  for (Isa isa : isas()) {
    const auto compute = tile_functions(isa).compute[static_cast<size_t>(fn)][0];
    std::vector<float> x(67), whole(67), part(67);
    for (float& v : x) v = std::bit_cast<float>(static_cast<uint32_t>(random()));
    for (int i = 0; i < 40; ++i) x[i] = static_cast<float>(static_cast<int>(random() % 4001) - 2000) * 0.005f;
    compute(whole.data(), x.data(), nullptr, nullptr, 67);
    for (int n : {1, 2, 7, 8, 15, 16, 17, 33}) {
      for (int at = 0; at + n <= 67; at += 5) {
        compute(part.data(), x.data() + at, nullptr, nullptr, n);
        ASSERT_EQ(0, std::memcmp(part.data(), whole.data() + at, n * sizeof(float)))
            << GetParam() << " n " << n << " at " << at;
      }
    }
    part = x;
    compute(part.data(), part.data(), nullptr, nullptr, 67);
    ASSERT_EQ(0, std::memcmp(part.data(), whole.data(), 67 * sizeof(float))) << GetParam() << " in place";
  }
}

INSTANTIATE_TEST_SUITE_P(All, FloatFunction,
                         ::testing::Values("exp", "expm1", "log", "log1p", "sqrt", "recip", "sin", "cos", "tan", "sinh",
                                           "cosh", "tanh", "asin", "acos", "atan", "asinh", "acosh", "atanh", "sigmoid",
                                           "erf", "ceil", "floor", "round", "round_f16", "round_bf16", "abs", "neg",
                                           "sign"),
                         [](const auto& info) { return std::string(info.param); });

template <class T>
std::vector<T> samples() {
  std::vector<T> out;
  std::mt19937_64 random(11);
  if constexpr (std::is_same_v<T, float>) {
    out = {0.f, -0.f, 1.f, -1.f, 2.5f, -2.5f, 1e-40f, 3e38f, -3e38f, INFINITY, -INFINITY, NAN};
    while (out.size() < 96) out.push_back(static_cast<float>(static_cast<int64_t>(random() % 20001) - 10000) / 512);
  } else if constexpr (std::is_same_v<T, uint8_t>) {
    while (out.size() < 64) out.push_back(random() % 2);
  } else {
    out = {0, 1, -1, 2, -2, 7, -7, std::numeric_limits<T>::max(), std::numeric_limits<T>::min()};
    while (out.size() < 96) out.push_back(static_cast<T>(static_cast<int64_t>(random() % 2001) - 1000));
  }
  return out;
}

template <class T>
constexpr ValueType kType = ValueType::kF32;
template <>
constexpr ValueType kType<int32_t> = ValueType::kS32;
template <>
constexpr ValueType kType<int64_t> = ValueType::kS64;
template <>
constexpr ValueType kType<uint8_t> = ValueType::kMask;

bool gives_mask(PointwiseFn fn) {
  const tile::Signature s = tile::pointwise_info(fn).signature;
  return s == tile::Signature::kFloatTest || s == tile::Signature::kLogic || s == tile::Signature::kCompare;
}

// Whether the reference in double says something about this result: integers are exact below 2^53, and beyond their
// own range they wrap.
template <class T>
bool decides(double exact, double a, double b) {
  if constexpr (std::is_same_v<T, float> || std::is_same_v<T, uint8_t>) return true;
  const double limit = std::is_same_v<T, int32_t> ? 2147483647.0 : 9007199254740992.0;
  return std::fabs(exact) <= limit && std::fabs(a) <= limit && std::fabs(b) <= limit;
}

// All pairs of samples through every function of one and two operands of a type.
template <class T>
void check_pairs(Isa isa) {
  const std::vector<T> base = samples<T>();
  std::vector<T> a, b;
  for (T x : base) {
    for (T y : base) a.push_back(x), b.push_back(y);
  }
  const auto n = static_cast<int64_t>(a.size());
  for (size_t f = 0; f < tile::kPointwiseCount; ++f) {
    const auto fn = static_cast<PointwiseFn>(f);
    const auto compute = tile_functions(isa).compute[f][static_cast<size_t>(kType<T>)];
    if (compute == nullptr || tile::pointwise_info(fn).arity > 2 || fn == PointwiseFn::f_select) continue;
    std::vector<T> y(a.size());
    std::vector<uint8_t> mask(a.size());
    compute(gives_mask(fn) ? static_cast<void*>(mask.data()) : static_cast<void*>(y.data()), a.data(), b.data(),
            nullptr, n);
    for (size_t i = 0; i < a.size(); ++i) {
      const double exact = tile::evaluate(fn, kType<T>, {static_cast<double>(a[i]), static_cast<double>(b[i]), 0});
      if (!decides<T>(exact, static_cast<double>(a[i]), static_cast<double>(b[i]))) continue;
      if (gives_mask(fn)) {
        ASSERT_EQ(mask[i], exact) << tile::pointwise_info(fn).name << ' ' << +a[i] << ' ' << +b[i];
      } else if constexpr (std::is_same_v<T, float>) {
        if (fn == PointwiseFn::f_floor_div) continue;  // the quotient rounds before it is floored
        ASSERT_LE(ulps(y[i], exact), bound_of(fn))
            << tile::pointwise_info(fn).name << ' ' << a[i] << ' ' << b[i] << " = " << y[i];
      } else {
        ASSERT_EQ(static_cast<double>(y[i]), exact) << tile::pointwise_info(fn).name << ' ' << +a[i] << ' ' << +b[i];
      }
    }
  }
}

TEST(TileFunctions, EveryFunctionOfEveryTypeMatchesTheReference) {
  for (Isa isa : isas()) {
    check_pairs<float>(isa);
    check_pairs<int32_t>(isa);
    check_pairs<int64_t>(isa);
    check_pairs<uint8_t>(isa);
  }
}

TEST(TileFunctions, IntegerEdgesAreDefined) {
  for (Isa isa : isas()) {
    const auto& table = tile_functions(isa);
    const int32_t a[] = {INT32_MIN, 5, -7, INT32_MIN, INT32_MAX}, b[] = {-1, 0, 2, 1, 1};
    int32_t y[5];
    table.compute[static_cast<size_t>(PointwiseFn::f_div)][1](y, a, b, nullptr, 5);
    EXPECT_EQ(y[0], INT32_MIN);
    EXPECT_EQ(y[1], 0);
    EXPECT_EQ(y[2], -3);
    table.compute[static_cast<size_t>(PointwiseFn::f_floor_div)][1](y, a, b, nullptr, 5);
    EXPECT_EQ(y[2], -4);
    table.compute[static_cast<size_t>(PointwiseFn::f_add)][1](y, a, b, nullptr, 5);
    EXPECT_EQ(y[4], INT32_MIN);
  }
}

TEST(TileFunctions, SelectAndFma) {
  for (Isa isa : isas()) {
    const auto& table = tile_functions(isa);
    constexpr int kCount = 37;
    std::vector<float> a(kCount), b(kCount), c(kCount), y(kCount);
    std::vector<uint8_t> m(kCount);
    for (int i = 0; i < kCount; ++i) a[i] = i * 0.7f, b[i] = 3 - i, c[i] = 0.25f * i, m[i] = i % 3 == 0;
    table.compute[static_cast<size_t>(PointwiseFn::f_select)][0](y.data(), m.data(), b.data(), c.data(), kCount);
    for (int i = 0; i < kCount; ++i) EXPECT_EQ(y[i], m[i] != 0 ? b[i] : c[i]);
    table.compute[static_cast<size_t>(PointwiseFn::f_fma)][0](y.data(), a.data(), b.data(), c.data(), kCount);
    for (int i = 0; i < kCount; ++i) EXPECT_NEAR(y[i], static_cast<double>(a[i]) * b[i] + c[i], 1e-4);
    std::vector<int64_t> p(kCount), q(kCount), z(kCount);
    for (int i = 0; i < kCount; ++i) p[i] = i, q[i] = -i;
    table.compute[static_cast<size_t>(PointwiseFn::f_select)][2](z.data(), m.data(), p.data(), q.data(), kCount);
    for (int i = 0; i < kCount; ++i) EXPECT_EQ(z[i], m[i] != 0 ? i : -i);
  }
}

template <class From, class To>
void check_cast(Isa isa) {
  const std::vector<From> x = samples<From>();
  std::vector<To> y(x.size());
  tile_functions(isa).cast[static_cast<size_t>(kType<From>)][static_cast<size_t>(kType<To>)](
      y.data(), x.data(), nullptr, nullptr, static_cast<int64_t>(x.size()));
  for (size_t i = 0; i < x.size(); ++i) {
    const double exact = tile::evaluate(PointwiseFn::f_cast, kType<To>, {static_cast<double>(x[i]), 0, 0});
    if (std::isnan(exact)) {
      ASSERT_TRUE(std::isnan(static_cast<double>(y[i])));
    } else {
      ASSERT_EQ(static_cast<double>(y[i]),
                static_cast<double>(std::is_same_v<To, float> ? static_cast<float>(exact) : exact))
          << +x[i];
    }
  }
}

TEST(TileFunctions, CastsSaturateAndMatchTheReference) {
  for (Isa isa : isas()) {
    check_cast<float, float>(isa), check_cast<float, int32_t>(isa), check_cast<float, int64_t>(isa),
        check_cast<float, uint8_t>(isa);
    check_cast<int32_t, float>(isa), check_cast<int32_t, int64_t>(isa), check_cast<int32_t, uint8_t>(isa);
    check_cast<int64_t, float>(isa), check_cast<int64_t, int32_t>(isa), check_cast<int64_t, uint8_t>(isa);
    check_cast<uint8_t, float>(isa), check_cast<uint8_t, int32_t>(isa), check_cast<uint8_t, int64_t>(isa),
        check_cast<uint8_t, uint8_t>(isa);
  }
}

TEST(TileFunctions, LoadsAndStoresOfNarrowTypesRoundTrip) {
  for (Isa isa : isas()) {
    const auto& table = tile_functions(isa);
    for (int64_t stride_elements : {1, 3, -2}) {
      for (DType dtype : {DType::kFloat16, DType::kBFloat16}) {
        std::vector<uint16_t> memory(300, 0);
        std::vector<float> in(40), out(40);
        for (int i = 0; i < 40; ++i) in[i] = (i - 20) * 0.25f;
        auto* at = reinterpret_cast<std::byte*>(memory.data() + 90);
        table.store[static_cast<size_t>(dtype)](at, stride_elements * 2, in.data(), 40);
        table.load[static_cast<size_t>(dtype)](out.data(), at, stride_elements * 2, 40);
        EXPECT_EQ(in, out);
      }
      std::vector<int8_t> memory(300, 0);
      std::vector<int32_t> in(40), out(40);
      for (int i = 0; i < 40; ++i) in[i] = (i - 20) * 10;
      auto* at = reinterpret_cast<std::byte*>(memory.data() + 90);
      table.store[static_cast<size_t>(DType::kInt8)](at, stride_elements, in.data(), 40);
      table.load[static_cast<size_t>(DType::kInt8)](out.data(), at, stride_elements, 40);
      for (int i = 0; i < 40; ++i) EXPECT_EQ(out[i], std::min(127, std::max(-128, in[i])));
      table.store[static_cast<size_t>(DType::kUint8)](at, stride_elements, in.data(), 40);
      table.load[static_cast<size_t>(DType::kUint8)](out.data(), at, stride_elements, 40);
      for (int i = 0; i < 40; ++i) EXPECT_EQ(out[i], std::min(255, std::max(0, in[i])));
    }
    const float value = 1.5f;
    std::vector<float> broadcast(20, 0);
    table.load[0](broadcast.data(), reinterpret_cast<const std::byte*>(&value), 0, 20);
    EXPECT_EQ(broadcast, std::vector<float>(20, 1.5f));
  }
}

}  // namespace
}  // namespace rondo::kernels
