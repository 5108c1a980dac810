// 16 registers: up to 12 accumulators, 2 vectors of B, 1 broadcast of A.
#include <immintrin.h>

#include "kernels/cpu/gemm_tile.h"

namespace rondo::kernels {
namespace {

struct Vec {
  using Reg = __m256;
  static constexpr int kLanes = 8, kBytes = 32;
  static constexpr GemmFormat kFormat = GemmFormat::kF32;
  static Reg load(const float* p) { return _mm256_loadu_ps(p); }
  static Reg load_b(const std::byte* p) { return _mm256_loadu_ps(reinterpret_cast<const float*>(p)); }
  static void store(float* p, Reg v) { _mm256_storeu_ps(p, v); }
  static Reg broadcast(const float* p) { return _mm256_broadcast_ss(p); }
  static Reg zero() { return _mm256_setzero_ps(); }
  static Reg add(Reg a, Reg b) { return _mm256_add_ps(a, b); }
  static Reg mul(Reg a, Reg b) { return _mm256_mul_ps(a, b); }
  static Reg madd(Reg a, Reg b, Reg c) { return _mm256_fmadd_ps(a, b, c); }
  static void keep(Reg& v) { asm("" : "+x"(v)); }
};

struct VecF16 : Vec {
  static constexpr int kBytes = 16;
  static constexpr GemmFormat kFormat = GemmFormat::kF16;
  static Reg load_b(const std::byte* p) {
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
};

struct VecBf16 : Vec {
  static constexpr int kBytes = 16;
  static constexpr GemmFormat kFormat = GemmFormat::kBf16;
  static Reg load_b(const std::byte* p) {
    const __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    return _mm256_castsi256_ps(_mm256_slli_epi32(wide, 16));
  }
};

template <class V>
using Table = GemmTable<V, Isa::kAvx2, 4, 6, 6>;
constexpr GemmFamily kFamilies[] = {Table<Vec>::family(), Table<VecF16>::family(), Table<VecBf16>::family()};

}  // namespace

std::span<const GemmFamily> gemm_families_avx2() { return kFamilies; }

}  // namespace rondo::kernels
