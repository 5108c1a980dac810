#include "kernels/cpu/packing/packing.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "kernels/cpu/tile_functions.h"

namespace rondo::kernels {

PackedMatrix::PackedMatrix(const MatrixSpec& spec, Isa isa, GemmFormat format)
    : spec_(spec), layout_{format, panel_shape(isa, spec.gates)}, isa_(isa), panels_(panel_count(layout_, spec.cols)) {}

PackedMatrix PackedMatrix::reserve(const MatrixSpec& spec, Isa isa, GemmFormat format) {
  PackedMatrix out(spec, isa, format);
  out.owned_.reset(static_cast<std::byte*>(allocate_bulk(out.bytes())));
  if (out.owned_ == nullptr) fail(Code::kFailedAllocation, "no memory for a packed matrix of ", out.bytes(), " bytes");
  out.panels_data_ = out.owned_.get();
  return out;
}

PackedMatrix PackedMatrix::refer(const MatrixSpec& spec, Isa isa, GemmFormat format, const std::byte* panels) {
  PackedMatrix out(spec, isa, format);
  out.panels_data_ = panels;
  return out;
}

PackedMatrix::PackedMatrix(const void* source, const MatrixSpec& spec, Isa isa, DType dtype, GemmFormat format)
    : PackedMatrix(reserve(spec, isa, format)) {
  pack_panels(source, dtype, 0, panels_);
}

void PackedMatrix::pack_panels(const void* source, DType dtype, int64_t begin, int64_t end) {
  for (int64_t p = begin; p < end; ++p) {
    pack_constant_panel(source, dtype, spec_, isa_, layout_, p, owned_.get() + p * panel_bytes());
  }
}

size_t PackedMatrix::repack_bytes() const {
  const size_t element = dtype_bytes(element_type(layout_.format));
  return static_cast<size_t>(spec_.k * spec_.gates * layout_.shape.units) * element;
}

void PackedMatrix::repack_panels(const PackedLayout& from, const std::byte* panels, int64_t begin, int64_t end,
                                 std::byte* scratch) {
  RONDO_CHECK(element_type(from.format) == element_type(layout_.format), "repacking between element types");
  if (from == layout_) {
    std::memcpy(owned_.get() + begin * panel_bytes(), panels + begin * panel_bytes(),
                static_cast<size_t>((end - begin) * panel_bytes()));
    return;
  }
  const int64_t units = layout_.shape.units;
  const DType dtype = element_type(layout_.format);
  const auto element = static_cast<int64_t>(dtype_bytes(dtype));
  const MatrixView dense{scratch, spec_.gates * units * element, units * element, element, dtype};
  for (int64_t p = begin; p < end; ++p) {
    const int64_t cols = std::min(units, spec_.cols - p * units);
    unpack_columns(from, panels, spec_.k, spec_.cols, p * units, units, scratch);
    pack_panel(dense, layout_.shape, isa_, layout_.format, spec_.k, 0, cols, owned_.get() + p * panel_bytes());
  }
}

void pack_constant_panel(const void* source, DType dtype, const MatrixSpec& spec, Isa isa, const PackedLayout& layout,
                         int64_t panel, std::byte* out) {
  RONDO_CHECK(is_float(dtype), "packed matrix of ", dtype_name(dtype));
  const auto bytes = static_cast<int64_t>(dtype_bytes(dtype));
  const MatrixView view{static_cast<const std::byte*>(source) + spec.offset * bytes, spec.k_stride * bytes,
                        spec.gate_stride * bytes, spec.col_stride * bytes, dtype};
  pack_panel(view, layout.shape, isa, layout.format, spec.k, panel * layout.shape.units, spec.cols, out);
}

namespace {

constexpr int64_t kMaxLanes = 64;     // of the vectors that one micro-kernel takes
constexpr int64_t kColumnChunk = 64;  // steps of a panel that stay in L1 while its columns are written
// Rows (or columns) of a matrix wider than a panel lie far apart, where no hardware looks ahead: each would wait for
// memory. Bound by how many lines a core can wait for, 4 a row; measured on Zen 4 against asking for none.
constexpr int64_t kRowsAhead = 8;

void request(const std::byte* from, int64_t bytes) {
  constexpr int64_t kLine = 64;
  for (int64_t at = 0; at < bytes; at += kLine) __builtin_prefetch(from + at);
}

// Writes columns of B that stand side by side in a panel: a row at a time, or two rows for a step of pairs.
class ColumnWriter {
 public:
  ColumnWriter(Isa isa, DType from, GemmFormat format)
      : load_(tile_functions(isa).load[static_cast<size_t>(from)]),
        store_(tile_functions(isa).store[static_cast<size_t>(narrow_type(format))]),
        format_(format),
        from_(from) {}

