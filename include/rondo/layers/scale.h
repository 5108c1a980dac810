/// Layers that choose, scale, copy or convert elements: select, scale, identity and cast.
#pragma once

#include "rondo/layer.h"

namespace rondo {

/// Chooses elements: condition ? then : else.
/// Shapes    three tensors of equal rank that broadcast to y; condition is bool, the others have one type
class ISelectLayer : public ILayer {};

/// Which weights an element of a scale layer meets.
enum class ScaleMode : int32_t {
  kUNIFORM = 0,     ///< one set for all
  kCHANNEL = 1,     ///< one per channel
  kELEMENTWISE = 2  ///< one per element of the dimensions from the channel axis on
};

template <>
constexpr int32_t EnumMax<ScaleMode>() noexcept {
  return 3;
}

/// Computes (x * scale + shift) ^ power. Empty weights stand for 1, 0 and 1. Shapes x [any] -> y [same]
/// Requires  (C1) each weight empty, or as many elements as mode demands   (C2) channel axis inside the rank
class IScaleLayer : public ILayer {
 public:
  /// Sharing of the weights.
  virtual void setMode(ScaleMode mode) noexcept = 0;
  virtual ScaleMode getMode() const noexcept = 0;

  /// The addend.
  virtual void setShift(Weights shift) noexcept = 0;
  virtual Weights getShift() const noexcept = 0;

  /// The factor.
  virtual void setScale(Weights scale) noexcept = 0;
  virtual Weights getScale() const noexcept = 0;

  /// The exponent.
  virtual void setPower(Weights power) noexcept = 0;
  virtual Weights getPower() const noexcept = 0;

  /// The dimension of the channels; max(0, rank - 3) until set.
  virtual int32_t getChannelAxis() const noexcept = 0;
  virtual void setChannelAxis(int32_t channelAxis) noexcept = 0;
};

/// Copies its input; with setOutputType it converts, as a cast does.
class IIdentityLayer : public ILayer {};

/// Converts element types: to bool is x != 0, float to integer truncates toward zero.
class ICastLayer : public ILayer {
 public:
  /// The type of the output.
  virtual void setToType(DataType toType) noexcept = 0;
  virtual DataType getToType() const noexcept = 0;
};

}  // namespace rondo
