#pragma once

#include <cstdint>

#include "kernels/cpu/structured/strided.h"

namespace rondo::kernels {

/// The three readings of a gather, with e = elementwise_dims leading dims that data and indices share:
///   default  y[p.., i.., q..] = data[p.., indices[p[0..e].., i..], q..], the index standing on `axis` (axis >= e)
///   element  y[i..] = data[i.. with i[axis] replaced by indices[i..]]; y and indices of equal dims, data of equal rank
///   nd       y[p.., q..] = data[p[0..e].., indices[p.., :].., q..]; the last dim of indices holds a coordinate of data
enum class GatherMode : uint8_t { kDefault = 0, kElement = 1, kNd = 2 };

struct GatherShape {
  GatherMode mode = GatherMode::kDefault;
  int axis = 0;
  int elementwise_dims = 0;
  int data_rank = 0, indices_rank = 0, y_rank = 0;
  int64_t data[kMaxStridedRank] = {};
  int64_t indices[kMaxStridedRank] = {};
  int64_t y[kMaxStridedRank] = {};
};

/// True if ranks, axis and dims fit each other as the mode demands; gather() relies on it.
bool gather_shape_is_valid(const GatherShape& shape);

/// Number of index tuples: the blocks of y that move as one.
int64_t gather_blocks(const GatherShape& shape);

/// Copies blocks [first, last) of y in row-major order. An index outside of data, negative ones included, reads zeros.
/// Types     data and y of equal dtype; indices i32 or i64
void gather(const GatherShape& shape, const Strided& data, const Strided& indices, const Strided& y, int64_t first,
            int64_t last);

}  // namespace rondo::kernels
