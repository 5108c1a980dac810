#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "api/network/layer.h"
#include "rondo/rnn.h"

namespace rondo::api {

/// IRNNv2Layer. Inputs: 0 data, 1 hidden state, 2 cell state, 3 lengths; the last three optional.
class RecurrentLayer final : public LayerOf<IRNNv2Layer> {
 public:
  RecurrentLayer(Network& network, Tensor& input, int32_t layers, int32_t hidden, int32_t max_length, RNNOperation op);

  int32_t getNbOutputs() const noexcept override { return op_ == RNNOperation::kLSTM ? 3 : 2; }
  int32_t getLayerCount() const noexcept override { return layers_; }
  int32_t getHiddenSize() const noexcept override { return hidden_; }
  int32_t getMaxSeqLength() const noexcept override { return max_length_; }
  int32_t getDataLength() const noexcept override;
  void setSequenceLengths(ITensor& seqLengths) noexcept override { set_input(3, seqLengths); }
  ITensor* getSequenceLengths() const noexcept override { return input(3); }
  void setOperation(RNNOperation op) noexcept override;
  RNNOperation getOperation() const noexcept override { return op_; }
  void setInputMode(RNNInputMode op) noexcept override;
  RNNInputMode getInputMode() const noexcept override { return mode_; }
  void setDirection(RNNDirection op) noexcept override;
  RNNDirection getDirection() const noexcept override { return direction_; }
  void setWeightsForGate(int32_t layerIndex, RNNGateType gate, bool isW, Weights weights) noexcept override;
  Weights getWeightsForGate(int32_t layerIndex, RNNGateType gate, bool isW) const noexcept override;
  void setBiasForGate(int32_t layerIndex, RNNGateType gate, bool isW, Weights bias) noexcept override;
  Weights getBiasForGate(int32_t layerIndex, RNNGateType gate, bool isW) const noexcept override;
  void setHiddenState(ITensor& hidden) noexcept override { set_input(1, hidden); }
  ITensor* getHiddenState() const noexcept override { return input(1); }
  void setCellState(ITensor& cell) noexcept override { set_input(2, cell); }
  ITensor* getCellState() const noexcept override { return input(2); }

  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;
  void visit_weights(const std::function<void(const Weights&)>& visit) const override;

 protected:
  size_t max_inputs() const override { return 4; }

 private:
  using Key = std::tuple<int32_t, RNNGateType, bool>;  ///< pseudo-layer, gate, is W

  void store(const char* where, std::map<Key, Weights>& into, int32_t layer, RNNGateType gate, bool is_w,
             const Weights& weights) noexcept;
  void emit_gate(Emitter& out, std::vector<Emitter::Ref>& operands, int32_t layer, RNNGateType gate, DType dtype) const;
  const Weights& matrix(int32_t layer, RNNGateType gate, bool is_w, int64_t rows, int64_t columns) const;
  Weights bias(int32_t layer, RNNGateType gate, bool is_w) const;
  int32_t directions() const { return direction_ == RNNDirection::kBIDIRECTION ? 2 : 1; }

  int32_t layers_, hidden_, max_length_;
  RNNOperation op_;
  RNNInputMode mode_ = RNNInputMode::kLINEAR;
  RNNDirection direction_ = RNNDirection::kUNIDIRECTION;
  std::map<Key, Weights> weights_, biases_;
};

}  // namespace rondo::api
