#include "kernels/cpu/conv/conv_kernels.h"

#include <algorithm>

namespace rondo::kernels {
namespace {

ConvIsa provided(Isa isa) {
#if !defined(RONDO_NO_X86_KERNELS)
  if (isa >= Isa::kAvx512) return conv_isa_avx512();
  if (isa == Isa::kAvx2) return conv_isa_avx2();
#endif
  (void)isa;
  return conv_isa_scalar();
}

ConvKernels index_rows(Isa isa) {
  const ConvIsa from = provided(isa);
  ConvKernels kernels;
  kernels.lanes = from.lanes;
  kernels.copy_rows = from.copy_rows;
  kernels.ns_per_vector = from.ns_per_vector;
  for (const ConvRow& row : from.rows) {
    kernels.max_rows = std::max(kernels.max_rows, row.rows);
    kernels.max_vectors[row.rows] = std::max(kernels.max_vectors[row.rows], row.vectors);
    (row.vectors == 0 ? kernels.edge[row.rows] : kernels.fn[row.rows][row.vectors]) = row.fn;
  }
  return kernels;
}

}  // namespace

const ConvKernels& conv_kernels(Isa isa) {
  static const ConvKernels tables[] = {index_rows(Isa::kScalar), index_rows(Isa::kAvx2), index_rows(Isa::kAvx512)};
  return tables[static_cast<size_t>(std::min(isa, Isa::kAvx512))];
}

}  // namespace rondo::kernels