  /// `valid` columns from `from` on, zeros behind them up to `lanes`.
  void write(const std::byte* from, int64_t col_stride, int64_t valid, int64_t lanes, std::byte* to) const {
    if (format_ != GemmFormat::kF32) return narrow(from, col_stride, valid, lanes, reinterpret_cast<uint16_t*>(to));
    auto* floats = reinterpret_cast<float*>(to);
    if (valid > 0) load_(floats, from, col_stride, valid);
    for (int64_t i = valid; i < lanes; ++i) floats[i] = 0;
  }
  void write_pair(const std::byte* even, const std::byte* odd, int64_t col_stride, int64_t valid, int64_t lanes,
                  std::byte* to) const {
    alignas(64) uint16_t low[kMaxLanes], high[kMaxLanes] = {};
    narrow(even, col_stride, valid, lanes, low);
    if (odd != nullptr) narrow(odd, col_stride, valid, lanes, high);
    auto* words = reinterpret_cast<uint32_t*>(to);
    for (int64_t i = 0; i < lanes; ++i) words[i] = low[i] | uint32_t{high[i]} << 16;
  }
  /// Columns of a matrix whose k run fastest, each read as it lies: a row of such a matrix touches as many cache lines as it has
  /// columns, and where these are a power of two apart they evict each other. `width`: bytes between steps.
  void write_columns(const std::byte* from, int64_t col_stride, int64_t k, int64_t valid, int64_t lanes, int64_t width,
                     std::byte* to) const {
    const auto k_bytes = static_cast<int64_t>(dtype_bytes(from_));
    const int64_t k_of_step = format_ == GemmFormat::kBf16Pairs ? 2 : 1;
    for (int64_t begin = 0; begin < k; begin += kColumnChunk) {
      const int64_t count = std::min(kColumnChunk, k - begin);
      std::byte* first = to + begin / k_of_step * width;
      for (int64_t lane = 0; lane < lanes; ++lane) {
        if (lane + kRowsAhead < valid)
          request(from + (lane + kRowsAhead) * col_stride + begin * k_bytes, count * k_bytes);
        write_column(from + lane * col_stride + begin * k_bytes, k_bytes, lane < valid ? count : 0, count, width,
                     first + lane * gemm_lane_bytes(format_));
      }
    }
  }

 private:
  /// `valid` elements and zeros up to `count`, one step below the other.
  void write_column(const std::byte* from, int64_t stride, int64_t valid, int64_t count, int64_t width,
                    std::byte* to) const {
    if (format_ == GemmFormat::kF32) {
      alignas(64) float column[kColumnChunk];
      if (valid > 0) load_(column, from, stride, valid);
      std::fill(column + valid, column + count, 0.0F);
      return spread<uint32_t>(column, count, width, to);
    }
    alignas(64) uint16_t column[kColumnChunk];
    narrow(from, stride, valid, count, column);
    if (format_ != GemmFormat::kBf16Pairs) return spread<uint16_t>(column, count, width, to);
    if (count % 2 != 0) column[count] = 0;
    spread<uint32_t>(column, (count + 1) / 2, width, to);
  }
  template <typename Word>
  static void spread(const void* column, int64_t steps, int64_t width, std::byte* to) {
    const auto* words = static_cast<const std::byte*>(column);
    for (int64_t step = 0; step < steps; ++step)
      std::memcpy(to + step * width, words + step * sizeof(Word), sizeof(Word));
  }
  static DType narrow_type(GemmFormat format) {
    return format == GemmFormat::kF16 ? DType::kFloat16 : DType::kBFloat16;
  }
  void narrow(const std::byte* from, int64_t stride, int64_t valid, int64_t count, uint16_t* to) const {
    if (from_ == narrow_type(format_) && stride == sizeof(uint16_t) && valid > 0) {
      std::memcpy(to, from, static_cast<size_t>(valid) * sizeof(uint16_t));
    } else if (valid > 0) {
      alignas(64) float wide[kColumnChunk];
      load_(wide, from, stride, valid);
      store_(reinterpret_cast<std::byte*>(to), sizeof(uint16_t), wide, valid);
    }
    for (int64_t i = valid; i < count; ++i) to[i] = 0;
  }

