#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>
#include <vector>

#include "ops/tensor.h"

namespace rondo::conformance {

using Ints = std::vector<int64_t>;

/// What generators draw from. The same seed gives the same case on every machine.
class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed * 0x9E3779B97F4A7C15ull + 0x2545F4914F6CDD1Dull) {}

  int64_t number(int64_t low, int64_t high);  ///< low .. high, both included
  double real(double low, double high);
  bool flip() { return number(0, 1) != 0; }
  bool one_in(int64_t n) { return number(0, n - 1) == 0; }
  template <class T>
  T pick(std::initializer_list<T> of) {
    return of.begin()[number(0, static_cast<int64_t>(of.size()) - 1)];
  }
  template <class T>
  const T& pick(const std::vector<T>& of) {
    return of[static_cast<size_t>(number(0, static_cast<int64_t>(of.size()) - 1))];
  }

  /// 1, 2, 3 and the neighbours of vector widths; never 0.
  int64_t extent();
  /// Extents of an operand with at most some 4,000 elements: mostly small ones, the last one from extent(), one shape in ten
  /// with an extent of 0 (unless low_extent > 0), one in twenty with a long row.
  Ints shape(int64_t low_rank, int64_t high_rank, int64_t low_extent = 0);
  /// 0 .. rank-1 in random order, or the identity one time in four.
  Ints permutation(size_t rank);

  /// Elements between low and high, rounded to the type; integers lie between the same bounds, bools are drawn.
  ops::Tensor values(DType dtype, const Ints& dims, double low, double high);
  /// Elements of all kinds: NaN, infinities, zeros of both signs, denormals, the largest and least integers, and ordinary ones.
  ops::Tensor specials(DType dtype, const Ints& dims);

 private:
  double special(DType dtype);
  std::mt19937_64 engine_;
};

}  // namespace rondo::conformance
