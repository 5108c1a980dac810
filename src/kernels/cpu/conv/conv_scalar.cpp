// The kernel for machines without a file of their own. Vectors of four are spelled with the compiler's vector
// extension, which every target has; multiply and add round separately, because the baseline has no fused form.
#include <cstring>

#include "kernels/cpu/conv/conv_table.h"

namespace rondo::kernels {
namespace {

struct Vec {
  typedef float Reg __attribute__((vector_size(16)));
  static constexpr int kLanes = 4;
  static constexpr GemmFormat kFormat = GemmFormat::kF32;
  static Reg load(const float* p) {
    Reg v;
    std::memcpy(&v, p, sizeof(v));
    return v;
  }
  static void store(float* p, Reg v) { std::memcpy(p, &v, sizeof(v)); }
  static size_t first(int64_t n) { return static_cast<size_t>(n) * sizeof(float); }
  static Reg load_some(const float* p, size_t bytes) {
    Reg v{};
    std::memcpy(&v, p, bytes);
    return v;
  }
  static void store_some(float* p, Reg v, size_t bytes) { std::memcpy(p, &v, bytes); }
  static void store_lanes(float* p, Reg v, int begin, int end) {
    for (int i = begin; i < end; ++i) p[i] = v[i];
  }
  static Reg even(Reg a, Reg b) { return Reg{a[0], a[2], b[0], b[2]}; }
  static Reg broadcast(const float* p) { return Reg{*p, *p, *p, *p}; }
  static Reg madd(Reg a, Reg b, Reg c) { return a * b + c; }
  static void keep(Reg&) {}
};

}  // namespace

ConvFamily conv_family_scalar() { return ConvTable<Vec, 4, 4, 2, 2>::family(Isa::kScalar, 0.4); }

}  // namespace rondo::kernels
