/// Layers that compute each output element from the elements at the same place: activation, elementwise and unary.
#pragma once

#include "rondo/layer.h"

namespace rondo {

/// Formula of an activation, with a = alpha and b = beta.
enum class ActivationType : int32_t {
  kRELU = 0,               ///< max(x, 0); the only one for integers
  kSIGMOID = 1,            ///< 1 / (1 + exp(-x))
  kTANH = 2,               ///< tanh(x)
  kLEAKY_RELU = 3,         ///< x >= 0 ? x : a x
  kELU = 4,                ///< x >= 0 ? x : a (exp(x) - 1)
  kSELU = 5,               ///< x > 0 ? b x : b (a exp(x) - a)
  kSOFTSIGN = 6,           ///< x / (1 + |x|)
  kSOFTPLUS = 7,           ///< a log(exp(b x) + 1)
  kCLIP = 8,               ///< max(a, min(b, x))
  kHARD_SIGMOID = 9,       ///< max(0, min(1, a x + b))
  kSCALED_TANH = 10,       ///< a tanh(b x)
  kTHRESHOLDED_RELU = 11,  ///< x > a ? x : 0
  kGELU_ERF = 12,          ///< x/2 (1 + erf(x / sqrt 2))
  kGELU_TANH = 13          ///< x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
};

template <>
constexpr int32_t EnumMax<ActivationType>() noexcept {
  return 14;
}

/// Applies an activation. Shapes x [any] -> y [same]
class IActivationLayer : public ILayer {
 public:
  /// The formula.
  virtual void setActivationType(ActivationType type) noexcept = 0;
  virtual ActivationType getActivationType() const noexcept = 0;

  /// The number a of the formula; 0 until set.
  virtual void setAlpha(float alpha) noexcept = 0;
  virtual float getAlpha() const noexcept = 0;

  /// The number b of the formula; 0 until set.
  virtual void setBeta(float beta) noexcept = 0;
  virtual float getBeta() const noexcept = 0;
};

/// Computes x < 0 ? slope * x : x.
/// Shapes    x [any], slope of the same rank, each extent that of x or 1 -> y as x
/// Requires  (C1) equal ranks   (C2) extents as above   (C3) one floating-point type
class IParametricReLULayer : public ILayer {};

/// Operation on two operands.
enum class ElementWiseOperation : int32_t {
  kSUM = 0,
  kPROD = 1,
  kMAX = 2,
  kMIN = 3,
  kSUB = 4,        ///< first minus second
  kDIV = 5,        ///< truncates toward zero for integers
  kPOW = 6,        ///< first to the power of second
  kFLOOR_DIV = 7,  ///< floor of the quotient
  kAND = 8,        ///< bool and bool -> bool, as the next two
  kOR = 9,
  kXOR = 10,
  kEQUAL = 11,  ///< -> bool, as the next two
  kGREATER = 12,
  kLESS = 13
};

template <>
constexpr int32_t EnumMax<ElementWiseOperation>() noexcept {
  return 14;
}

/// Combines two tensors.
/// Shapes    a, b of equal rank; each pair of extents equal, or one of them 1 -> y [larger extent of each pair]
/// Requires  (C1) rank(a) == rank(b)   (C2) extents broadcast   (C3) equal types; int32 with int64 computes in int64
class IElementWiseLayer : public ILayer {
 public:
  /// The operation.
  virtual void setOperation(ElementWiseOperation op) noexcept = 0;
  virtual ElementWiseOperation getOperation() const noexcept = 0;
};

/// Operation on one operand.
enum class UnaryOperation : int32_t {
  kEXP = 0,
  kLOG = 1,
  kSQRT = 2,
  kRECIP = 3,  ///< 1 / x
  kABS = 4,    ///< also for integers
  kNEG = 5,    ///< also for integers
  kSIN = 6,
  kCOS = 7,
  kTAN = 8,
  kSINH = 9,
  kCOSH = 10,
  kASIN = 11,
  kACOS = 12,
  kATAN = 13,
  kASINH = 14,
  kACOSH = 15,
  kATANH = 16,
  kCEIL = 17,
  kFLOOR = 18,
  kERF = 19,
  kNOT = 20,    ///< bool -> bool
  kSIGN = 21,   ///< -1, 0 or 1; also for integers
  kROUND = 22,  ///< to nearest, ties to even
  kISINF = 23,  ///< -> bool
  kISNAN = 24   ///< -> bool
};

template <>
constexpr int32_t EnumMax<UnaryOperation>() noexcept {
  return 25;
}

/// Applies a function to each element. Shapes x [any] -> y [same]
class IUnaryLayer : public ILayer {
 public:
  /// The function.
  virtual void setOperation(UnaryOperation op) noexcept = 0;
  virtual UnaryOperation getOperation() const noexcept = 0;
};

}  // namespace rondo
