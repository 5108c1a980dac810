#pragma once

#include <vector>

#include "api/network/layer.h"
#include "rondo/conditional.h"

namespace rondo::api {

/// Mark of the three layer kinds at the border of a conditional.
class ConditionalBorder {
 public:
  explicit ConditionalBorder(ConditionalNode& conditional) : conditional_(conditional) {}
  virtual ~ConditionalBorder() = default;
  ConditionalNode& conditional() const { return conditional_; }

 private:
  ConditionalNode& conditional_;
};

/// A border layer that shows Interface.
template <class Interface>
class ConditionalBorderOf : public LayerOf<Interface>, public ConditionalBorder {
 public:
  ConditionalBorderOf(Network& network, LayerType type, ConditionalNode& conditional, std::vector<Tensor*> inputs,
                      size_t outputs)
      : LayerOf<Interface>(network, type, std::move(inputs), outputs), ConditionalBorder(conditional) {}
  IIfConditional* getConditional() const noexcept override;
};

using ConditionLayer = ConditionalBorderOf<IConditionLayer>;
using ConditionalInputLayer = ConditionalBorderOf<IIfConditionalInputLayer>;
using ConditionalOutputLayer = ConditionalBorderOf<IIfConditionalOutputLayer>;

/// IIfConditional: the border layers by kind, in order of addition.
class ConditionalNode final : public IIfConditional {
 public:
  ConditionalNode(Network& network, size_t index) : network_(network), index_(index) {}
  ~ConditionalNode() noexcept override = default;

  IConditionLayer* setCondition(ITensor& condition) noexcept override;
  IIfConditionalInputLayer* addInput(ITensor& input) noexcept override;
  IIfConditionalOutputLayer* addOutput(ITensor& trueSubgraphOutput, ITensor& falseSubgraphOutput) noexcept override;
  void setName(char const* name) noexcept override;
  char const* getName() const noexcept override { return name_.c_str(); }

  const ConditionLayer* condition() const { return condition_; }
  const std::vector<ConditionalInputLayer*>& inputs() const { return inputs_; }
  const std::vector<ConditionalOutputLayer*>& outputs() const { return outputs_; }
  /// The name given, else "(Unnamed Conditional* N)".
  std::string name() const;

 private:
  Network& network_;
  size_t index_;
  std::string name_;
  ConditionLayer* condition_ = nullptr;
  std::vector<ConditionalInputLayer*> inputs_;
  std::vector<ConditionalOutputLayer*> outputs_;
};

template <class Interface>
IIfConditional* ConditionalBorderOf<Interface>::getConditional() const noexcept {
  return &conditional();
}

}  // namespace rondo::api
