#include "conformance/harness/tolerance.h"

#include <cmath>
#include <cstdio>
#include <limits>

#include "base/error.h"

namespace rondo::conformance {
namespace {

using enum ToleranceKind;

constexpr Tolerance kTable[] = {
#define RONDO_TOLERANCE(row, kind, factor, note) {#row, kind, factor, note},
#include "conformance/tolerances.def"
#undef RONDO_TOLERANCE
};

constexpr double kEpsilon = 0x1p-24;  ///< half a unit in the last place of 1, what one rounding to f32 may add

const Tolerance* find(const std::string& row) {
  for (const Tolerance& tolerance : kTable) {
    if (row == tolerance.row) return &tolerance;
  }
  return nullptr;
}

/// The neighbour of v in a type of `digits` bits of precision and least exponent `least`, upwards or downwards.
double neighbour(DType dtype, double v, double direction) {
  if (std::isinf(v)) {
    if ((v < 0) == (direction < 0)) return v;
    const double largest = dtype == DType::kFloat16 ? 65504 : 0x1.FEp127;
    return std::copysign(largest, v);
  }
  const int digits = dtype == DType::kFloat16 ? 11 : 8, least = dtype == DType::kFloat16 ? -24 : -133;
  int exponent = 0;
  std::frexp(v, &exponent);
  const double ulp = std::ldexp(1.0, std::max(exponent - digits, least));
  return ops::round_to(dtype, v + std::copysign(ulp, direction));
}

bool same_value(double a, double b, bool signed_zeros) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return a == b && (!signed_zeros || a != 0 || std::signbit(a) == std::signbit(b));
}

/// A sum of f16 or bf16 may be stored once on its way (a product before its bias): half a unit in the last place there.
double narrow_step(DType dtype) { return dtype == DType::kFloat16 ? 0x1p-11 : dtype == DType::kBFloat16 ? 0x1p-8 : 0; }

/// Bound of the error before the result is rounded to its type.
double bound_of(const Tolerance& tolerance, const Case& c, DType dtype, double expected, double magnitude) {
  switch (tolerance.kind) {
    case kExact:
    case kRounded:
      return 0;
    case kUlps:
      return tolerance.factor * ulp_at(expected);
    case kSum:
      // One more addend for the final rounding, and the least denormal where products underflow.
      return tolerance.factor * (c.terms + 1) * kEpsilon * magnitude + (c.terms + 1) * 0x1p-149 +
             narrow_step(dtype) * magnitude;
    case kRelative:
      return tolerance.factor * (c.terms + 1) * kEpsilon * std::fabs(expected) + 0x1p-149;
    case kAbsolute:
      return tolerance.factor * c.terms * kEpsilon * std::max(c.scale, std::fabs(expected));
  }
  return 0;
}

bool accepts(const Tolerance& tolerance, DType dtype, double expected, double bound, double actual) {
  if (!is_float(dtype) || tolerance.kind == kExact || tolerance.kind == kRounded) {
    return same_value(actual, ops::round_to(dtype, expected), is_float(dtype) && tolerance.kind == kExact);
  }
  if (same_value(actual, ops::round_to(dtype, expected), false)) return true;
  if (std::isnan(actual) || std::isnan(expected) || std::isinf(expected)) return false;
  if (dtype == DType::kFloat32) {
    if (std::isinf(actual)) return std::fabs(expected) + bound >= std::numeric_limits<float>::max();
    return std::fabs(actual - expected) <= bound;
  }
  const double low = neighbour(dtype, ops::round_to(dtype, expected - bound), -1);
  const double high = neighbour(dtype, ops::round_to(dtype, expected + bound), 1);
  return low <= actual && actual <= high;
}

const char* kind_text(ToleranceKind kind) {
  constexpr const char* kTexts[] = {"exact", "0 ulp", "ulp", "k eps \\|a\\|", "k eps \\|y\\|", "k eps scale"};
  return kTexts[static_cast<size_t>(kind)];
}

}  // namespace

std::span<const Tolerance> tolerances() { return kTable; }

const Tolerance* tolerance_of(const Case& c, const std::string& op) {
  if (!c.tolerance.empty()) return find(c.tolerance);
  for (const auto& [enumeration, member] : c.members) {
    if (const Tolerance* row = find(op + "." + member)) return row;
  }
  return find(op);
}

double ulp_at(double v) {
  int exponent = 0;
  std::frexp(v, &exponent);
  return std::ldexp(1.0, std::max(exponent - 24, -149));
}

std::string tolerances_text() {
  std::string out;
  for (const Tolerance& row : kTable) {
    const bool counted = row.kind != kExact && row.kind != kRounded;
    out +=
        text("| ", row.row, " | ", counted ? text(row.factor, " ") : "", kind_text(row.kind), " | ", row.note, " |\n");
  }
  return out;
}

std::string difference(const Tolerance& tolerance, const Case& c, const Expected& expected, const ops::Tensor& actual) {
  const ops::Tensor& reference = expected.value;
  if (reference.dtype != actual.dtype)
    return text("type ", dtype_name(actual.dtype), ", expected ", dtype_name(reference.dtype));
  if (reference.dims != actual.dims) {
    std::string dims = "dims";
    for (int64_t extent : actual.dims) dims += text(" ", extent);
    dims += ", expected";
    for (int64_t extent : reference.dims) dims += text(" ", extent);
    return dims;
  }
  size_t wrong = 0;
  std::string first;
  for (size_t i = 0; i < reference.data.size(); ++i) {
    const double y = reference.data[i];
    const double bound = bound_of(tolerance, c, reference.dtype, y,
                                  expected.magnitude != nullptr ? expected.magnitude->data[i] : std::fabs(y));
    if (accepts(tolerance, reference.dtype, y, bound, actual.data[i])) continue;
    if (wrong++ > 0) continue;
    char line[200];
    std::snprintf(line, sizeof line, "element %zu is %.9g, expected %.17g, off by %.3g, bound %.3g (row %s)", i,
                  actual.data[i], y, std::fabs(actual.data[i] - y), bound, tolerance.row);
    first = line;
  }
  return wrong == 0 ? "" : text(first, "; ", wrong, " of ", reference.data.size(), " elements");
}

}  // namespace rondo::conformance
