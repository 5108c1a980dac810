/// What If, Loop and Scan share: conditions, and tensors of the network in place of values.
#pragma once

#include "import/graph.h"
#include "layers/build.h"

namespace rondo::onnx {

/// The value of a condition if it is known at import.
std::optional<bool> known_flag(Value const& condition);

/// A condition as a 0-D bool; one of one element loses its dimensions.
/// Errors    kINVALID_NODE naming `what` for anything else
ITensor& flag_tensor(Context& context, Node const& node, Value const& condition, char const* what);

/// The only element of an integer value as a 0-D tensor.
/// Errors    kINVALID_NODE naming `what`
ITensor& count_tensor(Context& context, Node const& node, Value const& count, char const* what);

/// All elements of a sequence as the rows of one tensor.
/// Errors    kUNSUPPORTED_NODE_DYNAMIC inside of the loop that makes the rows; kINVALID_NODE for an empty sequence, or elements of unequal shapes
ITensor& rows_tensor(Context& context, Value const& sequence);

/// Whether a value is made of sequences or optionals, which no layer of the network can carry.
inline bool is_structure(Value const& value) { return value.is_sequence() || value.is_none(); }

}  // namespace rondo::onnx