  tile::TileFunctions::Load load_;
  tile::TileFunctions::Store store_;
  GemmFormat format_;
  DType from_;
};

}  // namespace

void pack_panel(const MatrixView& view, const PanelShape& shape, Isa isa, GemmFormat format, int64_t k,
                int64_t first_col, int64_t cols, std::byte* out) {
  const ColumnWriter writer(isa, view.dtype, format);
  const int vectors_a_gate = shape.units / shape.lanes;
  const int64_t lane_bytes = gemm_lane_bytes(format), steps = gemm_steps(format, k);
  const auto element = static_cast<int64_t>(dtype_bytes(view.dtype));
  const bool pairs = format == GemmFormat::kBf16Pairs;
  const bool by_columns = view.k_stride == element && view.col_stride != element;
  for (int group = 0; group < shape.groups; ++group) {
    const int64_t width = static_cast<int64_t>(shape.group_vectors(group)) * shape.lanes * lane_bytes;
    const int begin = shape.group_begin(group), end = shape.group_begin(group + 1);
    for (int v = begin, run = 0; v < end; v += run) {  // a run: vectors of one gate
      run = std::min(end - v, vectors_a_gate - v % vectors_a_gate);
      const int64_t lanes = static_cast<int64_t>(run) * shape.lanes;
      const int64_t col = first_col + static_cast<int64_t>(v % vectors_a_gate) * shape.lanes;
      const int64_t valid = std::clamp<int64_t>(cols - col, 0, lanes);
      const std::byte* from = view.address + (v / vectors_a_gate) * view.gate_stride + col * view.col_stride;
      std::byte* to = out + static_cast<int64_t>(v - begin) * shape.lanes * lane_bytes;
      if (by_columns) writer.write_columns(from, view.col_stride, k, valid, lanes, width, to);
      for (int64_t step = 0; step < steps && !by_columns; ++step, to += width) {
        const std::byte* even = from + (pairs ? 2 * step : step) * view.k_stride;
        if (view.col_stride == element && (pairs ? 2 * step : step) + kRowsAhead < k)
          request(even + kRowsAhead * view.k_stride, valid * element);
        if (pairs) {
          const std::byte* odd = 2 * step + 1 < k ? even + view.k_stride : nullptr;
          writer.write_pair(even, odd, view.col_stride, valid, lanes, to);
        } else {
          writer.write(even, view.col_stride, valid, lanes, to);
        }
      }
    }
    out += steps * width;
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

void pack_factors(const std::byte* a, int64_t row_stride, int64_t k_stride, DType dtype, Isa isa, GemmFormat format,
                  int64_t rows, int64_t k, int64_t row_words, float* out) {
  constexpr int64_t kChunk = 512, kBytes = sizeof(uint16_t);
  constexpr auto kNarrow = static_cast<size_t>(DType::kBFloat16);
  const tile::TileFunctions& functions = tile_functions(isa);
  const auto load = functions.load[static_cast<size_t>(dtype)];
  alignas(64) float wide[kChunk];
  alignas(64) uint16_t narrow[kChunk];
  for (int64_t r = 0; r < rows; ++r) {
    float* row = out + r * row_words;
    auto* words = reinterpret_cast<std::byte*>(row);
    for (int64_t begin = 0; begin < k; begin += kChunk) {
      const int64_t count = std::min(kChunk, k - begin);
      const std::byte* from = a + r * row_stride + begin * k_stride;
      const float* values = reinterpret_cast<const float*>(from);
      if (dtype != DType::kFloat32 || k_stride != sizeof(float)) {
        load(wide, from, k_stride, count);
        values = wide;
      }
      if (format == GemmFormat::kBf16Pairs) {
        functions.store[kNarrow](words + begin * kBytes, kBytes, values, count);
      } else {
        functions.store[kNarrow](reinterpret_cast<std::byte*>(narrow), kBytes, values, count);
        functions.load[kNarrow](row + begin, reinterpret_cast<const std::byte*>(narrow), kBytes, count);
      }
    }
    if (format == GemmFormat::kBf16Pairs && k % 2 != 0) std::memset(words + k * kBytes, 0, kBytes);
  }
}

}  // namespace rondo::kernels
