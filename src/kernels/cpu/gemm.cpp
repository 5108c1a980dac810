#include "kernels/cpu/gemm.h"

#include <algorithm>
#include <iterator>

namespace rondo::kernels {
namespace {

int lanes_of(Isa isa) { return isa >= Isa::kAvx512 ? 16 : isa == Isa::kAvx2 ? 8 : 4; }

GemmKernels index_rows(Isa isa, GemmFormat format) {
  GemmKernels kernels;
  kernels.lanes = lanes_of(isa);
  for (const GemmRow& row : gemm_rows(isa, format)) {
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

struct Tables {
  GemmKernels of[kIsaCount][kGemmFormats];
  Tables() {
    for (int isa = 0; isa < kIsaCount; ++isa) {
      for (int format = 0; format < kGemmFormats; ++format) {
        of[isa][format] = index_rows(static_cast<Isa>(isa), static_cast<GemmFormat>(format));
      }
    }
  }
};

}  // namespace

GemmFormat gemm_format(Isa isa, DType stored, DType product) {
  if (product == DType::kBFloat16) return isa >= Isa::kAvx512Bf16 ? GemmFormat::kBf16Pairs : GemmFormat::kBf16;
  if (stored == DType::kFloat16) return GemmFormat::kF16;
  return stored == DType::kBFloat16 ? GemmFormat::kBf16 : GemmFormat::kF32;
}

const char* gemm_format_name(GemmFormat format) {
  constexpr const char* kNames[] = {"f32", "f16_f32", "bf16_f32", "bf16_pairs_f32"};
  static_assert(std::size(kNames) == kGemmFormats);
  return kNames[static_cast<size_t>(format)];
}

std::span<const GemmRow> gemm_rows(Isa isa, GemmFormat format) {
  static const std::span<const GemmFamily> files[] = {
#if !defined(RONDO_NO_X86_KERNELS)
    gemm_families_avx512bf16(),
    gemm_families_avx512(),
    gemm_families_avx2(),
#endif
    gemm_families_scalar()
  };  // the widest first
  for (const std::span<const GemmFamily> file : files) {
    for (const GemmFamily& family : file) {
      if (family.isa <= isa && family.format == format) return family.rows;
    }
  }
  return {};
}

const GemmKernels& gemm_kernels(Isa isa, GemmFormat format) {
  static const Tables tables;
  return tables.of[static_cast<size_t>(isa)][static_cast<size_t>(format)];
}

PanelShape panel_shape(Isa isa, int64_t gates) {
  const int max_vectors = gemm_kernels(isa).max_vectors;
  PanelShape shape;
  shape.lanes = lanes_of(isa);
  shape.units = shape.lanes * (isa >= Isa::kAvx512 ? (gates == 1 ? 4 : gates == 2 ? 2 : 1) : max_vectors);
  shape.vectors = static_cast<int>(gates) * shape.units / shape.lanes;
  shape.groups = (shape.vectors + max_vectors - 1) / max_vectors;
  return shape;
}

}  // namespace rondo::kernels
