#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/dtype.h"
#include "kernels/cpu/isa.h"

namespace rondo::kernels {

/// How a micro-kernel finds A and B in memory. Sums are f32 in all of them.
enum class GemmFormat : uint8_t {
  kF32,        ///< A and B f32
  kF16,        ///< A f32; B f16, widened as it is read
  kBf16,       ///< A f32; B bf16, widened as it is read
  kBf16Pairs,  ///< A and B words of two bf16, of even k below and odd k above; a step takes one word. From kAvx512Bf16 on
};
constexpr int kGemmFormats = 4;

/// The format for elements of B stored as `stored` (f32, f16 or bf16) whose products take factors as they are (kFloat32) or rounded
/// to bf16 (kBFloat16). A product rounded to bf16 without hardware for pairs has its A rounded by pack_factors().
GemmFormat gemm_format(Isa isa, DType stored, DType product);
/// Steps of a micro-kernel for k products: half of them, rounded up, if a step takes a pair.
inline int64_t gemm_steps(GemmFormat format, int64_t k) { return format == GemmFormat::kBf16Pairs ? (k + 1) / 2 : k; }
/// Bytes of B in one lane of one step.
inline int64_t gemm_lane_bytes(GemmFormat format) {
  return format == GemmFormat::kF16 || format == GemmFormat::kBf16 ? 2 : 4;
}
/// "f32", "f16_f32", "bf16_f32", "bf16_pairs_f32".
const char* gemm_format_name(GemmFormat format);

/// What is added to the sums of a tile: element (row, vector) stands at `at` as that of C stands at c.
struct GemmTerm {
  const float* at = nullptr;
  int64_t row = 0;  ///< floats between rows
};
constexpr int kMaxGemmTerms = 2;

/// One call of a micro-kernel: C(row, vector) (+)= sum over k, ascending, of A(row, k) * B(k, vector); rows and vectors are the
/// kernel's own. Every element is the sequential fused multiply-add over k from 0 (or from C), whatever the kernel's height: tiles
/// of any height, and k split over several calls, give the same bits. A step of pairs rounds as the machine's instruction does,
/// which takes denormals, sums included, as zero.
struct GemmTile {
  const float* a = nullptr;      ///< f32, or words of pairs
  int64_t a_row = 0, a_k = 0;    ///< words between rows, and between successive steps
  const std::byte* b = nullptr;  ///< [step][vectors * lanes], dense, of gemm_lane_bytes() each
  int64_t b_panel = 0;           ///< bytes between the panels of a kernel that takes several
  int64_t k = 0;                 ///< steps
  float* c = nullptr;
  int64_t c_row = 0;                  ///< floats between rows
  int64_t c_panel = 0;                ///< floats between panels
  const int64_t* c_vector = nullptr;  ///< floats from c to each vector of a panel
  bool accumulate = false;            ///< start from C instead of 0
  /// Where the sums go, by default to C. There they are first multiplied by `scale`, then each term is added, each rounded once.
  float* out = nullptr;
  int64_t out_row = 0;  ///< floats between rows
  float scale = 1;
  int term_count = 0;
  GemmTerm terms[kMaxGemmTerms];
  /// The sums go to C as they are.
  void to_c() {
    out = c, out_row = c_row;
    scale = 1, term_count = 0;
  }
};
using GemmFn = void (*)(const GemmTile& tile);

/// A micro-kernel: a row of the table that dispatch, tests and benchmarks read.
struct GemmRow {
  Isa isa;
  GemmFormat format;
  int rows;     ///< height of the tile
  int vectors;  ///< vectors of `lanes` columns a panel
  int panels;   ///< panels taken at once; more than one only for a single row, which has too little to do otherwise
  GemmFn fn;
};

constexpr int kMaxGemmRows = 8;
constexpr int kMaxGemmVectors = 4;

/// The micro-kernels that one ISA's file provides for a format.
struct GemmFamily {
  Isa isa;
  GemmFormat format;
  std::span<const GemmRow> rows;
};
/// The micro-kernels of the widest set up to `isa` that has some for a format; none if no set has.
std::span<const GemmRow> gemm_rows(Isa isa, GemmFormat format);

/// The micro-kernels of an ISA for a format, by size.
struct GemmKernels {
  int lanes = 0;
  int max_vectors = 0;
  int max_rows[kMaxGemmVectors + 1] = {};                 ///< by vectors
  GemmFn fn[kMaxGemmVectors + 1][kMaxGemmRows + 1] = {};  ///< [vectors][rows], one panel
  GemmFn wide[kMaxGemmVectors + 1] = {};                  ///< [vectors]: one row, wide_panels panels
  int wide_panels = 1;
};
const GemmKernels& gemm_kernels(Isa isa, GemmFormat format = GemmFormat::kF32);

/// How the columns of a packed matrix with several gates are laid out: a panel holds `units` columns of every gate, as
/// `vectors` = gates * units / lanes vectors, gate by gate. Micro-kernels take them in `groups` of at most max_vectors.
struct PanelShape {
  int lanes = 0, units = 0, vectors = 0, groups = 0;
  int group_begin(int group) const { return static_cast<int>(static_cast<int64_t>(vectors) * group / groups); }
  int group_vectors(int group) const { return group_begin(group + 1) - group_begin(group); }
  bool operator==(const PanelShape&) const = default;
};
/// 16 lanes of units if there are many gates, more if there are few, so that a panel fills the registers of one tile. The same
/// for all formats.
PanelShape panel_shape(Isa isa, int64_t gates);

std::span<const GemmFamily> gemm_families_scalar();
std::span<const GemmFamily> gemm_families_avx2();
std::span<const GemmFamily> gemm_families_avx512();
std::span<const GemmFamily> gemm_families_avx512bf16();

}  // namespace rondo::kernels
