#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/dtype.h"

namespace rondo::kernels {

/// Loops of one reduction over n contiguous elements of one dtype. Partial results are doubles, or int64 for integers.
struct ReduceLoops {
  /// Element i is folded into lane i mod 8 of the 8 at `lanes`. n is a multiple of 8.
  void (*run)(void* lanes, const std::byte* p, int64_t n) = nullptr;
  /// Element i of each of `count` rows is folded into result i, one row after the other; results up to the next multiple of 8 exist
  /// and may change.
  void (*columns)(void* results, const std::byte* const* rows, int64_t count, int64_t n) = nullptr;
};

/// By dtype, then sum, product, maximum, minimum.
using ReduceTable = std::array<std::array<ReduceLoops, 4>, 9>;

const ReduceTable& reduce_table_scalar();
const ReduceTable& reduce_table_avx2();
const ReduceTable& reduce_table_avx512();

}  // namespace rondo::kernels
