#include "api/network/conditional.h"

#include "api/network/network.h"

namespace rondo::api {

std::string ConditionalNode::name() const {
  return name_.empty() ? text("(Unnamed Conditional* ", index_, ")") : name_;
}

IConditionLayer* ConditionalNode::setCondition(ITensor& condition) noexcept {
  return guarded<IConditionLayer*>(network_.sink(), "IIfConditional::setCondition", nullptr, [&] {
    Tensor& own = network_.own(condition, "IIfConditional::setCondition");
    require(condition_ == nullptr, "conditional '", name(), "' has a condition already; it is set once");
    condition_ = network_.add_layer<ConditionLayer>(LayerType::kCONDITION, *this, std::vector<Tensor*>{&own}, 0);
    return condition_;
  });
}

IIfConditionalInputLayer* ConditionalNode::addInput(ITensor& input) noexcept {
  return guarded<IIfConditionalInputLayer*>(network_.sink(), "IIfConditional::addInput", nullptr, [&] {
    Tensor& own = network_.own(input, "IIfConditional::addInput");
    inputs_.push_back(
        network_.add_layer<ConditionalInputLayer>(LayerType::kCONDITIONAL_INPUT, *this, std::vector<Tensor*>{&own}, 1));
    return inputs_.back();
  });
}

IIfConditionalOutputLayer* ConditionalNode::addOutput(ITensor& trueSubgraphOutput,
                                                      ITensor& falseSubgraphOutput) noexcept {
  return guarded<IIfConditionalOutputLayer*>(network_.sink(), "IIfConditional::addOutput", nullptr, [&] {
    Tensor& on_true = network_.own(trueSubgraphOutput, "IIfConditional::addOutput");
    Tensor& on_false = network_.own(falseSubgraphOutput, "IIfConditional::addOutput");
    outputs_.push_back(network_.add_layer<ConditionalOutputLayer>(LayerType::kCONDITIONAL_OUTPUT, *this,
                                                                  std::vector<Tensor*>{&on_true, &on_false}, 1));
    return outputs_.back();
  });
}

void ConditionalNode::setName(char const* name) noexcept {
  guarded(network_.sink(), "IIfConditional::setName", [&] {
    require(name != nullptr, "IIfConditional::setName: the new name is null");
    name_ = name;
  });
}

}  // namespace rondo::api
