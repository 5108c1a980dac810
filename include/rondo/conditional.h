/// Conditionals: IIfConditional and its three layer kinds.
///
/// Only the taken branch runs. Layers that depend on an input layer of the conditional and feed one side of its outputs
/// form a branch; all other layers run unconditionally. Branches may hold loops and conditionals.
#pragma once

#include "rondo/layer.h"

namespace rondo {

class IIfConditional;

/// Base of the layers at the border of a conditional.
class IIfConditionalBoundaryLayer : public ILayer {
 public:
  /// Returns the conditional that the layer belongs to.
  virtual IIfConditional* getConditional() const noexcept = 0;
};

/// Reads the condition, a 0-D bool. Has no output.
class IConditionLayer : public IIfConditionalBoundaryLayer {};

/// Lets a value of outside into the branches. Shapes x [any] -> y [same]
class IIfConditionalInputLayer : public IIfConditionalBoundaryLayer {};

/// Merges the results of the two branches.
/// Inputs    0 the result when the condition is true, 1 when it is false
/// Requires  (C1) equal types   (C2) equal ranks and extents
class IIfConditionalOutputLayer : public IIfConditionalBoundaryLayer {};

/// A conditional of a network.
/// Memory    owned by the network
class IIfConditional : public INoCopy {
 public:
  /// Sets the condition, once. The build refuses a tensor that is not a 0-D bool.
  /// Errors    null if it was set before
  virtual IConditionLayer* setCondition(ITensor& condition) noexcept = 0;

  /// Adds an input that branches read.
  virtual IIfConditionalInputLayer* addInput(ITensor& input) noexcept = 0;

  /// Adds an output.
  virtual IIfConditionalOutputLayer* addOutput(ITensor& trueSubgraphOutput, ITensor& falseSubgraphOutput) noexcept = 0;

  /// Names the conditional; messages use the name.
  virtual void setName(char const* name) noexcept = 0;
  virtual char const* getName() const noexcept = 0;

 protected:
  ~IIfConditional() noexcept override = default;
};

}  // namespace rondo
