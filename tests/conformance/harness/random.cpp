#include "conformance/harness/random.h"

#include <cmath>
#include <limits>

namespace rondo::conformance {

int64_t Random::number(int64_t low, int64_t high) {
  // Not std::uniform_int_distribution: its sequence is the library's choice.
  const uint64_t span = static_cast<uint64_t>(high) - static_cast<uint64_t>(low) + 1;
  const uint64_t draw = engine_();
  return static_cast<int64_t>(static_cast<uint64_t>(low) + (span == 0 ? draw : draw % span));
}

double Random::real(double low, double high) {
  return low + (high - low) * (static_cast<double>(engine_() >> 11) * 0x1p-53);
}

int64_t Random::extent() { return pick<int64_t>({1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33}); }

Ints Random::shape(int64_t low_rank, int64_t high_rank, int64_t low_extent) {
  constexpr int64_t kLargestVolume = 4096;
  Ints dims(static_cast<size_t>(number(low_rank, high_rank)));
  int64_t volume = 1;
  for (size_t i = dims.size(); i-- > 0;) {
    dims[i] = i + 1 == dims.size() && dims.size() < 6 ? (one_in(20) ? number(1000, 3000) : extent()) : number(1, 4);
    if (volume * dims[i] > kLargestVolume) dims[i] = 1;
    volume *= dims[i];
  }
  if (low_extent == 0 && !dims.empty() && one_in(10))
    dims[static_cast<size_t>(number(0, static_cast<int64_t>(dims.size()) - 1))] = 0;
  return dims;
}

Ints Random::permutation(size_t rank) {
  Ints order(rank);
  for (size_t i = 0; i < rank; ++i) order[i] = static_cast<int64_t>(i);
  if (one_in(4)) return order;
  for (size_t i = rank; i > 1; --i)
    std::swap(order[i - 1], order[static_cast<size_t>(number(0, static_cast<int64_t>(i) - 1))]);
  return order;
}

ops::Tensor Random::values(DType dtype, const Ints& dims, double low, double high) {
  ops::Tensor x{dtype, dims, {}};
  x.data.resize(static_cast<size_t>(x.volume()));
  for (double& v : x.data) {
    if (dtype == DType::kBool) {
      v = flip();
    } else if (is_float(dtype)) {
      v = ops::round_to(dtype, real(low, high));
    } else {
      v = ops::round_to(dtype, static_cast<double>(number(static_cast<int64_t>(std::ceil(low)),
                                                          static_cast<int64_t>(std::floor(high)))));
    }
  }
  return x;
}

double Random::special(DType dtype) {
  if (dtype == DType::kBool) return flip();
  if (!is_float(dtype)) {
    // Of int64 the largest double that is an integer of the type on both sides; others saturate to their own ends.
    const double end = dtype == DType::kInt64 ? 0x1p53 - 1 : 1e18;
    return ops::round_to(dtype, pick<double>({0, 1, -1, end, -end, 5, -7}));
  }
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  const double tiny = dtype == DType::kFloat16 ? 0x1p-24 : dtype == DType::kBFloat16 ? 0x1p-133 : 0x1p-149;
  const double huge = dtype == DType::kFloat16 ? 65504 : dtype == DType::kBFloat16 ? 0x1.FEp127 : 0x1.FFFFFEp127;
  return pick<double>({0.0, -0.0, 1, -1, kInfinity, -kInfinity, kNan, tiny, -tiny, 3 * tiny, huge, -huge});
}

ops::Tensor Random::specials(DType dtype, const Ints& dims) {
  ops::Tensor x = values(dtype, dims, dtype == DType::kUint8 ? 0 : -100, 100);
  for (double& v : x.data) {
    if (one_in(3)) v = special(dtype);
  }
  return x;
}

}  // namespace rondo::conformance
