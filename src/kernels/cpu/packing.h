#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

#include "base/bulk_memory.h"
#include "base/dtype.h"
#include "kernels/cpu/gemm.h"

namespace rondo::kernels {

/// Where the right-hand side of a GEMM stands: element (k, gate g, column c) at offset + k*k_stride + g*gate_stride +
/// c*col_stride, in elements.
struct MatrixSpec {
  int64_t offset = 0, k_stride = 0, col_stride = 1, gate_stride = 0;
  int64_t k = 0, cols = 0, gates = 1;
};

/// A constant matrix in the order micro-kernels read it: panels of panel_shape().units columns of all gates; in a panel the
/// groups of vectors one after the other; in a group [step][vectors * lanes]. Columns beyond the last are zero, and so is the k that
/// completes the last pair. Elements are rounded to what the format holds.
/// Threads    pack_panels() of disjoint ranges may run at the same time; const methods are safe together
class PackedMatrix {
 public:
  PackedMatrix() = default;
  /// Packs all of `source` (f32, f16 or bf16).
  PackedMatrix(const void* source, const MatrixSpec& spec, Isa isa, DType dtype = DType::kFloat32,
               GemmFormat format = GemmFormat::kF32);
  /// Allocates only; every panel is to be packed by pack_panels().
  static PackedMatrix reserve(const MatrixSpec& spec, Isa isa, GemmFormat format = GemmFormat::kF32);
  void pack_panels(const void* source, DType dtype, int64_t begin, int64_t end);

  const PanelShape& shape() const { return shape_; }
  const MatrixSpec& spec() const { return spec_; }
  int64_t panels() const { return panels_; }
  GemmFormat format() const { return format_; }
  int64_t panel_bytes() const {
    return gemm_steps(format_, spec_.k) * shape_.vectors * shape_.lanes * gemm_lane_bytes(format_);
  }
  /// The first is 64-byte aligned.
  const std::byte* panel(int64_t index) const { return data_.get() + index * panel_bytes(); }
  size_t bytes() const { return static_cast<size_t>(panels_ * panel_bytes()); }

 private:
  struct BulkFree {
    void operator()(std::byte* p) const { free_bulk(p); }
  };
  MatrixSpec spec_;
  PanelShape shape_;
  Isa isa_ = Isa::kScalar;
  GemmFormat format_ = GemmFormat::kF32;
  int64_t panels_ = 0;
  std::unique_ptr<std::byte[], BulkFree> data_;
};

/// Strides in bytes, of any sign, of a matrix that is packed while it is used.
struct MatrixView {
  const std::byte* address = nullptr;  ///< of element (0, 0, 0)
  int64_t k_stride = 0, gate_stride = 0, col_stride = 0;
  DType dtype = DType::kFloat32;
};

/// Packs k rows of one panel: columns first_col .. first_col + units of all gates, zero where column >= cols.
void pack_panel(const MatrixView& view, const PanelShape& shape, Isa isa, GemmFormat format, int64_t k,
                int64_t first_col, int64_t cols, std::byte* out);

/// Packs rows x k of A as [k][rows] for a tile of that height (a_row = 1, a_k = rows). Strides in bytes.
void pack_rows(const std::byte* a, int64_t row_stride, int64_t k_stride, DType dtype, Isa isa, int64_t rows, int64_t k,
               float* out);

/// Rounds rows x k of A to bf16, as words of pairs or, for the other formats, as f32. Row r starts at out + r * row_words; a_k = 1.
void pack_factors(const std::byte* a, int64_t row_stride, int64_t k_stride, DType dtype, Isa isa, GemmFormat format,
                  int64_t rows, int64_t k, int64_t row_words, float* out);

}  // namespace rondo::kernels
