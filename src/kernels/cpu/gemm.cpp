#include "kernels/cpu/gemm.h"

#include <algorithm>

namespace rondo::kernels {
namespace {

GemmKernels index_rows(Isa isa, int lanes) {
  GemmKernels kernels;
  kernels.lanes = lanes;
  for (const GemmRow& row : gemm_rows(isa)) {
    kernels.max_vectors = std::max(kernels.max_vectors, row.vectors);
    if (row.panels > 1) {
      kernels.wide[row.vectors] = row.fn;
      kernels.wide_panels = row.panels;
    } else {
      kernels.fn[row.vectors][row.rows] = row.fn;
      kernels.max_rows[row.vectors] = std::max(kernels.max_rows[row.vectors], row.rows);
    }
  }
  return kernels;
}

int lanes_of(Isa isa) { return isa == Isa::kAvx512 ? 16 : isa == Isa::kAvx2 ? 8 : 4; }

}  // namespace

std::span<const GemmRow> gemm_rows(Isa isa) {
#if !defined(RONDO_NO_X86_KERNELS)
  if (isa == Isa::kAvx512) return gemm_rows_avx512();
  if (isa == Isa::kAvx2) return gemm_rows_avx2();
#endif
  (void)isa;
  return gemm_rows_scalar();
}

const GemmKernels& gemm_kernels(Isa isa) {
  static const GemmKernels tables[] = {index_rows(Isa::kScalar, lanes_of(Isa::kScalar)),
                                       index_rows(Isa::kAvx2, lanes_of(Isa::kAvx2)),
                                       index_rows(Isa::kAvx512, lanes_of(Isa::kAvx512))};
  return tables[static_cast<size_t>(isa)];
}

PanelShape panel_shape(Isa isa, int64_t gates) {
  const int max_vectors = gemm_kernels(isa).max_vectors;
  PanelShape shape;
  shape.lanes = lanes_of(isa);
  shape.units = shape.lanes * (isa == Isa::kAvx512 ? (gates == 1 ? 4 : gates == 2 ? 2 : 1) : max_vectors);
  shape.vectors = static_cast<int>(gates) * shape.units / shape.lanes;
  shape.groups = (shape.vectors + max_vectors - 1) / max_vectors;
  return shape;
}

}  // namespace rondo::kernels
