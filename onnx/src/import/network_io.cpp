#include "import/network_io.h"

#include "layers/build.h"
#include "model/names.h"
#include "model/proto.h"

namespace rondo::onnx {
namespace {

struct DeclaredShape {
  Dims dims{};
  std::vector<std::string> names;  ///< of the dimensions, empty for those without
};

DeclaredShape read_shape(proto::TensorShapeProto const& shape, std::string const& who) {
  DeclaredShape result;
  check(shape.dim_size() <= Dims::MAX_DIMS, ErrorCode::kUNSUPPORTED_GRAPH,
        text(who, ": rank ", shape.dim_size(), " is above ", Dims::MAX_DIMS));
  result.dims.nbDims = shape.dim_size();
  for (int i = 0; i < shape.dim_size(); ++i) {
    proto::TensorShapeProto::Dimension const& dim = shape.dim(i);
    check(!dim.has_dim_value() || dim.dim_value() >= -1, ErrorCode::kINVALID_GRAPH,
          text(who, ": extent ", dim.dim_value(), " of dimension ", i, " is negative"));
    result.dims.d[i] = dim.has_dim_value() ? dim.dim_value() : -1;
    result.names.push_back(dim.has_dim_value() ? "" : dim.dim_param());
    check_name(result.names.back());
  }
  return result;
}

/// The element type of a tensor, or of what a sequence or optional holds.
int32_t element_type_of(proto::TypeProto const& type) {
  if (type.has_sequence_type()) return element_type_of(type.sequence_type().elem_type());
  if (type.has_optional_type()) return element_type_of(type.optional_type().elem_type());
  return type.tensor_type().elem_type();
}

void mark_tensor(Context& context, std::string const& name, int32_t declared, Value const& value) {
  const std::string who = "graph output '" + name + "'";
  ITensor* tensor = &to_tensor(context, value);
  if (declared != proto::TensorProto::UNDEFINED) {
    bool narrowed = false;
    const DataType type = tensor_type(declared, who, &narrowed);
    if (narrowed) context.warn(text(who, " is double; it becomes float32"));
    check(type == tensor->getType(), ErrorCode::kINVALID_GRAPH,
          text(who, " is declared ", element_type_text(declared), " but computed as ", type_name(tensor->getType())));
  }
  if (value.is_constant() || tensor->isNetworkInput() || tensor->isNetworkOutput()) {
    const int32_t first = context.network().getNbLayers();
    tensor = &result(context.network().addIdentity(*tensor), "identity");
    context.name_layers(first, name);
  }
  tensor->setName(name.c_str());
  check(tensor->getName() == name, ErrorCode::kUNSUPPORTED_GRAPH,
        text(who, " has the name of an input; give one of them another name"));
  context.network().markOutput(*tensor);
  check(tensor->isNetworkOutput(), ErrorCode::kINVALID_GRAPH,
        text(who, " is refused by the network; its log says why"));
}

/// Elements of sequences are outputs of their own: name/0, name/1, ..
void mark_value(Context& context, std::string const& name, int32_t declared, Value const& value) {
  if (value.is_none()) return;
  if (!value.is_sequence()) return mark_tensor(context, name, declared, value);
  check(!value.rows(), ErrorCode::kUNSUPPORTED_GRAPH,
        text("graph output '", name, "' is a ", type_text(value), "; a network has a fixed number of outputs"));
  for (size_t i = 0; i < value.elements()->size(); ++i) {
    mark_value(context, text(name, "/", i), declared, (*value.elements())[i]);
  }
}

}  // namespace

ITensor& add_network_input(Context& context, proto::ValueInfoProto const& input) {
  const std::string who = "graph input '" + input.name() + "'";
  check(input.type().has_tensor_type(), ErrorCode::kUNSUPPORTED_GRAPH,
        text(who, " is no tensor; networks take tensors only"));
  proto::TypeProto::Tensor const& type = input.type().tensor_type();
  check(type.has_shape(), ErrorCode::kUNSUPPORTED_GRAPH, text(who, " has no shape; at least its rank must be known"));
  bool narrowed = false;
  const DataType element = tensor_type(type.elem_type(), who, &narrowed);
  if (narrowed) context.warn(text(who, " is double; it becomes float32"));
  const DeclaredShape shape = read_shape(type.shape(), who);
  ITensor* tensor = context.network().addInput(input.name().c_str(), element, shape.dims);
  check(tensor != nullptr, ErrorCode::kINVALID_GRAPH, text(who, " is refused by the network; its log says why"));
  for (size_t i = 0; i < shape.names.size(); ++i) {
    if (!shape.names[i].empty()) tensor->setDimensionName(static_cast<int32_t>(i), shape.names[i].c_str());
  }
  return *tensor;
}

void mark_network_output(Context& context, proto::ValueInfoProto const& output, Value const& value) {
  const std::string who = "graph output '" + output.name() + "'";
  check(!value.absent(), ErrorCode::kUNSUPPORTED_GRAPH, text(who, " has no value"));
  if (value.is_none()) context.warn(text(who, " is an empty optional; the network has no output for it"));
  mark_value(context, output.name(), element_type_of(output.type()), value);
}

}  // namespace rondo::onnx
