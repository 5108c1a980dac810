#pragma once

#include <span>
#include <string>
#include <vector>

#include "conformance/harness/case.h"

namespace rondo::conformance {

enum class ToleranceKind : uint8_t { kExact, kRounded, kUlps, kSum, kRelative, kAbsolute };

/// One row of tolerances.def.
struct Tolerance {
  const char* row;
  ToleranceKind kind;
  double factor;
  const char* note;
};

std::span<const Tolerance> tolerances();
/// The row that a case of a registration is held to; null if the table lacks it.
const Tolerance* tolerance_of(const Case& c, const std::string& op);
/// docs/tolerances.md, but for what the exhaustive test measured.
std::string tolerances_text();

/// A float's unit in the last place at v: of the type's exponent range, 2^-149 at least for f32.
double ulp_at(double v);

/// What one output may be: the reference and, for rows of the kind kSum, the op of the magnitudes.
struct Expected {
  ops::Tensor value;
  const ops::Tensor* magnitude = nullptr;
};

/// "" if every element is within the bound, else the first that is not and how many.
std::string difference(const Tolerance& tolerance, const Case& c, const Expected& expected, const ops::Tensor& actual);

}  // namespace rondo::conformance
