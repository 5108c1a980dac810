/// IAlgorithmSelector: lets a program choose among the kernels of a layer (8.0 to 10.x).
///
/// Rondo asks for each product (matrix product, convolution, deconvolution), once layers are fused: a context is a product of the
/// engine, named after all layers it stands for, joined by " + ". Choices are the types its factors may have, as the configuration's
/// flags allow: fp32, fp16 weights, bf16 factors. Everything else has one way to compute it and is not asked about. With the pass
/// lower_precision disabled, and at optimization level 0, the selector is not called, and the build warns.
#pragma once

#include "rondo/profile.h"

namespace rondo {

/// Layout and type of one input or output of an algorithm.
class IAlgorithmIOInfo : public INoCopy {
 public:
  /// Returns the layout.
  virtual TensorFormat getTensorFormat() const noexcept = 0;
  /// Returns the element type.
  virtual DataType getDataType() const noexcept = 0;
  /// Returns the strides in elements.
  virtual Dims getStrides() const noexcept = 0;
};

/// Names an algorithm.
class IAlgorithmVariant : public INoCopy {
 public:
  /// Returns the kind of kernel: 1 matrix product, 2 convolution.
  virtual int64_t getImplementation() const noexcept = 0;
  /// Returns the tactic within the kind: the DataType of the factors. The same in every build and on every machine.
  virtual int64_t getTactic() const noexcept = 0;
};

/// A layer for which an algorithm is chosen.
class IAlgorithmContext : public INoCopy {
 public:
  /// Returns the layer's name.
  virtual char const* getName() const noexcept = 0;
  /// Returns a shape of input or output `index`.
  virtual Dims getDimensions(int32_t index, OptProfileSelector select) const noexcept = 0;
  /// Returns the number of inputs.
  virtual int32_t getNbInputs() const noexcept = 0;
  /// Returns the number of outputs.
  virtual int32_t getNbOutputs() const noexcept = 0;
};

/// One choice for a layer.
class IAlgorithm : public INoCopy {
 public:
  /// Returns what input or output `index` looks like; inputs come first.
  virtual IAlgorithmIOInfo const* getAlgorithmIOInfoByIndex(int32_t index) const noexcept = 0;
  /// Returns its name.
  virtual IAlgorithmVariant const& getAlgorithmVariant() const noexcept = 0;
  /// Returns its time in milliseconds on one core, as Rondo estimates it: nothing is measured during a build.
  virtual float getTimingMSec() const noexcept = 0;
  /// Returns its temporary memory in bytes: 0, all of it belongs to the execution context.
  virtual std::size_t getWorkspaceSize() const noexcept = 0;
};

/// Chooses; a user overrides both methods. Contexts and algorithms live until the call returns.
/// Memory    referenced by the configuration; must outlive the build
/// Threads   called by the thread that builds
class IAlgorithmSelector {
 public:
  IAlgorithmSelector() = default;
  virtual ~IAlgorithmSelector() = default;

  /// Writes the indices of the choices that may be used to selection, of which the fastest is taken; returns their number, 0 for no
  /// preference.
  /// Errors    a negative number, more than nbChoices, an index that is no choice, and 0 under kREJECT_EMPTY_ALGORITHMS fail the build
  virtual int32_t selectAlgorithms(IAlgorithmContext const& context, IAlgorithm const* const* choices,
                                   int32_t nbChoices, int32_t* selection) = 0;

  /// Receives what was chosen for each layer, in the order in which they were asked about; called once.
  virtual void reportAlgorithms(IAlgorithmContext const* const* algoContexts, IAlgorithm const* const* algoChoices,
                                int32_t nbAlgorithms) = 0;
};

}  // namespace rondo
