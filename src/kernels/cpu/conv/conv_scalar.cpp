// The kernel for machines without a file of their own. Vectors of four are spelled with the compiler's vector
// extension, which every target has; multiply and add round separately, because the baseline has no fused form.
#include <cstring>

#include "kernels/cpu/conv/conv_tile.h"

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

template <int R, int V>
constexpr ConvRow kRow = kConvRow<Vec, R, V>;
template <int R>
constexpr ConvRow kEdge = kConvEdge<Vec, R>;

constexpr ConvRow kRows[] = {
    kEdge<1>,   kEdge<2>,   kEdge<3>,   kEdge<4>,   kRow<1, 1>, kRow<1, 2>, kRow<1, 3>, kRow<1, 4>, kRow<2, 1>,
    kRow<2, 2>, kRow<2, 3>, kRow<2, 4>, kRow<3, 1>, kRow<3, 2>, kRow<3, 3>, kRow<4, 1>, kRow<4, 2>,
};

}  // namespace

ConvIsa conv_isa_scalar() { return {Vec::kLanes, kRows, copy_rows<Vec>, 0.4}; }

}  // namespace rondo::kernels
