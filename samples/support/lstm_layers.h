#pragma once

#include "support/sample.h"

namespace sample {

/// One LSTM direction written from primitive layers in a loop: eight matrix products, sums, activations.
/// All weights are 1 and biases 0, so that the values can be computed by hand.
struct LstmLayers {
  nvinfer1::ITensor* last_hidden;  ///< [B, H]
  nvinfer1::ITensor* all_hidden;   ///< [B, S, H]
  nvinfer1::ITensor* last_cell;    ///< [B, H]
};

/// x [B, S, I], h0 [B, H], c0 [B, H], length: 0-D int32 (trip count and number of kept states).
inline LstmLayers add_lstm(nvinfer1::INetworkDefinition& network, WeightStore& weights, nvinfer1::ITensor& x,
                           nvinfer1::ITensor& h0, nvinfer1::ITensor& c0, nvinfer1::ITensor& length, int64_t input_size,
                           int64_t hidden_size, bool reverse) {
  using namespace nvinfer1;
  ITensor& wx =
      *network.addConstant(Dims2(input_size, hidden_size), weights.floats(input_size * hidden_size, 1.F))->getOutput(0);
  ITensor& wh = *network.addConstant(Dims2(hidden_size, hidden_size), weights.floats(hidden_size * hidden_size, 1.F))
                     ->getOutput(0);
  ITensor& bias = *network.addConstant(Dims2(1, hidden_size), weights.floats(hidden_size, 0.F))->getOutput(0);

  ILoop* loop = network.addLoop();
  loop->addTripLimit(length, TripLimit::kCOUNT);
  ITensor& x_t = *loop->addIterator(x, 1, reverse)->getOutput(0);
  IRecurrenceLayer* hidden = loop->addRecurrence(h0);
  IRecurrenceLayer* cell = loop->addRecurrence(c0);

  auto sum = [&](ITensor& a, ITensor& b) -> ITensor& {
    return *network.addElementWise(a, b, ElementWiseOperation::kSUM)->getOutput(0);
  };
  auto product = [&](ITensor& a, ITensor& b) -> ITensor& {
    return *network.addElementWise(a, b, ElementWiseOperation::kPROD)->getOutput(0);
  };
  auto gate = [&](ActivationType type) -> ITensor& {
    ITensor& from_x = *network.addMatrixMultiply(x_t, MatrixOperation::kNONE, wx, MatrixOperation::kNONE)->getOutput(0);
    ITensor& from_h =
        *network.addMatrixMultiply(*hidden->getOutput(0), MatrixOperation::kNONE, wh, MatrixOperation::kNONE)
             ->getOutput(0);
    return *network.addActivation(sum(sum(from_x, from_h), bias), type)->getOutput(0);
  };
  ITensor& i = gate(ActivationType::kSIGMOID);
  ITensor& f = gate(ActivationType::kSIGMOID);
  ITensor& g = gate(ActivationType::kTANH);
  ITensor& o = gate(ActivationType::kSIGMOID);
  ITensor& new_cell = sum(product(f, *cell->getOutput(0)), product(i, g));
  ITensor& new_hidden = product(o, *network.addActivation(new_cell, ActivationType::kTANH)->getOutput(0));
  cell->setInput(1, new_cell);
  hidden->setInput(1, new_hidden);

  ILoopOutputLayer* all = loop->addLoopOutput(new_hidden, reverse ? LoopOutput::kREVERSE : LoopOutput::kCONCATENATE, 1);
  all->setInput(1, length);
  return {loop->addLoopOutput(*hidden->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0), all->getOutput(0),
          loop->addLoopOutput(*cell->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0)};
}

inline void mark(nvinfer1::INetworkDefinition& network, nvinfer1::ITensor& tensor, char const* name) {
  tensor.setName(name);
  network.markOutput(tensor);
}

}  // namespace sample
