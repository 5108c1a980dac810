#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

#include "base/bulk_memory.h"
#include "base/dtype.h"
#include "kernels/cpu/gemm.h"
#include "kernels/cpu/packing/packed_layout.h"

namespace rondo::kernels {

/// Where the right-hand side of a GEMM stands: element (k, gate g, column c) at offset + k*k_stride + g*gate_stride +
/// c*col_stride, in elements.
struct MatrixSpec {
  int64_t offset = 0, k_stride = 0, col_stride = 1, gate_stride = 0;
  int64_t k = 0, cols = 0, gates = 1;
};

/// A constant matrix in the order micro-kernels read it (PackedLayout); elements are rounded to what the format holds. Its memory
/// is its own, or that of a plan.
/// Threads    pack_panels() and repack_panels() of disjoint ranges may run at the same time; const methods are safe together
class PackedMatrix {
 public:
  PackedMatrix() = default;
  /// Packs all of `source` (f32, f16 or bf16).
  PackedMatrix(const void* source, const MatrixSpec& spec, Isa isa, DType dtype = DType::kFloat32,
               GemmFormat format = GemmFormat::kF32);
  /// Allocates only; every panel is to be packed by pack_panels() or repack_panels().
  static PackedMatrix reserve(const MatrixSpec& spec, Isa isa, GemmFormat format = GemmFormat::kF32);
  /// Refers to panels that lie packed for this instruction set already; `panels` outlive it, on 64 bytes.
  static PackedMatrix refer(const MatrixSpec& spec, Isa isa, GemmFormat format, const std::byte* panels);
  void pack_panels(const void* source, DType dtype, int64_t begin, int64_t end);
  /// Packs what lies packed in another layout with elements of the same type; the bits are those of pack_panels().
  /// `scratch` holds repack_bytes().
  void repack_panels(const PackedLayout& from, const std::byte* panels, int64_t begin, int64_t end, std::byte* scratch);
  size_t repack_bytes() const;

  const PanelShape& shape() const { return layout_.shape; }
  const MatrixSpec& spec() const { return spec_; }
  int64_t panels() const { return panels_; }
  GemmFormat format() const { return layout_.format; }
  const PackedLayout& layout() const { return layout_; }
  int64_t panel_bytes() const { return kernels::panel_bytes(layout_, spec_.k); }
  /// The first is 64-byte aligned.
  const std::byte* panel(int64_t index) const { return panels_data_ + index * panel_bytes(); }
  size_t bytes() const { return static_cast<size_t>(panels_ * panel_bytes()); }
  /// False if the panels lie in memory of someone else.
  bool owns_memory() const { return owned_ != nullptr; }

 private:
  struct BulkFree {
    void operator()(std::byte* p) const { free_bulk(p); }
  };
  PackedMatrix(const MatrixSpec& spec, Isa isa, GemmFormat format);

  MatrixSpec spec_;
  PackedLayout layout_;
  Isa isa_ = Isa::kScalar;
  int64_t panels_ = 0;
  const std::byte* panels_data_ = nullptr;
  std::unique_ptr<std::byte[], BulkFree> owned_;
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

/// Packs panel `panel` of a constant matrix; `layout` is one of `isa`.
void pack_constant_panel(const void* source, DType dtype, const MatrixSpec& spec, Isa isa, const PackedLayout& layout,
                         int64_t panel, std::byte* out);

/// Packs rows x k of A as [k][rows] for a tile of that height (a_row = 1, a_k = rows). Strides in bytes.
void pack_rows(const std::byte* a, int64_t row_stride, int64_t k_stride, DType dtype, Isa isa, int64_t rows, int64_t k,
               float* out);

/// Rounds rows x k of A to bf16, as words of pairs or, for the other formats, as f32. Row r starts at out + r * row_words; a_k = 1.
void pack_factors(const std::byte* a, int64_t row_stride, int64_t k_stride, DType dtype, Isa isa, GemmFormat format,
                  int64_t rows, int64_t k, int64_t row_words, float* out);

}  // namespace rondo::kernels
