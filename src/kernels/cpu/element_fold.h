// reason: all row reductions in one place.
#pragma once

// Row reductions of the tile interpreter. 64 lanes in flight hide the latency of additions on every instruction set;
// they are vectors of the machine's width in the notation of GCC. A sum's lanes are emptied into doubles after 8
// additions each: as fast as plain floats, and rows of any length keep the accuracy of short ones. A short piece is
// filled up with the neutral element.

#include <cstdint>
#include <cstring>

#include "tile/functions.h"

#pragma GCC diagnostic ignored "-Wpsabi"  // vectors are passed within a file only

namespace rondo::kernels {
namespace {

using tile::FoldState;

#if defined(__AVX512F__)
constexpr int kFoldWidth = 16;
#elif defined(__AVX__)
constexpr int kFoldWidth = 8;
#else
constexpr int kFoldWidth = 4;
#endif
typedef float FoldVector __attribute__((vector_size(4 * kFoldWidth), aligned(4), may_alias));
constexpr int64_t kFoldLanes = 64;
constexpr int64_t kFoldSteps = 8;
constexpr int kFoldVectors = kFoldLanes / kFoldWidth;

inline const FoldVector* vectors(const float* x) { return reinterpret_cast<const FoldVector*>(x); }
inline FoldVector* vectors(float* x) { return reinterpret_cast<FoldVector*>(x); }

// lanes = lanes op in, `steps` times 64 elements, with the lanes in registers.
template <class Op>
void fold_lanes(float* lanes, const float* in, int64_t steps) {
  FoldVector v[kFoldVectors];
#pragma GCC unroll 16
  for (int k = 0; k < kFoldVectors; ++k) v[k] = vectors(lanes)[k];
  for (int64_t i = 0; i < steps; ++i, in += kFoldLanes) {
#pragma GCC unroll 16
    for (int k = 0; k < kFoldVectors; ++k) v[k] = Op::step(v[k], vectors(in)[k]);
  }
#pragma GCC unroll 16
  for (int k = 0; k < kFoldVectors; ++k) vectors(lanes)[k] = v[k];
}

// Vectors of fixed length: the compiler cuts them to what the machine has.
typedef float FoldFloats8 __attribute__((vector_size(32), aligned(4), may_alias));
typedef double FoldDoubles8 __attribute__((vector_size(64), aligned(8), may_alias));
typedef double FoldDoubles4 __attribute__((vector_size(32)));

inline FoldDoubles8 eight_sums(const float* lanes) {
  const auto at = [&](int lane) { return *reinterpret_cast<const FoldFloats8*>(lanes + lane); };
  return __builtin_convertvector((at(0) + at(16)) + (at(32) + at(48)), FoldDoubles8);
}

struct SumFold {
  static constexpr float kNeutral = 0;
  static constexpr bool kWide = true;
  static FoldVector step(FoldVector a, FoldVector x) { return a + x; }
  static FoldDoubles8& wide(FoldState* s, int half) { return *reinterpret_cast<FoldDoubles8*>(s->wide + 8 * half); }
  static void clear(FoldState* s) {
#pragma GCC unroll 16
    for (int k = 0; k < kFoldVectors; ++k) vectors(s->lanes)[k] = FoldVector{};
    s->steps = 0;
  }
  static void start(FoldState* s) {
    clear(s);
    wide(s, 0) = wide(s, 1) = FoldDoubles8{};
  }
  static void flush(FoldState* s) {
    wide(s, 0) += eight_sums(s->lanes);
    wide(s, 1) += eight_sums(s->lanes + 8);
    clear(s);
  }
  static double finish(FoldState* s) {
    const FoldDoubles8 eight = (wide(s, 0) + eight_sums(s->lanes)) + (wide(s, 1) + eight_sums(s->lanes + 8));
    const FoldDoubles4 four =
        __builtin_shufflevector(eight, eight, 0, 1, 2, 3) + __builtin_shufflevector(eight, eight, 4, 5, 6, 7);
    return (four[0] + four[2]) + (four[1] + four[3]);
  }
};

template <bool kLargest>
struct ExtremeFold {
  static constexpr float kNeutral = kLargest ? -__builtin_inff() : __builtin_inff();
  static constexpr bool kWide = false;
  static FoldVector step(FoldVector a, FoldVector x) { return (kLargest ? x > a : x < a) ? x : a; }
  static void start(FoldState* s) {
    for (float& lane : s->lanes) lane = kNeutral;
  }
  static double finish(FoldState* s) {
    FoldVector v[kFoldVectors];
#pragma GCC unroll 16
    for (int k = 0; k < kFoldVectors; ++k) v[k] = vectors(s->lanes)[k];
    for (int half = kFoldVectors / 2; half > 0; half /= 2) {
#pragma GCC unroll 8
      for (int k = 0; k < half; ++k) v[k] = step(v[k], v[k + half]);
    }
    vectors(s->lanes)[0] = v[0];
    for (int half = kFoldWidth / 2; half > 0; half /= 2) {
      for (int l = 0; l < half; ++l) {
        const float x = s->lanes[l + half], a = s->lanes[l];
        s->lanes[l] = (kLargest ? x > a : x < a) ? x : a;
      }
    }
    return s->lanes[0];
  }
};

template <class Fold>
void fold_step(FoldState* s, const float* in, int64_t n) {
  int64_t whole = n / kFoldLanes;
  if constexpr (Fold::kWide) {
    while (whole > 0) {
      const int64_t steps = whole < kFoldSteps - s->steps ? whole : kFoldSteps - s->steps;
      fold_lanes<Fold>(s->lanes, in, steps);
      in += steps * kFoldLanes;
      whole -= steps;
      s->steps += steps;
      if (s->steps == kFoldSteps) Fold::flush(s);
    }
  } else {
    fold_lanes<Fold>(s->lanes, in, whole);
    in += whole * kFoldLanes;
  }
  const int64_t rest = n % kFoldLanes;
  if (rest == 0) return;
  float last[kFoldLanes];
  for (float& x : last) x = Fold::kNeutral;
  std::memcpy(last, in, static_cast<size_t>(rest) * sizeof(float));
  fold_lanes<Fold>(s->lanes, last, 1);
  if constexpr (Fold::kWide) {
    if (++s->steps == kFoldSteps) Fold::flush(s);
  }
}

// Products leave the range of floats long before their result does.
struct ProductFold {
  static void start(FoldState* s) {
    for (double& w : s->wide) w = 1;
  }
  static double finish(FoldState* s) {
    for (int half = 8; half > 0; half /= 2) {
      for (int l = 0; l < half; ++l) s->wide[l] *= s->wide[l + half];
    }
    return s->wide[0];
  }
};
template <>
inline void fold_step<ProductFold>(FoldState* s, const float* in, int64_t n) {
  int64_t i = 0;
  for (; i + 16 <= n; i += 16) {
    for (int l = 0; l < 16; ++l) s->wide[l] *= static_cast<double>(in[i + l]);
  }
  for (int l = 0; i < n; ++i, ++l) s->wide[l] *= static_cast<double>(in[i]);
}

template <class Fold>
void fold_rows(float* out, const float* in, int64_t rows, int64_t cols, double divisor) {
  FoldState state;
  for (int64_t r = 0; r < rows; ++r) {
    Fold::start(&state);
    fold_step<Fold>(&state, in + r * cols, cols);
    out[r] = static_cast<float>(Fold::finish(&state) / divisor);
  }
}

template <class Fold>
tile::RowFolder row_folder() {
  return {Fold::start, fold_step<Fold>, Fold::finish, fold_rows<Fold>};
}

inline void add_folds(tile::TileFunctions& table) {
  const auto at = [&](tile::RowFold fold) -> tile::RowFolder& { return table.folds[static_cast<size_t>(fold)]; };
  at(tile::RowFold::kSum) = at(tile::RowFold::kAvg) = row_folder<SumFold>();
  at(tile::RowFold::kProd) = row_folder<ProductFold>();
  at(tile::RowFold::kMax) = row_folder<ExtremeFold<true>>();
  at(tile::RowFold::kMin) = row_folder<ExtremeFold<false>>();
}

}  // namespace
}  // namespace rondo::kernels
