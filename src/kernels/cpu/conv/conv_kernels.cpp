#include "kernels/cpu/conv/conv_kernels.h"

#include <algorithm>

namespace rondo::kernels {
namespace {

ConvKernels index_rows(const ConvFamily& from) {
  ConvKernels kernels;
  kernels.lanes = from.lanes;
  kernels.copy_rows = from.copy_rows;
  kernels.pair_row = from.pair_row;
  kernels.ns_per_vector = from.ns_per_vector;
  for (const ConvRow& row : from.rows) {
    kernels.max_rows = std::max(kernels.max_rows, row.rows);
    kernels.max_vectors[row.rows] = std::max(kernels.max_vectors[row.rows], row.vectors);
    (row.vectors == 0 ? kernels.edge[row.rows] : kernels.fn[row.rows][row.vectors]) = row.fn;
  }
  return kernels;
}

ConvKernels widest_up_to(Isa isa, GemmFormat format) {
  const ConvFamily families[] = {
#if !defined(RONDO_NO_X86_KERNELS)
    conv_family_avx512bf16(),
    conv_family_avx512(),
    conv_family_avx2(),
#endif
    conv_family_scalar()
  };  // the widest first
  for (const ConvFamily& family : families) {
    if (family.isa <= isa && family.format == format) return index_rows(family);
  }
  return {};
}

struct Tables {
  ConvKernels of[kIsaCount][kGemmFormats];
  Tables() {
    for (int isa = 0; isa < kIsaCount; ++isa) {
      for (int format = 0; format < kGemmFormats; ++format) {
        of[isa][format] = widest_up_to(static_cast<Isa>(isa), static_cast<GemmFormat>(format));
      }
    }
  }
};

}  // namespace

const ConvKernels& conv_kernels(Isa isa, GemmFormat format) {
  static const Tables tables;
  return tables.of[static_cast<size_t>(isa)][static_cast<size_t>(format)];
}

}  // namespace rondo::kernels
