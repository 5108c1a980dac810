/// Arithmetic on the small integer vectors that shapes are made of, done at import.
///
/// A model exported from another framework computes its shapes: Shape, Gather, Concat, Mul. Followed element by element, what is
/// known of a shape becomes constant here, and what is not keeps its place as unknown, so that an axis or a number of dimensions that
/// such a chain yields is known even if a batch size is not.
#pragma once

#include "import/node.h"

namespace rondo::onnx {

using Known = std::optional<KnownInts>;

/// What is known of the result of an elementwise operation on the node's inputs, integers and bool of rank 0 or 1. A result that
/// overflows its type is not known.
Known known_unary(Node const& node, UnaryOperation op);
Known known_binary(Node const& node, ElementWiseOperation op);
Known known_where(Node const& node);

/// The same as a constant if all of it is known.
std::optional<Value> fold_unary(Node const& node, UnaryOperation op);
std::optional<Value> fold_binary(Node const& node, ElementWiseOperation op);
std::optional<Value> fold_where(Node const& node);

/// A constant of known integers in a type, or nullopt if some are unknown.
std::optional<Value> constant_of(Known const& ints, DataType type);

/// A computed tensor with what is known of it.
Value with_known(ITensor& computed, Known known);

/// The constant where all is known; else the tensor that `build` adds, with what is known beside it.
template <typename Build>
Value known_or(Known known, DataType type, Build&& build) {
  if (auto constant = constant_of(known, type)) return *constant;
  return with_known(build(), std::move(known));
}

}  // namespace rondo::onnx
