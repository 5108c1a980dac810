#include "api/network/network.h"

#include <algorithm>

#include "api/layers/transformer/attention.h"
#include "api/network/conditional.h"
#include "api/network/loop.h"

namespace rondo::api {

Network::Network(IBuilder& builder, ILogger* logger, IErrorRecorder* recorder, NetworkDefinitionCreationFlags flags)
    : builder_(builder), sink_(logger, recorder), flags_(flags), inference_(*this) {}

Network::~Network() noexcept = default;

size_t Network::index_of(const LayerNode& layer) const {
  // A layer whose constructor still runs gets the next position.
  const auto found = positions_.find(&layer);
  return found == positions_.end() ? layers_.size() : found->second;
}

Tensor& Network::own(ITensor& tensor, const char* where) const {
  auto& own = static_cast<Tensor&>(tensor);
  require(&own.network() == this, where, ": ", own.who(), " belongs to another network");
  return own;
}

ITensor* Network::addInput(char const* name, DataType type, Dims const& dimensions) noexcept {
  return guarded<ITensor*>(sink_, "INetworkDefinition::addInput", nullptr, [&] {
    require_name(name, "addInput: name");
    to_dtype(type, text("network input '", name, "'"));
    require_shape(dimensions, true, text("network input '", name, "': shape"));
    for (const auto& input : inputs_) {
      require(input->given_name() != name, "network input '", name, "' exists already; names of inputs are unique");
    }
    inputs_.push_back(std::make_unique<Tensor>(*this, name, type, dimensions));
    return inputs_.back().get();
  });
}

void Network::mark(Tensor& tensor, bool for_shapes) {
  require(!tensor.isNetworkInput(), tensor.who(),
          " is a network input and cannot be an output; put an identity between");
  if (for_shapes) {
    const DataType type = tensor.getType();
    require(type == DataType::kINT32 || type == DataType::kINT64, tensor.who(),
            " cannot be an output for shapes: its type is not int32 or int64");
  }
  const bool is_new = std::find(outputs_.begin(), outputs_.end(), &tensor) == outputs_.end();
  require(is_new, tensor.who(), " is a network output already");
  outputs_.push_back(&tensor);
  if (for_shapes) shape_outputs_.insert(&tensor);
}

void Network::unmark(Tensor& tensor) {
  const auto found = std::find(outputs_.begin(), outputs_.end(), &tensor);
  require(found != outputs_.end(), tensor.who(), " is no network output");
  outputs_.erase(found);
  shape_outputs_.erase(&tensor);
}

void Network::markOutput(ITensor& tensor) noexcept {
  guarded(sink_, "INetworkDefinition::markOutput", [&] { mark(own(tensor, "markOutput"), false); });
}

void Network::unmarkOutput(ITensor& tensor) noexcept {
  guarded(sink_, "INetworkDefinition::unmarkOutput", [&] { unmark(own(tensor, "unmarkOutput")); });
}

bool Network::markOutputForShapes(ITensor& tensor) noexcept {
  return guarded(sink_, "INetworkDefinition::markOutputForShapes",
                 [&] { mark(own(tensor, "markOutputForShapes"), true); });
}

bool Network::unmarkOutputForShapes(ITensor& tensor) noexcept {
  return guarded(sink_, "INetworkDefinition::unmarkOutputForShapes",
                 [&] { unmark(own(tensor, "unmarkOutputForShapes")); });
}

bool Network::markDebug(ITensor& tensor) noexcept {
  return guarded(sink_, "INetworkDefinition::markDebug", [&] {
    const Tensor& marked = own(tensor, "markDebug");
    require(!isDebugTensor(tensor), marked.who(), " is marked for debugging already");
    debug_.push_back(&marked);
  });
}

bool Network::unmarkDebug(ITensor& tensor) noexcept {
  return guarded(sink_, "INetworkDefinition::unmarkDebug", [&] {
    const Tensor& marked = own(tensor, "unmarkDebug");
    require(std::erase(debug_, &marked) != 0, marked.who(), " is not marked for debugging");
  });
}

bool Network::isDebugTensor(ITensor const& tensor) const noexcept {
  return std::find(debug_.begin(), debug_.end(), &tensor) != debug_.end();
}

void Network::removeTensor(ITensor& tensor) noexcept {
  guarded(sink_, "INetworkDefinition::removeTensor", [&] {
    const Tensor& gone = own(tensor, "removeTensor");
    require(gone.isNetworkInput(), gone.who(), " is the output of a layer and cannot be removed");
    for (const auto& layer : layers_) {
      const auto& used = layer->inputs();
      require(std::find(used.begin(), used.end(), &gone) == used.end(), gone.who(), " is used by ", layer->who(),
              " and cannot be removed");
    }
    std::erase(debug_, &gone);
    std::erase_if(inputs_, [&](const auto& input) { return input.get() == &gone; });
    inference_.forget();
  });
}

ILoop* Network::addLoop() noexcept {
  return guarded<ILoop*>(sink_, "INetworkDefinition::addLoop", nullptr, [&] {
    loops_.push_back(std::make_unique<LoopNode>(*this, loops_.size()));
    return loops_.back().get();
  });
}

IIfConditional* Network::addIfConditional() noexcept {
  return guarded<IIfConditional*>(sink_, "INetworkDefinition::addIfConditional", nullptr, [&] {
    conditionals_.push_back(std::make_unique<ConditionalNode>(*this, conditionals_.size()));
    return conditionals_.back().get();
  });
}

ILayer* Network::getLayer(int32_t index) const noexcept {
  return index < 0 || index >= getNbLayers() ? nullptr : &layers_[static_cast<size_t>(index)]->face();
}

ITensor* Network::getInput(int32_t index) const noexcept {
  return index < 0 || index >= getNbInputs() ? nullptr : inputs_[static_cast<size_t>(index)].get();
}

ITensor* Network::getOutput(int32_t index) const noexcept {
  return index < 0 || index >= getNbOutputs() ? nullptr : outputs_[static_cast<size_t>(index)];
}

void Network::setName(char const* name) noexcept {
  guarded(sink_, "INetworkDefinition::setName", [&] {
    require(name != nullptr, "INetworkDefinition::setName: the name is null");
    name_ = name;
  });
}

bool Network::getFlag(NetworkDefinitionCreationFlag flag) const noexcept {
  return ((flags_ >> static_cast<int32_t>(flag)) & 1U) != 0;
}

bool Network::hasExplicitPrecision() const noexcept {
  return getFlag(NetworkDefinitionCreationFlag::kEXPLICIT_PRECISION);
}

bool Network::setWeightsName(Weights weights, char const* name) noexcept {
  return guarded(sink_, "INetworkDefinition::setWeightsName", [&] {
    require_name(name, "setWeightsName: name");
    bool used = false;
    for (const auto& layer : layers_) {
      layer->visit_weights([&](const Weights& other) {
        used = used || (weights.values != nullptr && other.values == weights.values && other.count == weights.count);
      });
    }
    require(used, "setWeightsName: no layer uses the weights to be named '", name, "'");
    weight_names_[weights.values] = name;
  });
}

}  // namespace rondo::api
