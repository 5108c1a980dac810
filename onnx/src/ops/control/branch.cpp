// If.
//
// A condition that is known at import takes its branch right away. Else both branches are imported between the layers
// of a conditional: what a branch names of outside enters through an input layer of the conditional, once, so that its
// layers belong to the branch and run only when it is taken. Constants need no such door: they cost nothing to make.

#include "ops/control/conditions.h"

#include "model/proto.h"
#include "ops/op_table.h"

namespace rondo::onnx {
namespace {

/// Captured values on their way in; sequences enter element by element.
Value enter(IIfConditional& conditional, Value const& outside) {
  if (outside.is_sequence()) {
    Values elements;
    for (Value const& element : *outside.elements()) elements.push_back(enter(conditional, element));
    auto rows = outside.rows();
    if (rows && rows->tensor) {
      rows = std::make_shared<SequenceRows const>(
          SequenceRows{&result(conditional.addInput(*rows->tensor), "input of a conditional")});
    }
    return Value::sequence_behind(std::move(rows), std::move(elements));
  }
  if (!outside.is_tensor()) return outside;
  Value inside(result(conditional.addInput(*outside.tensor()), "input of a conditional"));
  return outside.known() ? inside.with_known(*outside.known()) : inside;
}

Value merge(Context& context, Node const& node, IIfConditional& conditional, Value const& then, Value const& otherwise,
            size_t index) {
  if (same_value(then, otherwise) && !then.is_tensor()) return then;
  const auto differ = [&](char const* what, ErrorCode code) {
    node.fail(code, text("output ", index, " is ", type_text(then), " of one branch and ", type_text(otherwise),
                         " of the other; ", what));
  };
  if (is_structure(then) || is_structure(otherwise)) {
    const bool alike = then.is_sequence() && otherwise.is_sequence() &&
                       then.elements()->size() == otherwise.elements()->size() && then.rows() == otherwise.rows();
    if (!alike) differ("that needs a constant condition", ErrorCode::kUNSUPPORTED_NODE_DYNAMIC);
    Values elements;
    for (size_t i = 0; i < then.elements()->size(); ++i) {
      elements.push_back(merge(context, node, conditional, (*then.elements())[i], (*otherwise.elements())[i], index));
    }
    return Value::sequence_behind(then.rows(), std::move(elements));
  }
  ITensor& a = to_tensor(context, then);
  ITensor& b = to_tensor(context, otherwise);
  if (a.getType() != b.getType()) differ("their types must be equal", ErrorCode::kINVALID_NODE);
  if (rank_of(a) != rank_of(b))
    differ("branches of different ranks need a constant condition", ErrorCode::kUNSUPPORTED_NODE_DYNAMIC);
  return result(conditional.addOutput(a, b), "output of a conditional");
}

Values import_if(Context& context, Node& node) {
  proto::GraphProto const& then_body = node.attributes.graph("then_branch");
  proto::GraphProto const& else_body = node.attributes.graph("else_branch");
  node.require(then_body.output_size() == else_body.output_size(), ErrorCode::kINVALID_NODE,
               text("the branches give ", then_body.output_size(), " and ", else_body.output_size(),
                    " outputs; they must give equally many"));
  if (const auto known = known_flag(node.input(0))) {
    return import_body(context, node, *known ? then_body : else_body, {});
  }
  IIfConditional* conditional = context.network().addIfConditional();
  check(conditional != nullptr, ErrorCode::kINTERNAL_ERROR, "the network gives no conditional");
  conditional->setName((node.scope().prefix() + node.name()).c_str());
  added(conditional->setCondition(flag_tensor(context, node, node.input(0), "the condition (input 0)")), "condition");
  const auto capture = [&](Value const& outside) { return enter(*conditional, outside); };
  const Values then = import_body(context, node, then_body, {}, capture);
  const Values otherwise = import_body(context, node, else_body, {}, capture);
  Values outputs;
  for (size_t i = 0; i < then.size(); ++i) {
    const bool wanted = node.wants_output(static_cast<int32_t>(i));
    outputs.push_back(wanted ? merge(context, node, *conditional, then[i], otherwise[i], i) : Value());
  }
  return outputs;
}

constexpr OpRow kRows[] = {
    OpRow::from("If", 1, {1, 1}, {0, kAny}, import_if),
};

}  // namespace

std::optional<bool> known_flag(Value const& condition) {
  const auto known = known_ints(condition);
  if (!known || known->values.size() != 1 || !known->values[0]) return std::nullopt;
  return *known->values[0] != 0;
}

ITensor& flag_tensor(Context& context, Node const& node, Value const& condition, char const* what) {
  ITensor& flag = to_tensor(context, condition);
  const Extents dims = dims_of(flag);
  const bool one = dims.empty() || (dims.size() == 1 && (dims[0] == 1 || dims[0] < 0));
  node.require(flag.getType() == DataType::kBOOL && one, ErrorCode::kINVALID_NODE,
               text(what, " is ", type_text(condition), "; one bool is needed"));
  return dims.empty() ? flag : reshape(context, flag, Extents{});
}

ITensor& count_tensor(Context& context, Node const& node, Value const& count, char const* what) {
  ITensor& tensor = to_tensor(context, count);
  const Extents dims = dims_of(tensor);
  const bool integer = tensor.getType() == DataType::kINT32 || tensor.getType() == DataType::kINT64;
  const bool one = dims.empty() || (dims.size() == 1 && (dims[0] == 1 || dims[0] < 0));
  node.require(integer && one, ErrorCode::kINVALID_NODE, text(what, " is ", type_text(count), "; one int64 is needed"));
  return dims.empty() ? tensor : reshape(context, tensor, Extents{});
}

OpRows branch_rows() { return kRows; }

}  // namespace rondo::onnx
