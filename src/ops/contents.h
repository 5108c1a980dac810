#pragma once

#include <optional>
#include <span>
#include <vector>

#include "ir/graph.h"
#include "tile/op_table.h"

namespace rondo::ops {

/// Symbolic elements of small integer and bool tensors (ir::ValueInfo::contents): how shapes computed inside the network become
/// symbolic dimensions. Each function returns nothing when an element is not an expression of the pool; that is never an error.
using Contents = std::optional<std::vector<ir::Dim>>;

constexpr int64_t kMaxContents = 64;

/// Extents of a type that can have contents: integer or bool, constant extents, at most kMaxContents elements.
std::optional<std::vector<int64_t>> content_dims(ir::DimPool& dims, const ir::TensorType& type);
/// Values of dims if all are constants.
std::optional<std::vector<int64_t>> constant_dims(ir::DimPool& dims, const ir::Dims& of);

/// Elements of fn(operands...), broadcast to `result`.
Contents pointwise_contents(ir::DimPool& dims, tile::PointwiseFn fn, const ir::TensorType& result,
                            std::span<const ir::ValueInfo> operands);
/// Elements picked from `from`: sources[i] is the index of result element i, -1 for 0.
Contents picked_contents(ir::DimPool& dims, const Contents& from, const std::vector<int64_t>& sources);

}  // namespace rondo::ops
