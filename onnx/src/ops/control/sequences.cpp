// Sequences and optionals.
//
// A sequence is a list of values at import; no layer stands for it. Positions must be known, unless all elements have
// the same shape: then SequenceAt takes a row of the elements stacked. A loop whose trip count only the run knows makes
// sequences of another kind: they are the rows of a tensor, at any position, and grow at the end only. An optional is
// its content, or an empty one.

#include <algorithm>
#include <numeric>

#include "model/proto.h"
#include "ops/control/conditions.h"
#include "ops/op_table.h"

namespace rondo::onnx {
namespace {

Values const& elements_of(Node const& node, int32_t index) {
  Value const& value = node.input(index);
  node.require(value.is_sequence(), ErrorCode::kINVALID_NODE,
               text("input ", index, " is ", type_text(value), ", not a sequence"));
  node.require(!value.rows(), ErrorCode::kUNSUPPORTED_NODE_DYNAMIC, text("input ", index, " is a ", type_text(value)));
  return *value.elements();
}

/// A position in 0 .. most, counted from the end (of `length` elements) if negative.
size_t position_of(Node const& node, int32_t index, size_t length, size_t most) {
  const std::vector<int64_t> given = node.constant_ints(index, "the position");
  node.require(given.size() == 1, ErrorCode::kINVALID_NODE, "the position must be one number");
  const int64_t at = given[0] < 0 ? given[0] + static_cast<int64_t>(length) : given[0];
  node.require(at >= 0 && at <= static_cast<int64_t>(most), ErrorCode::kINVALID_NODE,
               text("position ", given[0], " is outside of a sequence of ", length));
  return static_cast<size_t>(at);
}

Values import_empty(Context&, Node& node) {
  node.attributes.ignore("dtype");  // elements bring their types
  return {Value::sequence({})};
}

Values import_construct(Context&, Node& node) { return {Value::sequence(node.inputs())}; }

Values import_insert(Context&, Node& node) {
  if (node.input(0).rows() && !node.has_input(2)) {
    Values behind = *node.input(0).elements();
    behind.push_back(node.input(1));
    return {Value::sequence_behind(node.input(0).rows(), std::move(behind))};
  }
  Values elements = elements_of(node, 0);
  const size_t at = node.has_input(2) ? position_of(node, 2, elements.size(), elements.size()) : elements.size();
  elements.insert(elements.begin() + static_cast<ptrdiff_t>(at), node.input(1));
  return {Value::sequence(std::move(elements))};
}

Values import_erase(Context&, Node& node) {
  Values elements = elements_of(node, 0);
  node.require(!elements.empty(), ErrorCode::kINVALID_NODE, "the sequence is empty");
  const size_t at =
      node.has_input(1) ? position_of(node, 1, elements.size(), elements.size() - 1) : elements.size() - 1;
  elements.erase(elements.begin() + static_cast<ptrdiff_t>(at));
  return {Value::sequence(std::move(elements))};
}

/// Whether the elements could be rows of one tensor: tensors of one type and shape, known at import.
bool are_alike(Values const& elements) {
  const auto fits = [&](Value const& element) {
    if (is_structure(element) || element.type() != elements[0].type()) return false;
    const Extents dims = element.dims();
    return dims == elements[0].dims() && std::all_of(dims.begin(), dims.end(), [](int64_t d) { return d >= 0; });
  };
  return std::all_of(elements.begin(), elements.end(), fits);
}

Values import_at(Context& context, Node& node) {
  const bool stacked = !node.input(0).rows() && !node.input(1).is_constant() && are_alike(elements_of(node, 0));
  if (node.input(0).rows() || stacked) {
    ITensor& rows = rows_tensor(context, node.input(0));
    ITensor& at = count_tensor(context, node, node.input(1), "the position (input 1)");
    return {gather(context, rows, wrap_indices(context, at, rows, 0), 0)};
  }
  Values const& elements = elements_of(node, 0);
  node.require(!elements.empty(), ErrorCode::kINVALID_NODE, "the sequence is empty");
  return {elements[position_of(node, 1, elements.size(), elements.size() - 1)]};
}

Values import_length(Context& context, Node& node) {
  if (!node.input(0).rows()) return {int_scalar(static_cast<int64_t>(elements_of(node, 0).size()))};
  return {reshape(context, extent_of(context, rows_tensor(context, node.input(0)), 0), Extents{})};
}

/// Rows [n, ..] joined along `axis` of the result: as a dimension of their own, or as parts of the one that is there.
ITensor& joined_rows(Context& context, ITensor& rows, int64_t axis, bool stack) {
  std::vector<int64_t> order(static_cast<size_t>(rank_of(rows)));
  std::iota(order.begin(), order.end(), 0);
  std::rotate(order.begin(), order.begin() + 1, order.begin() + 1 + axis);
  ITensor& turned = transpose(context, rows, order);
  return stack ? turned : fold_dims(context, turned, static_cast<int32_t>(axis), static_cast<int32_t>(axis) + 2);
}

Values import_concat(Context& context, Node& node) {
  if (node.input(0).rows()) {
    ITensor& rows = rows_tensor(context, node.input(0));
    const bool stack = node.attributes.flag("new_axis", false);
    const int64_t axis = node.axis(node.attributes.integer("axis"), rank_of(rows) - (stack ? 0 : 1));
    return {joined_rows(context, rows, axis, stack)};
  }
  Values const& elements = elements_of(node, 0);
  node.require(!elements.empty(), ErrorCode::kINVALID_NODE, "the sequence is empty");
  const bool stack = node.attributes.flag("new_axis", false);
  const int64_t rank = elements[0].rank() + (stack ? 1 : 0);
  const int64_t axis = node.axis(node.attributes.integer("axis"), rank);
  Tensors parts;
  for (Value const& element : elements) {
    ITensor& tensor = to_tensor(context, element);
    parts.push_back(stack ? &unsqueeze(context, tensor, {axis}) : &tensor);
  }
  return {concat(context, parts, axis)};
}

/// Each part is a layer of its own.
void require_few(Node const& node, int64_t parts) {
  constexpr int64_t kMostParts = 1024;
  node.require(parts <= kMostParts, ErrorCode::kUNSUPPORTED_NODE_SHAPE,
               text(parts, " parts are made; the most is ", kMostParts));
}

/// Extents of the parts: of one each, of a size and what is left, or as listed.
std::vector<int64_t> part_sizes(Node const& node, int64_t extent) {
  if (!node.has_input(1)) {
    require_few(node, extent);
    return std::vector<int64_t>(static_cast<size_t>(extent), 1);
  }
  const std::vector<int64_t> given = node.constant_ints(1, "split");
  if (node.input(1).rank() > 0) return given;
  node.require(given[0] > 0, ErrorCode::kINVALID_NODE, text("split is ", given[0]));
  require_few(node, extent / given[0]);
  std::vector<int64_t> sizes(static_cast<size_t>(extent / given[0]), given[0]);
  if (extent % given[0]) sizes.push_back(extent % given[0]);
  return sizes;
}

Values import_split(Context& context, Node& node) {
  ITensor& x = to_tensor(context, node.input(0));
  const int64_t axis = node.axis(node.attributes.integer("axis", 0), rank_of(x));
  const bool keep = node.attributes.flag("keepdims", true) || node.has_input(1);
  const int64_t extent = dims_of(x)[static_cast<size_t>(axis)];
  node.require(extent >= 0, ErrorCode::kUNSUPPORTED_NODE_DYNAMIC,
               text("axis ", axis, " of ", node.input_types(), " must have a known extent"));
  Values elements;
  int64_t at = 0;
  for (int64_t size : part_sizes(node, extent)) {
    node.require(size >= 0 && size <= extent - at, ErrorCode::kINVALID_NODE,
                 text("the parts are larger than extent ", extent));
    ITensor& part = slice_axis(context, x, axis, at, at + size);
    elements.emplace_back(keep ? part : squeeze(context, part, {axis}));
    at += size;
  }
  node.require(at == extent, ErrorCode::kINVALID_NODE, text("the parts are ", at, " of extent ", extent));
  return {Value::sequence(std::move(elements))};
}

/// The body once for each element of the first sequence; other sequences go along, tensors are the same for all.
Values import_map(Context& context, Node& node) {
  proto::GraphProto const& body = node.attributes.graph("body");
  const size_t count = elements_of(node, 0).size();
  std::vector<Values> results(static_cast<size_t>(body.output_size()));
  for (size_t i = 0; i < count; ++i) {
    Values inputs;
    for (Value const& input : node.inputs()) {
      node.require(!input.is_sequence() || input.elements()->size() == count, ErrorCode::kINVALID_NODE,
                   text("the sequences have different lengths: ", node.input_types()));
      inputs.push_back(input.is_sequence() ? (*input.elements())[i] : input);
    }
    const Values outputs = import_body(context, node, body, inputs);
    for (size_t k = 0; k < outputs.size(); ++k) results[k].push_back(outputs[k]);
  }
  Values sequences;
  for (Values& elements : results) sequences.push_back(Value::sequence(std::move(elements)));
  return sequences;
}

Values import_optional(Context&, Node& node) {
  node.attributes.ignore("type");  // of the content, which brings its own
  return {node.has_input(0) ? node.input(0) : Value::none()};
}

Values import_has_element(Context&, Node& node) {
  const int64_t has = node.has_input(0) && !node.input(0).is_none() ? 1 : 0;
  return {host_tensor_of(DataType::kBOOL, {}, std::span(&has, 1))};
}

Values import_get_element(Context&, Node& node) {
  node.require(!node.input(0).is_none(), ErrorCode::kINVALID_NODE, "the optional is empty");
  return {node.input(0)};
}

constexpr OpRow kRows[] = {
    OpRow::from("SequenceEmpty", 11, {0, 0}, {1, 1}, import_empty),
    OpRow::from("SequenceConstruct", 11, {1, kAny}, {1, 1}, import_construct),
    OpRow::from("SequenceInsert", 11, {2, 3}, {1, 1}, import_insert),
    OpRow::from("SequenceErase", 11, {1, 2}, {1, 1}, import_erase),
    OpRow::from("SequenceAt", 11, {2, 2}, {1, 1}, import_at),
    OpRow::from("SequenceLength", 11, {1, 1}, {1, 1}, import_length),
    OpRow::from("ConcatFromSequence", 11, {1, 1}, {1, 1}, import_concat),
    OpRow::from("SplitToSequence", 11, {1, 2}, {1, 1}, import_split),
    OpRow::from("SequenceMap", 17, {1, kAny}, {1, kAny}, import_map),
    OpRow::from("Optional", 15, {0, 1}, {1, 1}, import_optional),
    OpRow::from("OptionalHasElement", 15, {0, 1}, {1, 1}, import_has_element),
    OpRow::from("OptionalGetElement", 15, {1, 1}, {1, 1}, import_get_element),
};

}  // namespace

ITensor& rows_tensor(Context& context, Value const& sequence) {
  Tensors parts;
  if (sequence.rows()) {
    check(sequence.rows()->tensor != nullptr, ErrorCode::kUNSUPPORTED_NODE_DYNAMIC,
          "a loop may only append to the sequences that it carries, unless trip count and conditions are constants");
    parts.push_back(sequence.rows()->tensor);
  }
  for (Value const& element : *sequence.elements())
    parts.push_back(&unsqueeze(context, to_tensor(context, element), {0}));
  check(!parts.empty(), ErrorCode::kINVALID_NODE, "the sequence is empty");
  return concat(context, parts, 0);
}

OpRows sequences_rows() { return kRows; }

}  // namespace rondo::onnx
