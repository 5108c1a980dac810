#pragma once

// The micro-kernel, written once over the vector type of the including file:
//   struct Vec { kLanes; static load(p), store(p, v), broadcast(p), zero(), madd(a, b, c) }
// R rows times V vectors of accumulators stay in registers over the whole k loop; each step of k loads V vectors of B and
// broadcasts R elements of A. A is read through one pointer a row, packed or not: the additions are free next to the multiplies.

#include <cstdint>

#include "kernels/cpu/gemm.h"

namespace rondo::kernels {
namespace {

// A lone row is bound by the speed of reading B, which no other row shares; the hardware's prefetcher stops at page
// ends, so the stream is also requested by hand.
constexpr int64_t kPrefetchFloats = 1024;

template <class Vec, int R, int V, int P>
void gemm_tile(const GemmTile& t) {
  using Reg = typename Vec::Reg;
  Reg acc[R][P * V];
  const float* a[R];
  for (int r = 0; r < R; ++r) {
    a[r] = t.a + r * t.a_row;
    for (int v = 0; v < P * V; ++v) {
      const float* c = t.c + r * t.c_row + (v / V) * t.c_panel + t.c_vector[v % V];
      acc[r][v] = t.accumulate ? Vec::load(c) : Vec::zero();
    }
  }
  const float* b = t.b;
  const int64_t step = t.a_k, b_panel = t.b_panel;
  int64_t at = 0;
  for (int64_t k = t.k; k > 0; --k) {
    Reg y[P * V];
#pragma GCC unroll 16
    for (int v = 0; v < P * V; ++v) y[v] = Vec::load(b + (v / V) * b_panel + (v % V) * Vec::kLanes);
    if constexpr (R == 1) {
#pragma GCC unroll 16
      for (int v = 0; v < P * V; ++v) __builtin_prefetch(b + (v / V) * b_panel + (v % V) * Vec::kLanes + kPrefetchFloats);
    }
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
      const Reg x = Vec::broadcast(a[r] + at);
#pragma GCC unroll 16
      for (int v = 0; v < P * V; ++v) acc[r][v] = Vec::madd(x, y[v], acc[r][v]);
    }
    b += V * Vec::kLanes;
    at += step;
  }
  for (int r = 0; r < R; ++r) {
    for (int v = 0; v < P * V; ++v) Vec::store(t.c + r * t.c_row + (v / V) * t.c_panel + t.c_vector[v % V], acc[r][v]);
  }
}

}  // namespace
}  // namespace rondo::kernels
