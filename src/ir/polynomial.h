#pragma once

#include <cstdint>
#include <optional>

#include "ir/dim.h"

namespace rondo::ir {

/// constant + sum of coefficient * product of atoms: the arithmetic behind DimPool's normal form. Terms stand in falling degree,
/// then by atom ids (a monomial order, so exact division works from the first term); coefficients are never 0.
struct Polynomial {
  int64_t constant = 0;
  std::vector<DimPool::Term> terms;
  bool operator==(const Polynomial&) const = default;
};

constexpr size_t kMaxPolynomialTerms = 1024;  ///< bounds what (a + b)*(c + d)*… may expand to
constexpr size_t kMaxTermAtoms = 64;

/// a + factor * b. Nothing if a coefficient leaves 64 bits or the result has too many terms.
std::optional<Polynomial> combine(const Polynomial& a, const Polynomial& b, int64_t factor);
/// a * b under the same limits.
std::optional<Polynomial> multiply(const Polynomial& a, const Polynomial& b);
/// The polynomial q with a == q * b, if there is one.
std::optional<Polynomial> exact_quotient(const Polynomial& a, const Polynomial& b);

/// Quotient rounded toward minus infinity and its remainder in [0, b). Requires b > 0.
int64_t floor_quotient(int64_t a, int64_t b);
int64_t floor_remainder(int64_t a, int64_t b);

}  // namespace rondo::ir
