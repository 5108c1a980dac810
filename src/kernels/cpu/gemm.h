#pragma once

#include <cstdint>
#include <span>

#include "kernels/cpu/isa.h"

namespace rondo::kernels {

/// One call of a micro-kernel: C(row, vector) (+)= sum over k, ascending, of A(row, k) * B(k, vector); rows and vectors are the
/// kernel's own. Every element is the sequential fused multiply-add over k from 0 (or from C), whatever the kernel's height: tiles
/// of any height, and k split over several calls, give the same bits.
struct GemmTile {
  const float* a = nullptr;
  int64_t a_row = 0, a_k = 0;  ///< floats between rows, and between successive k
  const float* b = nullptr;    ///< [k][vectors * lanes], dense
  int64_t b_panel = 0;         ///< floats between the panels of a kernel that takes several
  int64_t k = 0;
  float* c = nullptr;
  int64_t c_row = 0;                  ///< floats between rows
  int64_t c_panel = 0;                ///< floats between panels
  const int64_t* c_vector = nullptr;  ///< floats from c to each vector of a panel
  bool accumulate = false;            ///< start from C instead of 0
};
using GemmFn = void (*)(const GemmTile& tile);

/// A micro-kernel: a row of the table that dispatch, tests and benchmarks read.
struct GemmRow {
  Isa isa;
  int rows;     ///< height of the tile
  int vectors;  ///< vectors of `lanes` columns a panel
  int panels;   ///< panels taken at once; more than one only for a single row, which has too little to do otherwise
  GemmFn fn;
};

constexpr int kMaxGemmRows = 8;
constexpr int kMaxGemmVectors = 4;

/// All micro-kernels of an ISA.
std::span<const GemmRow> gemm_rows(Isa isa);

/// The micro-kernels of an ISA by size.
struct GemmKernels {
  int lanes = 0;
  int max_vectors = 0;
  int max_rows[kMaxGemmVectors + 1] = {};                 ///< by vectors
  GemmFn fn[kMaxGemmVectors + 1][kMaxGemmRows + 1] = {};  ///< [vectors][rows], one panel
  GemmFn wide[kMaxGemmVectors + 1] = {};                  ///< [vectors]: one row, wide_panels panels
  int wide_panels = 1;
};
const GemmKernels& gemm_kernels(Isa isa);

/// How the columns of a packed matrix with several gates are laid out: a panel holds `units` columns of every gate, as
/// `vectors` = gates * units / lanes vectors, gate by gate. Micro-kernels take them in `groups` of at most max_vectors.
struct PanelShape {
  int lanes = 0, units = 0, vectors = 0, groups = 0;
  int group_begin(int group) const { return static_cast<int>(static_cast<int64_t>(vectors) * group / groups); }
  int group_vectors(int group) const { return group_begin(group + 1) - group_begin(group); }
};
/// 16 lanes of units if there are many gates, more if there are few, so that a panel fills the registers of one tile.
PanelShape panel_shape(Isa isa, int64_t gates);

std::span<const GemmRow> gemm_rows_scalar();
std::span<const GemmRow> gemm_rows_avx2();
std::span<const GemmRow> gemm_rows_avx512();

}  // namespace rondo::kernels
