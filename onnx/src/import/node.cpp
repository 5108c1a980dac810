#include "import/node.h"

#include "import/scope.h"
#include "model/proto.h"
#include "ops/op_table.h"

namespace rondo::onnx {

Node::Node(proto::NodeProto const& proto, int32_t index, Scope& scope, OpRow const& row, int64_t opset, Values inputs)
    : attributes(proto, scope.attribute_lookup()),
      proto_(proto),
      scope_(scope),
      inputs_(std::move(inputs)),
      opset_(opset),
      parameter_(row.parameter),
      index_(index) {}

std::string const& Node::op() const { return proto_.op_type(); }

int32_t Node::output_count() const { return proto_.output_size(); }

std::string Node::output_name(int32_t index) const {
  return wants_output(index) ? proto_.output(index) : std::string();
}

std::string Node::name() const {
  if (!proto_.name().empty()) return proto_.name();
  return proto_.output_size() > 0 ? proto_.output(0) : std::string();
}

Value const& Node::input(int32_t index) const {
  static const Value kAbsent;
  return index < input_count() ? inputs_[static_cast<size_t>(index)] : kAbsent;
}

HostTensorPtr Node::constant(int32_t index, char const* what) const {
  require(input(index).is_constant(), ErrorCode::kUNSUPPORTED_NODE_DYNAMIC,
          text(what, " (input ", index, ") must be a constant, but is ", type_text(input(index))));
  return input(index).constant();
}

std::vector<int64_t> Node::constant_ints(int32_t index, char const* what) const {
  const HostTensorPtr constant = this->constant(index, what);
  require(constant->is_integer(), ErrorCode::kINVALID_NODE,
          text(what, " (input ", index, ") must be integers, but is ", type_text(*constant)));
  return constant->to_ints();
}

bool Node::wants_output(int32_t index) const { return index < proto_.output_size() && !proto_.output(index).empty(); }

int64_t Node::axis(int64_t axis, int64_t rank, char const* what) const {
  require(axis >= -rank && axis < rank, ErrorCode::kINVALID_NODE,
          text(what, " ", axis, " is outside of the ", rank, " dimensions of ", input_types()));
  return axis < 0 ? axis + rank : axis;
}

int64_t Node::groups(char const* name, int64_t given, int64_t channels) const {
  require(given >= 1 && (channels < 0 || channels % given == 0), ErrorCode::kINVALID_NODE,
          text("attribute '", name, "' is ", given, ", which does not divide ", channels, " channels"));
  return given;
}

std::string Node::input_types() const {
  std::string out;
  for (Value const& value : inputs_) out += (out.empty() ? "" : ", ") + type_text(value);
  return out;
}

void Node::fail(ErrorCode code, std::string const& what, SourcePlace where) const {
  throw ImportError(code, what, where);
}

}  // namespace rondo::onnx
