#pragma once

// The vectors of block code and the few operations on them that the notation of GCC does not have, for AVX-512 and
// AVX2. RONDO_BLOCK and its companions name the vectors of a block as parameters and arguments; element_blocks.h, which
// ends block code, forgets them.

#include <cstdint>

#if defined(__AVX2__)
#include <immintrin.h>

namespace rondo::kernels {
namespace {

#if defined(__AVX512F__)
typedef __m512 BlockVector;
constexpr int kBlockVectors = 4;
#define RONDO_BLOCK BlockVector v0, BlockVector v1, BlockVector v2, BlockVector v3
#define RONDO_BLOCK_PACK \
  { v0, v1, v2, v3 }
#define RONDO_BLOCK_PASS(v) v[0], v[1], v[2], v[3]
inline BlockVector read(const float* p) { return _mm512_loadu_ps(p); }
inline BlockVector spread(const float* p) { return _mm512_set1_ps(*p); }
inline void write(float* p, BlockVector v) { _mm512_storeu_ps(p, v); }
inline void write_past_caches(float* p, BlockVector v) { _mm512_stream_ps(p, v); }
inline void write_quarters_past_caches(float* p, BlockVector v) {
  _mm_stream_ps(p, _mm512_castps512_ps128(v));
  _mm_stream_ps(p + 4, _mm512_extractf32x4_ps(v, 1));
  _mm_stream_ps(p + 8, _mm512_extractf32x4_ps(v, 2));
  _mm_stream_ps(p + 12, _mm512_extractf32x4_ps(v, 3));
}
inline BlockVector larger(BlockVector a, BlockVector b) { return _mm512_max_ps(a, b); }   // a > b ? a : b
inline BlockVector smaller(BlockVector a, BlockVector b) { return _mm512_min_ps(a, b); }  // a < b ? a : b
inline BlockVector unless_nan(BlockVector v, BlockVector b, BlockVector a) {              // b is NaN ? a : v
  return _mm512_mask_mov_ps(v, _mm512_cmp_ps_mask(b, b, _CMP_UNORD_Q), a);
}
inline BlockVector root(BlockVector v) { return _mm512_sqrt_ps(v); }
// `n` in a block, of which the vector is number k: at least 1 and at most 64.
inline __mmask16 first_lanes(int64_t n, int k) { return static_cast<__mmask16>(~uint64_t{0} >> (64 - n) >> (16 * k)); }
inline BlockVector keep_first(BlockVector v, int64_t n, int k, float rest) {
  return _mm512_mask_mov_ps(_mm512_set1_ps(rest), first_lanes(n, k), v);
}
inline BlockVector read_first(const float* p, int64_t n, int k) { return _mm512_maskz_loadu_ps(first_lanes(n, k), p); }
inline void write_first(float* p, BlockVector v, int64_t n, int k) { _mm512_mask_storeu_ps(p, first_lanes(n, k), v); }
#else
typedef __m256 BlockVector;
constexpr int kBlockVectors = 8;
#define RONDO_BLOCK                                                                                               \
  BlockVector v0, BlockVector v1, BlockVector v2, BlockVector v3, BlockVector v4, BlockVector v5, BlockVector v6, \
      BlockVector v7
#define RONDO_BLOCK_PACK \
  { v0, v1, v2, v3, v4, v5, v6, v7 }
#define RONDO_BLOCK_PASS(v) v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]
inline BlockVector read(const float* p) { return _mm256_loadu_ps(p); }
inline BlockVector spread(const float* p) { return _mm256_set1_ps(*p); }
inline void write(float* p, BlockVector v) { _mm256_storeu_ps(p, v); }
inline void write_past_caches(float* p, BlockVector v) { _mm256_stream_ps(p, v); }
inline void write_quarters_past_caches(float* p, BlockVector v) {
  _mm_stream_ps(p, _mm256_castps256_ps128(v));
  _mm_stream_ps(p + 4, _mm256_extractf128_ps(v, 1));
}
inline BlockVector larger(BlockVector a, BlockVector b) { return _mm256_max_ps(a, b); }   // a > b ? a : b
inline BlockVector smaller(BlockVector a, BlockVector b) { return _mm256_min_ps(a, b); }  // a < b ? a : b
inline BlockVector unless_nan(BlockVector v, BlockVector b, BlockVector a) {              // b is NaN ? a : v
  return _mm256_blendv_ps(v, a, _mm256_cmp_ps(b, b, _CMP_UNORD_Q));
}
inline BlockVector root(BlockVector v) { return _mm256_sqrt_ps(v); }
// `n` in a block, of which the vector is number k.
inline __m256i first_lanes(int64_t n, int k) {
  const __m256i left = _mm256_set1_epi32(static_cast<int>(n) - 8 * k);
  return _mm256_cmpgt_epi32(left, _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
inline BlockVector keep_first(BlockVector v, int64_t n, int k, float rest) {
  return _mm256_blendv_ps(_mm256_set1_ps(rest), v, _mm256_castsi256_ps(first_lanes(n, k)));
}
inline BlockVector read_first(const float* p, int64_t n, int k) { return _mm256_maskload_ps(p, first_lanes(n, k)); }
// Masked stores are slow: one for a row at most.
inline void write_first(float* p, BlockVector v, int64_t n, int k) {
  if (n >= 8 * (k + 1)) {
    write(p, v);
  } else if (n > 8 * k) {
    _mm256_maskstore_ps(p, first_lanes(n, k), v);
  }
}
#endif

}  // namespace
}  // namespace rondo::kernels

#endif
