#pragma once

#include <cstdint>

#include "kernels/cpu/structured/strided.h"

namespace rondo::kernels {

/// The two readings of a scatter:
///   element  y[i.. with i[axis] replaced by indices[i..]] = updates[i..]; indices and updates of equal dims
///   nd       y[indices[p.., :].., q..] = updates[p.., q..]; the last dim of indices holds a coordinate of data
enum class ScatterMode : uint8_t { kElement = 0, kNd = 1 };

struct ScatterShape {
  ScatterMode mode = ScatterMode::kElement;
  int axis = 0;
  int data_rank = 0, indices_rank = 0, updates_rank = 0;
  int64_t data[kMaxStridedRank] = {};  ///< y has the same
  int64_t indices[kMaxStridedRank] = {};
  int64_t updates[kMaxStridedRank] = {};
};

/// True if ranks, axis and dims fit each other as the mode demands; scatter() relies on it.
bool scatter_shape_is_valid(const ScatterShape& shape);

/// The axis of y that is shared out: each unit is one entry of it.
int scatter_split_axis(const ScatterShape& shape);

/// Writes the entries [first, last) of y along the split axis: data, then the updates that fall there, in row-major order. An index
/// outside of data drops its update. Where y is data (same address and strides) nothing is copied.
/// Types     data, updates and y of equal dtype; indices i32 or i64
/// Requires  y is data, or they do not overlap; updates do not overlap y
void scatter(const ScatterShape& shape, const Strided& data, const Strided& indices, const Strided& updates,
             const Strided& y, int64_t first, int64_t last);

}  // namespace rondo::kernels
