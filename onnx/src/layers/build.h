/// Small words for layers: each adds one layer (or none, where the result is there already) and returns its output.
///
/// Errors    a layer that the network refuses, and a tensor whose shape it cannot infer, is an ImportError; nothing here returns
///           null or a tensor of rank -1
#pragma once

#include "import/context.h"

namespace rondo::onnx {

using Tensors = std::vector<ITensor*>;

/// Output index of a layer. Errors kINVALID_NODE if the layer is null or the network can infer no shape
ITensor& result(ILayer* layer, char const* what, int32_t index = 0);

/// The layer itself, for those that take settings: `IFillLayer& fill = added(network.addFill(..), "fill")`.
template <typename Layer>
Layer& added(Layer* layer, char const* what) {
  check(layer != nullptr, ErrorCode::kINVALID_NODE,
        text("the network refuses the layer (", what, "); its log says why"));
  return *layer;
}

/// Errors kUNSUPPORTED_NODE_SHAPE above eight dimensions
Dims to_dims(std::span<int64_t const> extents);
Extents to_extents(Dims const& dims);

/// The tensor of a value; a constant becomes a constant layer. Errors kINVALID_NODE for a sequence or nothing
ITensor& to_tensor(Context& context, Value const& value);

int32_t rank_of(ITensor& tensor);
Extents dims_of(ITensor& tensor);

// Constants.

/// A constant of `rank` dimensions of extent 1.
ITensor& scalar(Context& context, DataType type, double value, int32_t rank = 0);
/// int64 [n].
ITensor& ints(Context& context, std::vector<int64_t> values);

// Elements.

ITensor& cast(Context& context, ITensor& x, DataType type);
/// The same for what must be integers: counts, positions. Errors kINVALID_NODE for reals and flags
ITensor& integers(Context& context, ITensor& x, DataType type = DataType::kINT64);
ITensor& unary(Context& context, ITensor& x, UnaryOperation op);
ITensor& activation(Context& context, ITensor& x, ActivationType type, float alpha = 0, float beta = 0);
/// Operands of unequal rank get leading dimensions of extent 1, as everywhere in the format.
ITensor& binary(Context& context, ITensor& a, ITensor& b, ElementWiseOperation op);
/// The same with a constant of a's type.
ITensor& binary(Context& context, ITensor& a, double b, ElementWiseOperation op);
ITensor& select(Context& context, ITensor& condition, ITensor& then, ITensor& otherwise);
ITensor& logical_not(Context& context, ITensor& x);

// Shapes.

/// Leading dimensions of extent 1 up to `rank`.
ITensor& with_rank(Context& context, ITensor& x, int32_t rank);
/// Axes are those of the result (unsqueeze) or of x (squeeze), not negative.
ITensor& unsqueeze(Context& context, ITensor& x, std::vector<int64_t> axes);
ITensor& squeeze(Context& context, ITensor& x, std::vector<int64_t> axes);
ITensor& transpose(Context& context, ITensor& x, std::vector<int64_t> const& permutation);
/// The extents as they are, one may be -1; 0 means 0.
ITensor& reshape(Context& context, ITensor& x, std::vector<int64_t> const& extents);
/// The same with extents from a 1-D tensor.
ITensor& reshape(Context& context, ITensor& x, ITensor& extents);
/// Folds dimensions from .. to-1 into one; an empty range inserts a dimension of extent 1.
ITensor& fold_dims(Context& context, ITensor& x, int32_t from, int32_t to);
ITensor& concat(Context& context, Tensors const& parts, int64_t axis);
/// int64 [rank].
ITensor& shape_of(Context& context, ITensor& x);
/// The extent of one dimension, int64 [1]. A constant where it is known.
ITensor& extent_of(Context& context, ITensor& x, int64_t axis);
/// Repeats extents of 1 to `extents` (int64 [n], n >= rank).
ITensor& broadcast_to(Context& context, ITensor& x, Value const& extents);

// Data.

ITensor& slice(Context& context, ITensor& x, Extents const& start, Extents const& size, Extents const& stride);
/// Elements start .. end-1 of one dimension, end not beyond its extent.
ITensor& slice_axis(Context& context, ITensor& x, int64_t axis, int64_t start, int64_t end);
ITensor& gather(Context& context, ITensor& data, ITensor& indices, int64_t axis,
                GatherMode mode = GatherMode::kDEFAULT);
/// Negative indices count from the end of dimension `axis` of data.
ITensor& wrap_indices(Context& context, ITensor& indices, ITensor& data, int64_t axis);
ITensor& reduce(Context& context, ITensor& x, ReduceOperation op, std::vector<int64_t> const& axes, bool keep);
ITensor& matmul(Context& context, ITensor& a, MatrixOperation op_a, ITensor& b, MatrixOperation op_b);
ITensor& softmax(Context& context, ITensor& x, int64_t axis);

}  // namespace rondo::onnx
