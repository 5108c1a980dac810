/// Node: one node of the model as the function that imports its operator sees it.
#pragma once

#include "import/attributes.h"
#include "import/value.h"

namespace rondo::onnx {

class Context;
class Scope;
struct OpRow;

/// A node with its inputs resolved.
class Node {
 public:
  Node(proto::NodeProto const& proto, int32_t index, Scope& scope, OpRow const& row, int64_t opset, Values inputs);

  /// Operator, name (of the node, else of its first output), and the version of the operator set that it is written in.
  std::string const& op() const;
  std::string name() const;
  int64_t opset() const { return opset_; }

  /// The number that the operator's row in the table carries, as the enum that the row was made with.
  template <typename T>
  T parameter() const {
    return static_cast<T>(parameter_);
  }

  Attributes attributes;

  /// Inputs as written, absent ones included.
  int32_t input_count() const { return static_cast<int32_t>(inputs_.size()); }

  /// Input index; absent beyond the last one.
  Value const& input(int32_t index) const;
  bool has_input(int32_t index) const { return !input(index).absent(); }
  Values const& inputs() const { return inputs_; }

  /// The elements of an input that must be a constant of integers, in any integer type.
  /// Errors    kUNSUPPORTED_NODE_DYNAMIC naming `what` if they are not known at import
  std::vector<int64_t> constant_ints(int32_t index, char const* what) const;

  /// An input that must be a constant.
  HostTensorPtr constant(int32_t index, char const* what) const;

  /// Outputs as written, and whether somebody names output index.
  int32_t output_count() const;
  bool wants_output(int32_t index) const;
  std::string output_name(int32_t index) const;

  /// An axis counted from the end if negative. Errors kINVALID_NODE outside of -rank .. rank - 1
  int64_t axis(int64_t axis, int64_t rank, char const* what = "axis") const;

  /// The value of attribute `name` where it divides `channels` (-1: known at run time) into groups. Errors kINVALID_NODE
  int64_t groups(char const* name, int64_t given, int64_t channels) const;

  /// "float32[2, 3], constant int64[1]".
  std::string input_types() const;

  /// Refuses the node.
  [[noreturn]] void fail(ErrorCode code, std::string const& what, SourcePlace where = SourcePlace::here()) const;

  /// Refuses the node unless ok.
  void require(bool ok, ErrorCode code, std::string const& what, SourcePlace where = SourcePlace::here()) const {
    if (!ok) fail(code, what, where);
  }

  Scope& scope() const { return scope_; }
  int32_t index() const { return index_; }

 private:
  proto::NodeProto const& proto_;
  Scope& scope_;
  Values inputs_;
  int64_t opset_;
  int64_t parameter_;
  int32_t index_;
};

}  // namespace rondo::onnx
