#pragma once

// The micro-kernel, written once over the vector type of the including file:
//   struct Vec { kLanes, kBytes, kFormat; static load(p), store(p, v), load_b(p), broadcast(p), zero(), add(a, b),
//   mul(a, b), madd(a, b, c), keep(v) }
// load_b reads a vector of B, kBytes long, in the form that madd takes: widened, or as words of pairs.
// R rows times V vectors of accumulators stay in registers over the whole k loop; each step of k loads V vectors of B
// and broadcasts R elements of A. A is read through one pointer a row, packed or not: the additions are free next to
// the multiplies. A lone row is bound by the speed of reading B, which lies on huge pages: the hardware's prefetcher
// follows it on its own, and requests made by hand only take load slots (8 % slower at 4 MB of weights).

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "kernels/cpu/gemm.h"

namespace rondo::kernels {
namespace {

// Every loop over rows and vectors is unrolled by pragma: only then does the compiler keep the array of accumulators in
// registers.
template <class Vec, int R, int V, int P>
void gemm_tile(const GemmTile& t) {
  using Reg = typename Vec::Reg;
  constexpr int kWidth = P * V;
  // Floats from the first element of C, or of what lies like C, to accumulator i.
  const auto at_c = [&t](int i, int64_t row) {
    return i / kWidth * row + i % kWidth / V * t.c_panel + t.c_vector[i % V];
  };
  Reg acc[R * kWidth];
  const float* a[R];
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) a[r] = t.a + r * t.a_row;
#pragma GCC unroll 32
  for (int i = 0; i < R * kWidth; ++i) acc[i] = Vec::zero();
  if (t.accumulate) {
#pragma GCC unroll 32
    for (int i = 0; i < R * kWidth; ++i) acc[i] = Vec::load(t.c + at_c(i, t.c_row));
  }
  const std::byte* b = t.b;
  const int64_t step = t.a_k, b_panel = t.b_panel;
  int64_t at = 0;
  for (int64_t k = t.k; k > 0; --k) {
    Reg y[kWidth];
#pragma GCC unroll 16
    for (int v = 0; v < kWidth; ++v) {
      y[v] = Vec::load_b(b + (v / V) * b_panel + (v % V) * Vec::kBytes);
      if constexpr (R > 1) Vec::keep(y[v]);  // in a register, not re-read as a memory operand for every row
    }
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
      const Reg x = Vec::broadcast(a[r] + at);
#pragma GCC unroll 16
      for (int v = 0; v < kWidth; ++v) acc[r * kWidth + v] = Vec::madd(x, y[v], acc[r * kWidth + v]);
    }
    b += V * Vec::kBytes;
    at += step;
  }
  if (t.scale != 1) {
    const Reg scale = Vec::broadcast(&t.scale);
#pragma GCC unroll 32
    for (int i = 0; i < R * kWidth; ++i) acc[i] = Vec::mul(acc[i], scale);
  }
  for (const GemmTerm *term = t.terms, *end = term + t.term_count; term != end; ++term) {
#pragma GCC unroll 32
    for (int i = 0; i < R * kWidth; ++i) acc[i] = Vec::add(acc[i], Vec::load(term->at + at_c(i, term->row)));
  }
#pragma GCC unroll 32
  for (int i = 0; i < R * kWidth; ++i) Vec::store(t.out + at_c(i, t.out_row), acc[i]);
}

// The table of one vector type: tiles of 1 .. kHeights[v - 1] rows by v vectors, and the lone row over kWide panels.
template <class Vec, Isa kIsa, int kWide, int... kHeights>
class GemmTable {
 public:
  static constexpr GemmFamily family() { return {kIsa, Vec::kFormat, kRows}; }

 private:
  template <int V, int P, int... R>
  static constexpr void append(GemmRow*& out, std::integer_sequence<int, R...>) {
    ((*out++ = GemmRow{kIsa, Vec::kFormat, R + 1, V, P, gemm_tile<Vec, R + 1, V, P>}), ...);
  }
  template <int... V>
  static constexpr auto make(std::integer_sequence<int, V...>) {
    std::array<GemmRow, (kHeights + ...) + sizeof...(kHeights)> rows{};
    GemmRow* out = rows.data();
    (append<V + 1, 1>(out, std::make_integer_sequence<int, kHeights>{}), ...);
    (append<V + 1, kWide>(out, std::make_integer_sequence<int, 1>{}), ...);
    return rows;
  }
  static constexpr auto kRows = make(std::make_integer_sequence<int, sizeof...(kHeights)>{});
};

}  // namespace
}  // namespace rondo::kernels
