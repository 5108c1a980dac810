// Products of bf16 with sums in f32. A register of B holds 16 columns of two successive k, so one instruction does what
// two of the f32 kernel do, on half of the bytes. Per lane vdpbf16ps adds the product of the odd k, then that of the
// even one, and takes denormals as zero, in factors and in sums.
#include <immintrin.h>

#include "kernels/cpu/gemm_tile.h"

namespace rondo::kernels {
namespace {

struct Vec {
  using Reg = __m512;
  static constexpr int kLanes = 16, kBytes = 64;
  static constexpr GemmFormat kFormat = GemmFormat::kBf16Pairs;
  static Reg load(const float* p) { return _mm512_loadu_ps(p); }
  static Reg load_b(const std::byte* p) { return _mm512_loadu_ps(p); }
  static void store(float* p, Reg v) { _mm512_storeu_ps(p, v); }
  static Reg broadcast(const float* p) { return _mm512_set1_ps(*p); }
  static Reg zero() { return _mm512_setzero_ps(); }
  static Reg add(Reg a, Reg b) { return _mm512_add_ps(a, b); }
  static Reg mul(Reg a, Reg b) { return _mm512_mul_ps(a, b); }
  static Reg madd(Reg a, Reg b, Reg c) {
    return _mm512_dpbf16_ps(c, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
  }
  static void keep(Reg& v) { asm("" : "+v"(v)); }
};

constexpr GemmFamily kFamilies[] = {GemmTable<Vec, Isa::kAvx512Bf16, 2, 8, 8, 8, 6>::family()};

}  // namespace

std::span<const GemmFamily> gemm_families_avx512bf16() { return kFamilies; }

}  // namespace rondo::kernels
