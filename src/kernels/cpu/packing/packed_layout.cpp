#include "kernels/cpu/packing/packed_layout.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/checked.h"

namespace rondo::kernels {
namespace {

constexpr int64_t kMaxLanes = 64, kMaxUnits = 4096;
constexpr int64_t kMaxBytes = int64_t{1} << 62;

/// Elements of one vector of one panel, all k, to a column of the dense matrix.
struct VectorCopy {
  int64_t k, row_bytes;  ///< of the dense matrix

  void run(const std::byte* from, int64_t width, int64_t bytes, std::byte* out) const {
    for (int64_t i = 0; i < k; ++i, out += row_bytes) std::memcpy(out, from + i * width, static_cast<size_t>(bytes));
  }
  void run_pairs(const std::byte* from, int64_t width, int64_t lanes, std::byte* out) const {
    for (int64_t i = 0; i < k; ++i, out += row_bytes) {
      const std::byte* step = from + i / 2 * width + i % 2 * 2;
      for (int64_t lane = 0; lane < lanes; ++lane) std::memcpy(out + lane * 2, step + lane * 4, 2);
    }
  }
};

}  // namespace

PackedLayout packed_layout(Isa isa, DType stored, DType product, int64_t gates) {
  return {gemm_format(isa, stored, product), panel_shape(isa, gates)};
}

std::optional<PackedLayout> make_layout(int64_t format, int64_t lanes, int64_t units, int64_t groups, int64_t gates) {
  const bool possible = format >= 0 && format < kGemmFormats && lanes >= 1 && lanes <= kMaxLanes &&
                        std::has_single_bit(static_cast<uint64_t>(lanes)) && units >= lanes && units <= kMaxUnits &&
                        units % lanes == 0 && gates >= 1 && gates <= UINT16_MAX && groups >= 1 &&
                        groups <= gates * (units / lanes);
  if (!possible) return std::nullopt;
  PackedLayout layout{static_cast<GemmFormat>(format), {}};
  layout.shape = {static_cast<int>(lanes), static_cast<int>(units), static_cast<int>(gates * (units / lanes)),
                  static_cast<int>(groups)};
  return layout;
}

DType element_type(GemmFormat format) {
  if (format == GemmFormat::kF32) return DType::kFloat32;
  return format == GemmFormat::kF16 ? DType::kFloat16 : DType::kBFloat16;
}

int64_t panel_count(const PackedLayout& layout, int64_t cols) {
  return cols / layout.shape.units + (cols % layout.shape.units != 0 ? 1 : 0);
}

int64_t panel_bytes(const PackedLayout& layout, int64_t k) {
  return gemm_steps(layout.format, k) * layout.shape.vectors * layout.shape.lanes * gemm_lane_bytes(layout.format);
}

std::optional<uint64_t> packed_bytes(const PackedLayout& layout, int64_t k, int64_t cols) {
  const int64_t step_bytes = int64_t{layout.shape.vectors} * layout.shape.lanes * gemm_lane_bytes(layout.format);
  int64_t bytes = 0;
  if (!checked_mul(gemm_steps(layout.format, std::min(k, INT64_MAX - 1)), step_bytes, &bytes)) return std::nullopt;
  if (!checked_mul(bytes, panel_count(layout, cols), &bytes) || bytes > kMaxBytes) return std::nullopt;
  return static_cast<uint64_t>(bytes);
}

void unpack_columns(const PackedLayout& layout, const std::byte* panels, int64_t k, int64_t cols, int64_t first_col,
                    int64_t count, std::byte* out) {
  const PanelShape& shape = layout.shape;
  const auto element = static_cast<int64_t>(dtype_bytes(element_type(layout.format)));
  const int64_t vectors_a_gate = shape.units / shape.lanes, gates = shape.vectors / vectors_a_gate;
  const int64_t steps = gemm_steps(layout.format, k), lane_bytes = gemm_lane_bytes(layout.format);
  const int64_t end_col = std::min(first_col + count, panel_count(layout, cols) * shape.units);
  const VectorCopy copy{k, gates * count * element};
  if (end_col < first_col + count) std::memset(out, 0, static_cast<size_t>(k * copy.row_bytes));
  for (int64_t col = first_col; col < end_col;) {
    const int64_t vector_in_gate = col % shape.units / shape.lanes, lane = col % shape.lanes;
    const int64_t lanes = std::min(shape.lanes - lane, end_col - col);
    const std::byte* panel = panels + col / shape.units * panel_bytes(layout, k);
    for (int64_t gate = 0; gate < gates; ++gate) {
      const auto vector = static_cast<int>(gate * vectors_a_gate + vector_in_gate);
      int group = 0;
      while (shape.group_begin(group + 1) <= vector) ++group;
      const int64_t width = int64_t{shape.group_vectors(group)} * shape.lanes * lane_bytes;
      const std::byte* from = panel + steps * shape.group_begin(group) * shape.lanes * lane_bytes +
                              ((vector - shape.group_begin(group)) * shape.lanes + lane) * lane_bytes;
      std::byte* to = out + (gate * count + col - first_col) * element;
      if (layout.format == GemmFormat::kBf16Pairs) {
        copy.run_pairs(from, width, lanes, to);
      } else {
        copy.run(from, width, lanes * element, to);
      }
    }
    col += lanes;
  }
}

}  // namespace rondo::kernels
