// The kernel for machines without a file of their own. Vectors of four are spelled with the compiler's vector
// extension, which every target has; multiply and add round separately, because the baseline has no fused form.
#include <cstring>

#include "kernels/cpu/gemm_tile.h"

namespace rondo::kernels {
namespace {

struct Vec {
  typedef float Reg __attribute__((vector_size(16)));
  static constexpr int kLanes = 4;
  static Reg load(const float* p) {
    Reg v;
    std::memcpy(&v, p, sizeof(v));
    return v;
  }
  static void store(float* p, Reg v) { std::memcpy(p, &v, sizeof(v)); }
  static Reg broadcast(const float* p) { return Reg{*p, *p, *p, *p}; }
  static Reg zero() { return Reg{}; }
  static Reg madd(Reg a, Reg b, Reg c) { return a * b + c; }
  static void keep(Reg&) {}
};

template <int R, int V, int P = 1>
constexpr GemmRow kRow{Isa::kScalar, R, V, P, gemm_tile<Vec, R, V, P>};

constexpr GemmRow kRows[] = {
    kRow<1, 1>, kRow<2, 1>, kRow<3, 1>, kRow<4, 1>,    kRow<1, 2>,
    kRow<2, 2>, kRow<3, 2>, kRow<4, 2>, kRow<1, 1, 4>, kRow<1, 2, 4>,
};

}  // namespace

std::span<const GemmRow> gemm_rows_scalar() { return kRows; }

}  // namespace rondo::kernels
