/// IRNNv2Layer: stacked recurrent layers of one of four cells (gone in 10, kept here).
///
/// Letters: N leading batch dimensions, S_max longest sequence, E input width, H hidden width, L layers, D directions
/// (1 or 2). The layer is written out as loops when the network is built, so it runs exactly as a loop of primitives does.
#pragma once

#include "rondo/layer.h"

namespace rondo {

/// The cell.
enum class RNNOperation : int32_t {
  kRELU = 0,  ///< h = relu(W x + R h + Wb + Rb)
  kTANH = 1,  ///< h = tanh(W x + R h + Wb + Rb)
  kLSTM = 2,  ///< i, f, o = sigmoid(..), g = tanh(..); c = f c + i g; h = o tanh(c)
  kGRU = 3    ///< z, r = sigmoid(..), g = tanh(W x + Wb + r (R h + Rb)); h = (1 - z) g + z h
};

template <>
constexpr int32_t EnumMax<RNNOperation>() noexcept {
  return 4;
}

/// The order in which sequences are read.
enum class RNNDirection : int32_t {
  kUNIDIRECTION = 0,
  kBIDIRECTION = 1  ///< forward and backward results side by side, 2 H wide, also between layers
};

template <>
constexpr int32_t EnumMax<RNNDirection>() noexcept {
  return 2;
}

/// What the first layer does with its input.
enum class RNNInputMode : int32_t {
  kLINEAR = 0,  ///< multiplies it by W
  kSKIP = 1     ///< adds it as it is; needs E == H, no W for layer 0
};

template <>
constexpr int32_t EnumMax<RNNInputMode>() noexcept {
  return 2;
}

/// A gate of a cell.
enum class RNNGateType : int32_t {
  kINPUT = 0,   ///< all cells but GRU
  kOUTPUT = 1,  ///< LSTM
  kFORGET = 2,  ///< LSTM
  kUPDATE = 3,  ///< GRU (z)
  kRESET = 4,   ///< GRU (r)
  kCELL = 5,    ///< LSTM (g)
  kHIDDEN = 6   ///< GRU (g)
};

template <>
constexpr int32_t EnumMax<RNNGateType>() noexcept {
  return 7;
}

/// Stacked recurrent layers.
/// Shapes    x [N.., S_max, E] -> 0 hidden of the last layer [N.., S_max, D H]; 1 final hidden [N.., D L, H];
///           2 final cell, LSTM only, [N.., D L, H]
/// Requires  (C1) rank(x) >= 2, dim -2 == S_max   (C2) every gate of every layer has W and R of the right count, but W of
///           layer 0 in kSKIP   (C3) kSKIP: E == H   (C4) states [N.., D L, H], leading 1s may be left out
class IRNNv2Layer : public ILayer {
 public:
  /// L, H, S_max and E.
  virtual int32_t getLayerCount() const noexcept = 0;
  virtual int32_t getHiddenSize() const noexcept = 0;
  virtual int32_t getMaxSeqLength() const noexcept = 0;
  virtual int32_t getDataLength() const noexcept = 0;

  /// Lengths of the sequences, int32 [N..], each 1 .. S_max; S_max for all until set. Results behind are 0.
  virtual void setSequenceLengths(ITensor& seqLengths) noexcept = 0;
  virtual ITensor* getSequenceLengths() const noexcept = 0;

  /// The cell; changing it changes which gates and outputs exist.
  virtual void setOperation(RNNOperation op) noexcept = 0;
  virtual RNNOperation getOperation() const noexcept = 0;

  /// Use of the input by layer 0; kLINEAR until set.
  virtual void setInputMode(RNNInputMode op) noexcept = 0;
  virtual RNNInputMode getInputMode() const noexcept = 0;

  /// The direction; kUNIDIRECTION until set.
  virtual void setDirection(RNNDirection op) noexcept = 0;
  virtual RNNDirection getDirection() const noexcept = 0;

  /// Matrix of one gate, row-major: W (isW) is H x E in layer 0 and H x D H above; R is H x H.
  /// layerIndex is l, or 2 l forward and 2 l + 1 backward when bidirectional.
  virtual void setWeightsForGate(int32_t layerIndex, RNNGateType gate, bool isW, Weights weights) noexcept = 0;
  virtual Weights getWeightsForGate(int32_t layerIndex, RNNGateType gate, bool isW) const noexcept = 0;

  /// Bias of one gate, H elements; zero until set. Wb (isW) and Rb differ for the hidden gate of GRU.
  virtual void setBiasForGate(int32_t layerIndex, RNNGateType gate, bool isW, Weights bias) noexcept = 0;
  virtual Weights getBiasForGate(int32_t layerIndex, RNNGateType gate, bool isW) const noexcept = 0;

  /// Initial hidden state; zero until set.
  virtual void setHiddenState(ITensor& hidden) noexcept = 0;
  virtual ITensor* getHiddenState() const noexcept = 0;

  /// Initial cell state of an LSTM; zero until set.
  virtual void setCellState(ITensor& cell) noexcept = 0;
  virtual ITensor* getCellState() const noexcept = 0;
};

}  // namespace rondo
