/// ILayer: the base of all layers, and the list of layer kinds.
#pragma once

#include "rondo/tensor.h"

namespace rondo {

/// Kind of a layer. Integers are those of TensorRT 8.6; kinds that came later follow from 48 on.
enum class LayerType : int32_t {
  kCONVOLUTION = 0,          ///< convolution
  kFULLY_CONNECTED = 1,      ///< IFullyConnectedLayer
  kACTIVATION = 2,           ///< IActivationLayer
  kPOOLING = 3,              ///< pooling
  kLRN = 4,                  ///< local response normalization
  kSCALE = 5,                ///< IScaleLayer
  kSOFTMAX = 6,              ///< ISoftMaxLayer
  kDECONVOLUTION = 7,        ///< transposed convolution
  kCONCATENATION = 8,        ///< IConcatenationLayer
  kELEMENTWISE = 9,          ///< IElementWiseLayer
  kPLUGIN = 10,              ///< plugin of the first generation
  kUNARY = 11,               ///< IUnaryLayer
  kPADDING = 12,             ///< padding
  kSHUFFLE = 13,             ///< IShuffleLayer
  kREDUCE = 14,              ///< IReduceLayer
  kTOPK = 15,                ///< ITopKLayer
  kGATHER = 16,              ///< IGatherLayer
  kMATRIX_MULTIPLY = 17,     ///< IMatrixMultiplyLayer
  kRAGGED_SOFTMAX = 18,      ///< softmax over row prefixes
  kCONSTANT = 19,            ///< IConstantLayer
  kRNN_V2 = 20,              ///< IRNNv2Layer
  kIDENTITY = 21,            ///< IIdentityLayer
  kPLUGIN_V2 = 22,           ///< plugin of the second generation
  kSLICE = 23,               ///< ISliceLayer
  kSHAPE = 24,               ///< IShapeLayer
  kPARAMETRIC_RELU = 25,     ///< parametric ReLU
  kRESIZE = 26,              ///< interpolation
  kTRIP_LIMIT = 27,          ///< ITripLimitLayer
  kRECURRENCE = 28,          ///< IRecurrenceLayer
  kITERATOR = 29,            ///< IIteratorLayer
  kLOOP_OUTPUT = 30,         ///< ILoopOutputLayer
  kSELECT = 31,              ///< ISelectLayer
  kFILL = 32,                ///< generated values
  kQUANTIZE = 33,            ///< real to integer
  kDEQUANTIZE = 34,          ///< integer to real
  kCONDITION = 35,           ///< IConditionLayer
  kCONDITIONAL_INPUT = 36,   ///< IIfConditionalInputLayer
  kCONDITIONAL_OUTPUT = 37,  ///< IIfConditionalOutputLayer
  kSCATTER = 38,             ///< indexed writes
  kEINSUM = 39,              ///< sum of products by equation
  kASSERTION = 40,           ///< run-time check
  kONE_HOT = 41,             ///< one-hot vectors
  kNON_ZERO = 42,            ///< indices of non-zero elements
  kGRID_SAMPLE = 43,         ///< sampling by coordinates
  kNMS = 44,                 ///< non-maximum suppression
  kREVERSE_SEQUENCE = 45,    ///< reversal of row prefixes
  kNORMALIZATION = 46,       ///< layer, group and instance normalization
  kCAST = 47,                ///< ICastLayer
  kPLUGIN_V3 = 48,           ///< plugin of the third generation
  kSQUEEZE = 49,             ///< removal of unit dimensions
  kUNSQUEEZE = 50,           ///< insertion of unit dimensions
  kCUMULATIVE = 51,          ///< running sum
  kDYNAMIC_QUANTIZE = 52,    ///< quantization with scales made at run time
  kATTENTION_INPUT = 53,     ///< entry of an attention
  kATTENTION_OUTPUT = 54,    ///< exit of an attention
  kROTARY_EMBEDDING = 55,    ///< rotary position embedding
  kKVCACHE_UPDATE = 56,      ///< write into a key or value cache
  kMOE = 57,                 ///< mixture of experts
  kDIST_COLLECTIVE = 58      ///< collective between devices
};

template <>
constexpr int32_t EnumMax<LayerType>() noexcept {
  return 59;
}

/// One operation of a network. The concrete class follows from getType: `static_cast<IUnaryLayer*>(layer)`.
/// Memory    owned by the network; valid until the network is destroyed
/// Threads   one thread at a time per network
class ILayer : public INoCopy {
 public:
  /// Returns the kind.
  virtual LayerType getType() const noexcept = 0;

  /// Names the layer. Messages, profiles and the inspector use this name.
  virtual void setName(char const* name) noexcept = 0;

  /// Returns the name: the one given, else `(Unnamed Layer* N) [Kind]`.
  virtual char const* getName() const noexcept = 0;

  /// Attaches free text that the inspector repeats; empty by default.
  virtual void setMetadata(char const* metadata) noexcept = 0;
  virtual char const* getMetadata() const noexcept = 0;

  /// Returns the number of inputs, unset optional ones before the last set one included.
  virtual int32_t getNbInputs() const noexcept = 0;

  /// Returns input index, or null if it is unset or out of range.
  virtual ITensor* getInput(int32_t index) const noexcept = 0;

  /// Replaces or adds input index. Which inputs a layer takes stands with its class.
  /// Errors    kINVALID_ARGUMENT if the layer has no such input or the tensor is of another network; nothing changes
  virtual void setInput(int32_t index, ITensor& tensor) noexcept = 0;

  /// Returns the number of outputs.
  virtual int32_t getNbOutputs() const noexcept = 0;

  /// Returns output index, or null out of range.
  virtual ITensor* getOutput(int32_t index) const noexcept = 0;

  /// Asks for a computation type (gone in 11). Rondo computes at least as precisely as asked.
  RONDO_DEPRECATED virtual void setPrecision(DataType dataType) noexcept = 0;
  virtual DataType getPrecision() const noexcept = 0;
  virtual bool precisionIsSet() const noexcept = 0;
  virtual void resetPrecision() noexcept = 0;

  /// Sets the type of output index (setters gone in 11). On an identity layer this is the type conversion.
  /// Errors    kINVALID_ARGUMENT if there is no such output
  RONDO_DEPRECATED virtual void setOutputType(int32_t index, DataType dataType) noexcept = 0;

  /// Returns the type of output index, set or inferred.
  virtual DataType getOutputType(int32_t index) const noexcept = 0;

  /// Tells whether setOutputType was called for output index.
  virtual bool outputTypeIsSet(int32_t index) const noexcept = 0;

  /// Goes back to the inferred type.
  virtual void resetOutputType(int32_t index) noexcept = 0;

 protected:
  ~ILayer() noexcept override = default;
};

}  // namespace rondo
