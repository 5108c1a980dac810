/// Value: what a name of the model stands for while it is imported.
#pragma once

#include <optional>

#include "model/host_tensor.h"
#include "rondo/network.h"

namespace rondo::onnx {

class Value;

/// Elements of a sequence whose number is known at import.
using Values = std::vector<Value>;

/// Elements of a small integer tensor as far as they are known at import; nullopt where they come at run time.
struct KnownInts {
  Extents dims;                                ///< rank 0 or 1
  std::vector<std::optional<int64_t>> values;  ///< as many as dims say
};

/// The first elements of a sequence, in a number that only the run knows: the rows of a tensor along dimension 0.
struct SequenceRows {
  ITensor* tensor;  ///< [n, ..]; null inside of the loop that is still making them
};

/// One of: nothing (an optional input that is left out), a constant, a tensor of the network, a sequence, an empty optional.
///
/// Cheap to copy. A constant becomes a tensor only where a layer needs one (layers/tensors.h: to_tensor), so that whatever wants
/// numbers (axes, shapes, weights) finds them.
class Value {
 public:
  Value() = default;
  Value(ITensor* tensor) : tensor_(tensor) {}
  Value(ITensor& tensor) : tensor_(&tensor) {}
  Value(HostTensorPtr constant) : constant_(std::move(constant)) {}

  /// A sequence of elements.
  static Value sequence(Values elements) {
    Value result;
    result.sequence_ = std::make_shared<Values const>(std::move(elements));
    return result;
  }

  /// A sequence of rows, and elements behind them.
  static Value sequence_behind(std::shared_ptr<SequenceRows const> rows, Values elements) {
    Value result = sequence(std::move(elements));
    result.rows_ = std::move(rows);
    return result;
  }

  /// An optional without content. It is a value: it can be passed on and asked whether it has an element.
  static Value none() {
    Value result;
    result.none_ = true;
    return result;
  }

  bool absent() const { return !tensor_ && !constant_ && !sequence_ && !none_; }
  bool is_none() const { return none_; }
  bool is_tensor() const { return tensor_ != nullptr; }
  bool is_constant() const { return constant_ != nullptr; }
  bool is_sequence() const { return sequence_ != nullptr; }

  /// The content; null if the value is of another kind.
  ITensor* tensor() const { return tensor_; }
  HostTensorPtr const& constant() const { return constant_; }
  Values const* elements() const { return sequence_.get(); }

  /// What stands before the elements of a sequence; null where that is nothing, so that the length is known.
  std::shared_ptr<SequenceRows const> const& rows() const { return rows_; }

  /// Element type of a constant or tensor. Errors kINVALID_NODE for any other value, here and below
  DataType type() const { return constant_ ? constant_->type() : needed().getType(); }

  /// Rank and extents of a constant or tensor, -1 for what comes at run time. Rank -1: the network cannot tell, which is an error.
  int32_t rank() const { return constant_ ? constant_->rank() : needed().getDimensions().nbDims; }
  Extents dims() const {
    if (constant_) return constant_->dims();
    const Dims d = needed().getDimensions();
    return {d.d, d.d + (d.nbDims > 0 ? d.nbDims : 0)};
  }

  /// What is known of a tensor's elements beside it, for shape arithmetic; null if nothing is. Constants are asked by known_ints.
  std::shared_ptr<KnownInts const> const& known() const { return known_; }
  Value with_known(KnownInts known) const {
    Value result = *this;
    result.known_ = std::make_shared<KnownInts const>(std::move(known));
    return result;
  }

 private:
  ITensor& needed() const;

  ITensor* tensor_ = nullptr;
  HostTensorPtr constant_;
  std::shared_ptr<Values const> sequence_;
  std::shared_ptr<KnownInts const> known_;
  std::shared_ptr<SequenceRows const> rows_;
  bool none_ = false;
};

/// The elements of a small integer value, constant or tensor, as far as they are known; nullopt if nothing is known of them.
std::optional<KnownInts> known_ints(Value const& value);

/// "float32[2, -1]", "constant int64[3]", "sequence of 2", "nothing".
std::string type_text(Value const& value);

/// Whether two values are the same tensor or constant.
bool same_value(Value const& a, Value const& b);

}  // namespace rondo::onnx
