// The kernel for machines without a file of their own. Vectors of four are spelled with the compiler's vector
// extension, which every target has; multiply and add round separately, because the baseline has no fused form.
#include <cstring>

#include "base/half.h"
#include "kernels/cpu/gemm_tile.h"

namespace rondo::kernels {
namespace {

struct Vec {
  typedef float Reg __attribute__((vector_size(16)));
  static constexpr int kLanes = 4, kBytes = 16;
  static constexpr GemmFormat kFormat = GemmFormat::kF32;
  static Reg load(const float* p) {
    Reg v;
    std::memcpy(&v, p, sizeof(v));
    return v;
  }
  static Reg load_b(const std::byte* p) { return load(reinterpret_cast<const float*>(p)); }
  static void store(float* p, Reg v) { std::memcpy(p, &v, sizeof(v)); }
  static Reg broadcast(const float* p) { return Reg{*p, *p, *p, *p}; }
  static Reg zero() { return Reg{}; }
  static Reg add(Reg a, Reg b) { return a + b; }
  static Reg mul(Reg a, Reg b) { return a * b; }
  static Reg madd(Reg a, Reg b, Reg c) { return a * b + c; }
  static void keep(Reg&) {}
};

template <float (*widen)(uint16_t)>
struct VecNarrow : Vec {
  static constexpr int kBytes = 8;
  static Reg load_b(const std::byte* p) {
    uint16_t bits[kLanes];
    std::memcpy(bits, p, sizeof(bits));
    return Reg{widen(bits[0]), widen(bits[1]), widen(bits[2]), widen(bits[3])};
  }
};
struct VecF16 : VecNarrow<half_to_float> {
  static constexpr GemmFormat kFormat = GemmFormat::kF16;
};
struct VecBf16 : VecNarrow<bfloat16_to_float> {
  static constexpr GemmFormat kFormat = GemmFormat::kBf16;
};

template <class V>
using Table = GemmTable<V, Isa::kScalar, 4, 4, 4>;
constexpr GemmFamily kFamilies[] = {Table<Vec>::family(), Table<VecF16>::family(), Table<VecBf16>::family()};

}  // namespace

std::span<const GemmFamily> gemm_families_scalar() { return kFamilies; }

}  // namespace rondo::kernels
