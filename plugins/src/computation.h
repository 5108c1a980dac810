#pragma once

#include <optional>

#include "elements.h"
#include "parameters.h"

namespace rondo::bundled {

/// One call of enqueue.
struct Run {
  PluginTensorDesc const* in;
  PluginTensorDesc const* out;
  int32_t input_count, output_count;
  void const* const* inputs;
  void* const* outputs;
};

/// What a bundled plugin is beneath its interfaces (forms.h): parameters that are set once, the shapes and types that follow from
/// them, and what it computes. A class adds
///   kType, kFields                 name, and fields of the creators
///   (int32_t version, Fields&)     constructor of a program's fields; versions are those of the second generation
///   (int32_t version, Reader&)     constructor of the bytes that write gave
///   write, compute                 and, where the defaults here do not hold, the other virtual methods
/// Both constructors throw BadParameter.
/// Threads   const methods are safe together: all clones of a plugin share one object
class Computation {
 public:
  virtual ~Computation() = default;

  /// Inputs that it reads; a layer may have more.
  virtual int32_t inputs() const { return 1; }
  virtual int32_t outputs() const { return 1; }
  virtual DimsExprs output_shape(int32_t /*output*/, DimsExprs const* inputs, IExprBuilder& /*builder*/) const {
    return inputs[0];
  }
  virtual DataType output_type(int32_t /*output*/, DataType const* inputs) const { return inputs[0]; }
  /// Whether tensor pos (inputs, then outputs) may be of `type`, where the first input is of type `first`: all are of one float
  /// type, type_ where that is set.
  virtual bool accepts(int32_t pos, DataType type, DataType first, int32_t input_count) const;
  /// The parameters, in the order in which the constructor of bytes takes them, by the names that the one of fields knows.
  virtual void write(Writer& to) const = 0;

  /// Whether a layer may have so many inputs and outputs.
  bool fits(int32_t input_count, int32_t output_count) const {
    return input_count >= inputs() && output_count == outputs();
  }
  /// Computes. Returns 0; 1 for numbers or types of tensors, 2 for shapes, 4 for values that do not fit; 3 where memory is out.
  /// A plan may be hostile, so its tensors need not be what the parameters say.
  int32_t run(Run const& run) const;

 protected:
  explicit Computation(std::optional<DataType> type = {}) : type_(type) {}
  /// run, for numbers and types of tensors that fit.
  virtual int32_t compute(Run const& run) const = 0;

  std::optional<DataType> type_;  ///< the only float type; any if there is none
};

}  // namespace rondo::bundled
