#pragma once

// The micro-kernel, written once over the vector type of the including file:
//   struct Vec { kLanes, kFormat; static load(p), store(p, v), first(n), load_some(p, first), store_some(p, v, first),
//   store_lanes(p, v, begin, end),
//                even(a, b), broadcast(p), madd(a, b, c), keep(v) }
// A lane is a pixel: its f32, or its word of two channels, which madd multiplies by a word of two weights.
// R channels times V vectors of pixels stay in registers over the whole k loop. Weights are read where they lie, one
// pointer a channel: with 4 channels or more the loads hide behind the multiplies, and weights need no packing. Vectors
// of pixels start anywhere, so most loads cross a cache line; V loads serve R * V multiplies.

#include <algorithm>
#include <cstdint>

#include "kernels/cpu/conv/conv_kernels.h"

namespace rondo::kernels {
namespace {

// Every loop over rows and vectors is unrolled by pragma: only then does the compiler keep the array of accumulators in
// registers.
template <class Vec, int R, int V>
void conv_tile(const ConvTile& t) {
  using Reg = typename Vec::Reg;
  Reg acc[R * V];
  const float* w[R];
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) w[r] = t.w + r * t.w_row;
#pragma GCC unroll 32
  for (int i = 0; i < R * V; ++i) acc[i] = Vec::broadcast(t.bias + i / V);
  const float* x = t.x;
  const int32_t* offset = t.offset;
  for (int64_t k = 0, end = t.k; k < end; ++k) {
    const float* at = x + offset[k];
    Reg pixels[V];
#pragma GCC unroll 8
    for (int v = 0; v < V; ++v) {
      pixels[v] = Vec::load(at + v * Vec::kLanes);
      if constexpr (R > 1) Vec::keep(pixels[v]);  // in a register, not re-read as a memory operand for every row
    }
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
      const Reg weight = Vec::broadcast(w[r] + k);
#pragma GCC unroll 8
      for (int v = 0; v < V; ++v) acc[r * V + v] = Vec::madd(weight, pixels[v], acc[r * V + v]);
    }
  }
  if (t.spots == nullptr) {
#pragma GCC unroll 32
    for (int i = 0; i < R * V; ++i) Vec::store(t.y + i / V * t.y_row + i % V * Vec::kLanes, acc[i]);
    return;
  }
#pragma GCC unroll 8
  for (int v = 0; v < V; ++v) {
    const ConvSpot& spot = t.spots[v];
    float* y = t.y + spot.at;
    if (spot.end - spot.begin == Vec::kLanes) {
#pragma GCC unroll 8
      for (int r = 0; r < R; ++r) Vec::store(y + r * t.y_row, acc[r * V + v]);
      continue;
    }
    float* next = t.y + spot.next;
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) {
      Vec::store_lanes(y + r * t.y_row, acc[r * V + v], spot.begin, spot.end);
      Vec::store_lanes(next + r * t.y_row, acc[r * V + v], spot.next_begin, spot.next_end);
    }
  }
}

// One vector of which only the first t.pixels exist in memory.
template <class Vec, int R>
void conv_edge(const ConvTile& t) {
  using Reg = typename Vec::Reg;
  const auto some = Vec::first(t.pixels);
  Reg acc[R];
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) acc[r] = Vec::broadcast(t.bias + r);
  for (int64_t k = 0; k < t.k; ++k) {
    const Reg pixels = Vec::load_some(t.x + t.offset[k], some);
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) acc[r] = Vec::madd(Vec::broadcast(t.w + r * t.w_row + k), pixels, acc[r]);
  }
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) Vec::store_some(t.y + r * t.y_row, acc[r], some);
}

template <class Vec>
void copy_dense_rows(const CopyRows& c) {
  constexpr int64_t kLanes = Vec::kLanes;
  const auto some = Vec::first(std::min(c.n, kLanes));
  for (int64_t r = 0; r < c.rows; ++r) {
    float* to = c.to + r * c.to_row;
    const float* from = c.from + r * c.from_row;
    if (c.n < kLanes) {
      Vec::store_some(to, Vec::load_some(from, some), some);
      continue;
    }
    for (int64_t i = 0; i < c.n - kLanes; i += kLanes) Vec::store(to + i, Vec::load(from + i));
    Vec::store(to + c.n - kLanes, Vec::load(from + c.n - kLanes));
  }
}

// Every second float. The one behind the last is not touched: it may be outside of the tensor.
template <class Vec>
void copy_even_rows(const CopyRows& c) {
  constexpr int64_t kLanes = Vec::kLanes;
  const int64_t last = (c.n - 1) / kLanes * kLanes, rest = 2 * (c.n - last) - 1;
  const auto low = Vec::first(std::min(rest, kLanes)), high = Vec::first(std::max<int64_t>(rest - kLanes, 0));
  const auto some = Vec::first(c.n - last);
  for (int64_t r = 0; r < c.rows; ++r) {
    float* to = c.to + r * c.to_row;
    const float* from = c.from + r * c.from_row;
    for (int64_t i = 0; i < last; i += kLanes, from += 2 * kLanes) {
      Vec::store(to + i, Vec::even(Vec::load(from), Vec::load(from + kLanes)));
    }
    Vec::store_some(to + last, Vec::even(Vec::load_some(from, low), Vec::load_some(from + kLanes, high)), some);
  }
}

template <class Vec>
void copy_rows(const CopyRows& c) {
  if (c.n == 0) return;
  if (c.step == 1) return copy_dense_rows<Vec>(c);
  if (c.step == 2) return copy_even_rows<Vec>(c);
  for (int64_t r = 0; r < c.rows; ++r) {
    for (int64_t i = 0; i < c.n; ++i) c.to[r * c.to_row + i] = c.from[r * c.from_row + i * c.step];
  }
}

}  // namespace
}  // namespace rondo::kernels
