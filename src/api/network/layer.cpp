#include "api/network/layer.h"

#include <algorithm>
#include <iterator>

#include "api/network/network.h"

namespace rondo::api {

namespace {

// By the integers of LayerType.
constexpr const char* kTypeNames[] = {"Convolution",
                                      "Fully Connected",
                                      "Activation",
                                      "Pooling",
                                      "LRN",
                                      "Scale",
                                      "Softmax",
                                      "Deconvolution",
                                      "Concatenation",
                                      "ElementWise",
                                      "Plugin",
                                      "Unary",
                                      "Padding",
                                      "Shuffle",
                                      "Reduce",
                                      "TopK",
                                      "Gather",
                                      "Matrix Multiply",
                                      "Ragged Softmax",
                                      "Constant",
                                      "RNN",
                                      "Identity",
                                      "PluginV2",
                                      "Slice",
                                      "Shape",
                                      "Parametric ReLU",
                                      "Resize",
                                      "Trip Limit",
                                      "Recurrence",
                                      "Iterator",
                                      "Loop Output",
                                      "Select",
                                      "Fill",
                                      "Quantize",
                                      "Dequantize",
                                      "Condition",
                                      "Conditional Input",
                                      "Conditional Output",
                                      "Scatter",
                                      "Einsum",
                                      "Assertion",
                                      "OneHot",
                                      "NonZero",
                                      "GridSample",
                                      "NMS",
                                      "Reverse Sequence",
                                      "Normalization",
                                      "Cast",
                                      "PluginV3",
                                      "Squeeze",
                                      "Unsqueeze",
                                      "Cumulative",
                                      "Dynamic Quantize",
                                      "Attention Input",
                                      "Attention Output",
                                      "Rotary Embedding",
                                      "KVCache Update",
                                      "MoE",
                                      "Dist Collective"};
static_assert(std::size(kTypeNames) == EnumMax<LayerType>());

}  // namespace

const char* layer_type_name(LayerType type) { return kTypeNames[static_cast<size_t>(type)]; }

LayerNode::LayerNode(Network& network, LayerType type, std::vector<Tensor*> inputs, size_t outputs)
    : network_(network), type_(type), inputs_(std::move(inputs)) {
  resize_outputs(outputs);
}

std::string LayerNode::name() const {
  if (!name_.empty()) return name_;
  return text("(Unnamed Layer* ", network_.index_of(*this), ") [", layer_type_name(type_), "]");
}

std::vector<Emitter::Ref> LayerNode::emit(Emitter&, const std::vector<Emitter::Ref>&) const {
  RONDO_CHECK(false, who(), " stands at a border and has no op of its own");
  return {};
}

bool LayerNode::is_shape_input(size_t) const { return false; }

void LayerNode::visit_weights(const std::function<void(const Weights&)>&) const {}

void LayerNode::check_input(size_t, const Tensor&) const {}

void LayerNode::input_changed(size_t) {}

void LayerNode::resize_outputs(size_t count) {
  while (outputs_.size() > count) outputs_.pop_back();
  while (outputs_.size() < count) {
    outputs_.push_back(std::make_unique<Tensor>(network_, *this, static_cast<int32_t>(outputs_.size())));
  }
}

void LayerNode::touch() const { network_.inference().layer_changed(*this); }

const ErrorSink& LayerNode::sink() const { return network_.sink(); }

void LayerNode::set_name(const char* name) noexcept {
  guarded(sink(), "ILayer::setName", [&] {
    require(name != nullptr, who(), ": the new name is null");
    name_ = name;
  });
}

const char* LayerNode::shown_name() const noexcept {
  guarded(sink(), "ILayer::getName", [&] { shown_name_ = name(); });
  return shown_name_.c_str();
}

void LayerNode::set_metadata(const char* metadata) noexcept {
  guarded(sink(), "ILayer::setMetadata", [&] {
    require(metadata != nullptr, who(), ": the metadata is null");
    metadata_ = metadata;
  });
}

void LayerNode::set_input(int32_t index, ITensor& tensor) noexcept {
  set("ILayer::setInput", [&] {
    Tensor& own = network_.own(tensor, "ILayer::setInput");
    const auto at = static_cast<size_t>(index);
    require(index >= 0 && at < std::max(max_inputs(), inputs_.size()), who(), " has no input ", index, "; it takes ",
            std::max(max_inputs(), inputs_.size()));
    check_input(at, own);
    if (at >= inputs_.size()) inputs_.resize(at + 1, nullptr);
    inputs_[at] = &own;
    input_changed(at);
  });
}

void LayerNode::set_output_type(int32_t index, DataType type) noexcept {
  set("ILayer::setOutputType", [&] {
    require(index >= 0 && static_cast<size_t>(index) < outputs_.size(), who(), " has no output ", index);
    to_dtype(type, who() + ": output type");
    outputs_[static_cast<size_t>(index)]->requested_type() = type;
  });
}

DataType LayerNode::output_type(int32_t index) const noexcept {
  const bool ok = index >= 0 && static_cast<size_t>(index) < outputs_.size();
  return ok ? outputs_[static_cast<size_t>(index)]->getType() : DataType::kFLOAT;
}

bool LayerNode::output_type_is_set(int32_t index) const noexcept {
  const bool ok = index >= 0 && static_cast<size_t>(index) < outputs_.size();
  return ok && outputs_[static_cast<size_t>(index)]->requested_type().has_value();
}

void LayerNode::reset_output_type(int32_t index) noexcept {
  set("ILayer::resetOutputType", [&] {
    require(index >= 0 && static_cast<size_t>(index) < outputs_.size(), who(), " has no output ", index);
    outputs_[static_cast<size_t>(index)]->requested_type().reset();
  });
}

void LayerNode::set_precision(DataType type) noexcept {
  guarded(sink(), "ILayer::setPrecision", [&] {
    to_dtype(type, who() + ": precision");
    precision_ = type;
    precision_is_set_ = true;
  });
}

std::vector<Emitter::Ref> emit_layer(const LayerNode& layer, Emitter& out, const std::vector<Emitter::Ref>& in) {
  std::vector<Emitter::Ref> results = layer.emit(out, in);
  for (size_t i = 0; i < results.size() && i < layer.outputs().size(); ++i) {
    const int rank = out.type(results[i]).rank();
    require(rank <= Dims::MAX_DIMS, layer.who(), ": output ", i, " has rank ", rank, "; at most ", Dims::MAX_DIMS,
            " dimensions are possible");
    const auto& asked = layer.outputs()[i]->requested_type();
    if (!asked) continue;
    const DType to = to_dtype(*asked, layer.who()), from = out.type(results[i]).dtype;
    const bool narrows_float = is_float(to) && is_float(from) && layer.type() != LayerType::kIDENTITY;
    if (!narrows_float) results[i] = out.cast(results[i], to, layer.name());
  }
  return results;
}

}  // namespace rondo::api
