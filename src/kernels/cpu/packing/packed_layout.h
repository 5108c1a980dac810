#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/dtype.h"
#include "kernels/cpu/gemm.h"

namespace rondo::kernels {

/// How a packed matrix lies in memory, told without a machine: panels of `shape.units` columns of all gates; in a panel the groups
/// of vectors one after the other; in a group [step][vectors * lanes]. Columns beyond the last are zero, and so is the k that completes
/// the last pair.
struct PackedLayout {
  GemmFormat format = GemmFormat::kF32;
  PanelShape shape;
  bool operator==(const PackedLayout&) const = default;
};

/// The layout that micro-kernels of `isa` read; types as in gemm_format().
PackedLayout packed_layout(Isa isa, DType stored, DType product, int64_t gates);
/// A layout from its numbers; nothing if no packing has them (a damaged plan).
std::optional<PackedLayout> make_layout(int64_t format, int64_t lanes, int64_t units, int64_t groups, int64_t gates);

/// What the elements are: f32, f16 or bf16. The same for all layouts of one matrix.
DType element_type(GemmFormat format);

/// k >= 0, cols >= 1: how many panels, and the bytes of one and of all. packed_bytes() is empty if they exceed 62 bits.
int64_t panel_count(const PackedLayout& layout, int64_t cols);
int64_t panel_bytes(const PackedLayout& layout, int64_t k);
std::optional<uint64_t> packed_bytes(const PackedLayout& layout, int64_t k, int64_t cols);

/// The other way: columns first_col .. first_col + count of all gates as a dense matrix [k][gate][count] of element_type(). Columns
/// that no panel has are zero.
/// Requires   `panels` hold packed_bytes() of a matrix of `cols` columns
void unpack_columns(const PackedLayout& layout, const std::byte* panels, int64_t k, int64_t cols, int64_t first_col,
                    int64_t count, std::byte* out);

}  // namespace rondo::kernels
