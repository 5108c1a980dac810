/// IAlgorithmSelector: lets a program choose among the kernels of a layer (8.0 to 10.x).
///
/// Rondo fuses layers before it chooses kernels, so there is no choice to offer layer by layer; a build keeps the selector, warns, and
/// does not call it.
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
  /// Returns the kind of kernel.
  virtual int64_t getImplementation() const noexcept = 0;
  /// Returns the tactic within the kind.
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
  /// Returns its time in milliseconds.
  virtual float getTimingMSec() const noexcept = 0;
  /// Returns its temporary memory in bytes.
  virtual std::size_t getWorkspaceSize() const noexcept = 0;
};

/// Chooses; a user overrides both methods.
/// Memory    referenced by the configuration; must outlive the build
class IAlgorithmSelector {
 public:
  IAlgorithmSelector() = default;
  virtual ~IAlgorithmSelector() = default;

  /// Writes the indices of the choices that may be used to selection; returns their number, 0 for no preference.
  virtual int32_t selectAlgorithms(IAlgorithmContext const& context, IAlgorithm const* const* choices,
                                   int32_t nbChoices, int32_t* selection) = 0;

  /// Receives what was chosen for each layer.
  virtual void reportAlgorithms(IAlgorithmContext const* const* algoContexts, IAlgorithm const* const* algoChoices,
                                int32_t nbAlgorithms) = 0;
};

}  // namespace rondo
