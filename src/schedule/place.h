#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "ir/dim.h"
#include "plan/program.h"

namespace rondo::schedule {

/// Contribution of a loop counter to an address (plan::Term with a symbolic stride).
struct PlaceTerm {
  uint32_t slot = 0;
  plan::TermKind kind = plan::TermKind::kForward;
  ir::Dim stride;
  bool operator==(const PlaceTerm&) const = default;
};

/// Where a value lies: element (i0, i1, …) at buffer + offset + sum i_k*strides[k] + terms, in elements. A lazy view: transposing,
/// slicing, broadcasting and reshaping make new places over the same memory. With `first`, that place is meant instead while
/// counter first_slot is 0. A guard drops stores once counter guard_slot reaches guard_limit.
struct Place {
  uint32_t buffer = plan::kNone;
  ir::Dim offset;
  std::vector<ir::Dim> strides;
  std::vector<PlaceTerm> terms;
  std::shared_ptr<const Place> first;
  uint32_t first_slot = 0;
  uint32_t guard_slot = plan::kNone;
  ir::Dim guard_limit;

  bool guarded() const { return guard_slot != plan::kNone; }
};

bool is_one(const ir::DimPool& pool, ir::Dim dim);
bool is_zero(const ir::DimPool& pool, ir::Dim dim);
/// Axes whose extent is not 1, in order.
std::vector<size_t> wide_axes(const ir::DimPool& pool, const ir::Dims& dims);
/// True if a <= b for all values in the symbols' ranges.
bool provably_at_most(ir::DimPool& pool, ir::Dim a, ir::Dim b);

/// Row-major strides of a tensor.
std::vector<ir::Dim> dense_strides(ir::DimPool& pool, const ir::Dims& dims);
Place dense_place(ir::DimPool& pool, uint32_t buffer, const ir::Dims& dims);

/// out[i_perm…]: axis k of the result is axis perm[k] of `place`.
Place transposed(const Place& place, const std::vector<int64_t>& perm);
/// The place seen through the transpose's result: inverse of transposed().
Place untransposed(const Place& place, const std::vector<int64_t>& perm);
/// out[i] = place[start + i * stride] on every axis.
Place sliced(ir::DimPool& pool, const Place& place, const ir::Dims& start, const std::vector<int64_t>& stride);
/// Stride 0 where `from` is 1.
Place broadcast(ir::DimPool& pool, const Place& place, const ir::Dims& from);
/// The same elements in row-major order under other dims, or nothing if strides cannot express it.
std::optional<Place> reshaped(ir::DimPool& pool, const Place& place, const ir::Dims& from, const ir::Dims& to);
/// Removes `axis`: iteration t of the loop with counter `slot` sees index t, or count-1-t if `reverse`.
Place iterated(ir::DimPool& pool, const Place& place, size_t axis, uint32_t slot, const ir::Dim* reverse_count);
/// Removes `axis` at index `at`.
Place indexed(ir::DimPool& pool, const Place& place, size_t axis, ir::Dim at);
/// What a place means once counter `slot` stays at `trips`: its terms become offsets, `first` is decided, where that is provable.
Place settled(ir::DimPool& pool, const Place& place, uint32_t slot, ir::Dim trips);
/// True if the place or its alternatives depend on counter `slot`.
bool depends_on_slot(const Place& place, uint32_t slot);

}  // namespace rondo::schedule
