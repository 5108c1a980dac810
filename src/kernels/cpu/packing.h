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
/// groups of vectors one after the other; in a group [k][vectors * lanes]. Columns beyond the last are zero.
/// Threads    pack_panels() of disjoint ranges may run at the same time; const methods are safe together
class PackedMatrix {
 public:
  PackedMatrix() = default;
  /// Packs all of `source` (f32, f16 or bf16).
  PackedMatrix(const void* source, const MatrixSpec& spec, Isa isa, DType dtype = DType::kFloat32);
  /// Allocates only; every panel is to be packed by pack_panels().
  static PackedMatrix reserve(const MatrixSpec& spec, Isa isa);
  void pack_panels(const void* source, DType dtype, int64_t begin, int64_t end);

  const PanelShape& shape() const { return shape_; }
  const MatrixSpec& spec() const { return spec_; }
  int64_t panels() const { return panels_; }
  int64_t panel_floats() const { return spec_.k * shape_.vectors * shape_.lanes; }
  /// 64-byte aligned.
  const float* panel(int64_t index) const { return data_.get() + index * panel_floats(); }
  size_t bytes() const { return static_cast<size_t>(panels_ * panel_floats()) * sizeof(float); }

 private:
  struct BulkFree {
    void operator()(float* p) const { free_bulk(p); }
  };
  MatrixSpec spec_;
  PanelShape shape_;
  Isa isa_ = Isa::kScalar;
  int64_t panels_ = 0;
  std::unique_ptr<float[], BulkFree> data_;
};

/// Strides in bytes, of any sign, of a matrix that is packed while it is used.
struct MatrixView {
  const std::byte* address = nullptr;  ///< of element (0, 0, 0)
  int64_t k_stride = 0, gate_stride = 0, col_stride = 0;
  DType dtype = DType::kFloat32;
};

/// Packs k rows of one panel: columns first_col .. first_col + units of all gates, zero where column >= cols.
void pack_panel(const MatrixView& view, const PanelShape& shape, Isa isa, int64_t k, int64_t first_col, int64_t cols,
                float* out);

/// Packs rows x k of A as [k][rows] for a tile of that height (a_row = 1, a_k = rows). Strides in bytes.
void pack_rows(const std::byte* a, int64_t row_stride, int64_t k_stride, DType dtype, Isa isa, int64_t rows, int64_t k,
               float* out);

}  // namespace rondo::kernels
