// 32 registers: up to 24 accumulators, 4 vectors of B, 1 broadcast of A. Narrow B is widened once for all rows of a
// tile.
#include <immintrin.h>

#include "kernels/cpu/gemm_tile.h"

namespace rondo::kernels {
namespace {

struct Vec {
  using Reg = __m512;
  static constexpr int kLanes = 16, kBytes = 64;
  static constexpr GemmFormat kFormat = GemmFormat::kF32;
  static Reg load(const float* p) { return _mm512_loadu_ps(p); }
  static Reg load_b(const std::byte* p) { return _mm512_loadu_ps(p); }
  static void store(float* p, Reg v) { _mm512_storeu_ps(p, v); }
  static Reg broadcast(const float* p) { return _mm512_set1_ps(*p); }
  static Reg zero() { return _mm512_setzero_ps(); }
  static Reg add(Reg a, Reg b) { return _mm512_add_ps(a, b); }
  static Reg mul(Reg a, Reg b) { return _mm512_mul_ps(a, b); }
  static Reg madd(Reg a, Reg b, Reg c) { return _mm512_fmadd_ps(a, b, c); }
  static void keep(Reg& v) { asm("" : "+v"(v)); }
};

struct VecF16 : Vec {
  static constexpr int kBytes = 32;
  static constexpr GemmFormat kFormat = GemmFormat::kF16;
  static Reg load_b(const std::byte* p) {
    return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
  }
};

struct VecBf16 : Vec {
  static constexpr int kBytes = 32;
  static constexpr GemmFormat kFormat = GemmFormat::kBf16;
  static Reg load_b(const std::byte* p) {
    const __m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
    return _mm512_castsi512_ps(_mm512_slli_epi32(wide, 16));
  }
};

template <class V>
using Table = GemmTable<V, Isa::kAvx512, 2, 8, 8, 8, 6>;
constexpr GemmFamily kFamilies[] = {Table<Vec>::family(), Table<VecF16>::family(), Table<VecBf16>::family()};

}  // namespace

std::span<const GemmFamily> gemm_families_avx512() { return kFamilies; }

}  // namespace rondo::kernels
