#include "kernels/cpu/packing.h"

#include <algorithm>

#include "base/error.h"
#include "kernels/cpu/tile_functions.h"

namespace rondo::kernels {

PackedMatrix PackedMatrix::reserve(const MatrixSpec& spec, Isa isa) {
  PackedMatrix out;
  out.spec_ = spec;
  out.isa_ = isa;
  out.shape_ = panel_shape(isa, spec.gates);
  out.panels_ = (spec.cols + out.shape_.units - 1) / out.shape_.units;
  out.data_.reset(static_cast<float*>(allocate_bulk(out.bytes())));
  if (out.data_ == nullptr) fail(Code::kFailedAllocation, "no memory for a packed matrix of ", out.bytes(), " bytes");
  return out;
}

PackedMatrix::PackedMatrix(const void* source, const MatrixSpec& spec, Isa isa, DType dtype)
    : PackedMatrix(reserve(spec, isa)) {
  pack_panels(source, dtype, 0, panels_);
}

void PackedMatrix::pack_panels(const void* source, DType dtype, int64_t begin, int64_t end) {
  RONDO_CHECK(is_float(dtype), "packed matrix of ", dtype_name(dtype));
  const auto bytes = static_cast<int64_t>(dtype_bytes(dtype));
  const MatrixView view{static_cast<const std::byte*>(source) + spec_.offset * bytes, spec_.k_stride * bytes,
                        spec_.gate_stride * bytes, spec_.col_stride * bytes, dtype};
  for (int64_t p = begin; p < end; ++p) {
    pack_panel(view, shape_, isa_, spec_.k, p * shape_.units, spec_.cols, data_.get() + p * panel_floats());
  }
}

void pack_panel(const MatrixView& view, const PanelShape& shape, Isa isa, int64_t k, int64_t first_col, int64_t cols,
                float* out) {
  const auto load = tile_functions(isa).load[static_cast<size_t>(view.dtype)];
  const int vectors_a_gate = shape.units / shape.lanes;
  for (int group = 0; group < shape.groups; ++group) {
    const int64_t width = static_cast<int64_t>(shape.group_vectors(group)) * shape.lanes;
    for (int v = shape.group_begin(group), end = shape.group_begin(group + 1), at = 0; v < end;
         ++v, at += shape.lanes) {
      const int64_t col = first_col + static_cast<int64_t>(v % vectors_a_gate) * shape.lanes;
      const int64_t valid = std::clamp<int64_t>(cols - col, 0, shape.lanes);
      const std::byte* from = view.address + (v / vectors_a_gate) * view.gate_stride + col * view.col_stride;
      for (int64_t row = 0; row < k; ++row) {
        float* to = out + row * width + at;
        if (valid > 0) load(to, from + row * view.k_stride, view.col_stride, valid);
        for (int64_t i = valid; i < shape.lanes; ++i) to[i] = 0;
      }
    }
    out += k * width;
  }
}

void pack_rows(const std::byte* a, int64_t row_stride, int64_t k_stride, DType dtype, Isa isa, int64_t rows, int64_t k,
               float* out) {
  if (dtype == DType::kFloat32) {
    for (int64_t r = 0; r < rows; ++r) {
      const std::byte* from = a + r * row_stride;
      for (int64_t i = 0; i < k; ++i) out[i * rows + r] = *reinterpret_cast<const float*>(from + i * k_stride);
    }
    return;
  }
  constexpr int64_t kChunk = 256;
  float row[kChunk];
  const auto load = tile_functions(isa).load[static_cast<size_t>(dtype)];
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t begin = 0; begin < k; begin += kChunk) {
      const int64_t count = std::min(kChunk, k - begin);
      load(row, a + r * row_stride + begin * k_stride, k_stride, count);
      for (int64_t i = 0; i < count; ++i) out[(begin + i) * rows + r] = row[i];
    }
  }
}

}  // namespace rondo::kernels
