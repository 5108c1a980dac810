#pragma once

#include <optional>

#include "ir/graph.h"

namespace rondo::passes {

/// A value that is columns [start, start + size) of the last axis of `source`.
struct ColumnSlice {
  ir::ValueId source;
  int64_t start = 0;
  int64_t size = 0;
};

/// Reads `value` as a column slice; nothing if it is none (a whole value is none).
std::optional<ColumnSlice> column_slice(ir::Graph& graph, ir::ValueId value);

/// Finds slices that cut a value of `region` into columns and go, one each, through the same pointwise function, with other
/// operands that are cut alike, constants or the same broadcast value; applies the function to the whole and slices its result.
/// Does one such group; returns false when there is none.
///   a = f(x[:, :n], p[:, :n]);  b = f(x[:, n:], p[:, n:])   →   y = f(x, p);  a = y[:, :n];  b = y[:, n:]
bool widen_slices(ir::Graph& graph, ir::RegionId region);

}  // namespace rondo::passes
