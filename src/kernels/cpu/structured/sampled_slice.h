#pragma once

#include <cstdint>
#include <vector>

#include "kernels/cpu/structured/strided.h"

namespace rondo::kernels {

/// What is read beyond the edge; the numbers are those of the op and of rondo::SampleMode.
enum class Sampling : uint8_t { kStrict = 0, kWrap = 1, kClamp = 2, kFill = 3, kReflect = 4 };

struct SampledSliceShape {
  Sampling mode = Sampling::kWrap;
  int rank = 0;
  int64_t x[kMaxStridedRank] = {};
  int64_t y[kMaxStridedRank] = {};
  int64_t start[kMaxStridedRank] = {};
  int64_t stride[kMaxStridedRank] = {};
};

/// A sampled slice with its indices resolved. The last axes that are taken whole move as blocks; the axis before them is cut into runs;
/// further axes have a table of source indices.
struct SampledSlice {
  struct Run {
    int64_t at = 0, count = 0;  ///< in y
    int64_t from = 0;           ///< in x; -1: the fill value
    int64_t step = 1;           ///< in x
  };
  SampledSliceShape shape;
  int run_axis = 0;
  std::vector<Run> runs;
  std::vector<int64_t> index[kMaxStridedRank];  ///< of the axes before run_axis; -1: the fill value
  int64_t rows = 1;                             ///< product of y's dims before run_axis
  int64_t units() const { return rows * static_cast<int64_t>(runs.size()); }
};

/// Requires  y dims >= 0, x dims >= 1 unless the mode is kFill or y is empty, every index inside x in mode kStrict; a shape of rank 0 becomes one of rank 1, so
///           that strides have at least one entry
SampledSlice resolve_sampled_slice(const SampledSliceShape& shape);

/// Writes units [first, last): runs of rows, row-major. `fill` points to one element; null: zero.
/// Types     any, x and y alike
void sampled_slice(const SampledSlice& slice, const Strided& x, const std::byte* fill, const Strided& y, int64_t first,
                   int64_t last);

}  // namespace rondo::kernels
