// What bench/run.py loads: builds one recurrent network through the public API and runs it, as plain C functions.
//
// A case is a stack of recurrent layers over x [B, T, I] (form "rnnv2") or x [T, B, I] (form "loop": eight primitive
// matrix products in a loop, as programs write an LSTM by hand). Weights come from the caller in ONNX order, so that
// every rival computes the same function of the same numbers.

#include <NvInfer.h>

#include <cstring>
#include <vector>

#include "session.h"

using namespace nvinfer1;

namespace {

/// Sizes of a case, and for each pseudo-layer (layer * directions + direction) ONNX's W [G*H, K], R [G*H, H], B [2*G*H].
struct Case {
  int64_t steps, batch, input, hidden, layers, directions, gates;
  float const* const* w;
  float const* const* r;
  float const* const* b;
};

Weights floats(float const* values, int64_t count) { return {DataType::kFLOAT, values, count}; }

/// ONNX gate orders: LSTM i o f c, GRU z r h.
std::vector<RNNGateType> gate_order(int64_t gates) {
  if (gates == 4) return {RNNGateType::kINPUT, RNNGateType::kOUTPUT, RNNGateType::kFORGET, RNNGateType::kCELL};
  if (gates == 3) return {RNNGateType::kUPDATE, RNNGateType::kRESET, RNNGateType::kHIDDEN};
  return {RNNGateType::kINPUT};
}

ITensor* describe_rnnv2(INetworkDefinition& network, Case const& c) {
  ITensor* x = network.addInput("x", DataType::kFLOAT, Dims3(c.batch, c.steps, c.input));
  RNNOperation const op = c.gates == 4 ? RNNOperation::kLSTM : c.gates == 3 ? RNNOperation::kGRU : RNNOperation::kTANH;
  IRNNv2Layer* rnn = network.addRNNv2(*x, static_cast<int32_t>(c.layers), static_cast<int32_t>(c.hidden),
                                      static_cast<int32_t>(c.steps), op);
  if (rnn == nullptr) return nullptr;
  rnn->setDirection(c.directions == 2 ? RNNDirection::kBIDIRECTION : RNNDirection::kUNIDIRECTION);
  std::vector<RNNGateType> const order = gate_order(c.gates);
  for (int64_t p = 0; p < c.layers * c.directions; ++p) {
    int64_t const width = p < c.directions ? c.input : c.hidden * c.directions;
    for (int64_t g = 0; g < c.gates; ++g) {
      int32_t const layer = static_cast<int32_t>(p);
      RNNGateType const gate = order[static_cast<size_t>(g)];
      rnn->setWeightsForGate(layer, gate, true, floats(c.w[p] + g * c.hidden * width, c.hidden * width));
      rnn->setWeightsForGate(layer, gate, false, floats(c.r[p] + g * c.hidden * c.hidden, c.hidden * c.hidden));
      rnn->setBiasForGate(layer, gate, true, floats(c.b[p] + g * c.hidden, c.hidden));
      rnn->setBiasForGate(layer, gate, false, floats(c.b[p] + (c.gates + g) * c.hidden, c.hidden));
    }
  }
  return rnn->getOutput(0);
}

/// One unidirectional LSTM layer as programs write it: per gate x Wᵀ + h Rᵀ + (Wb + Rb).
ITensor* describe_loop(INetworkDefinition& network, Case const& c, std::vector<std::vector<float>>& kept) {
  auto constant = [&](Dims const& d, float const* values, int64_t count) {
    return network.addConstant(d, floats(values, count))->getOutput(0);
  };
  auto zeros = [&](Dims const& d, int64_t count) {
    kept.emplace_back(static_cast<size_t>(count), 0.F);
    return constant(d, kept.back().data(), count);
  };
  ITensor* x = network.addInput("x", DataType::kFLOAT, Dims3(c.steps, c.batch, c.input));
  static int32_t steps;
  steps = static_cast<int32_t>(c.steps);
  ITensor* length = network.addConstant(Dims{}, Weights{DataType::kINT32, &steps, 1})->getOutput(0);
  ILoop* loop = network.addLoop();
  loop->addTripLimit(*length, TripLimit::kCOUNT);
  ITensor* x_t = loop->addIterator(*x, 0, false)->getOutput(0);
  IRecurrenceLayer* h = loop->addRecurrence(*zeros(Dims2(c.batch, c.hidden), c.batch * c.hidden));
  IRecurrenceLayer* cell = loop->addRecurrence(*zeros(Dims2(c.batch, c.hidden), c.batch * c.hidden));
  auto binary = [&](ITensor* a, ITensor* b, ElementWiseOperation op) {
    return network.addElementWise(*a, *b, op)->getOutput(0);
  };
  auto gate = [&](int64_t g, ActivationType type) {
    ITensor* w = constant(Dims2(c.hidden, c.input), c.w[0] + g * c.hidden * c.input, c.hidden * c.input);
    ITensor* r = constant(Dims2(c.hidden, c.hidden), c.r[0] + g * c.hidden * c.hidden, c.hidden * c.hidden);
    kept.emplace_back(static_cast<size_t>(c.hidden));
    for (int64_t i = 0; i < c.hidden; ++i) {
      kept.back()[static_cast<size_t>(i)] = c.b[0][g * c.hidden + i] + c.b[0][(4 + g) * c.hidden + i];
    }
    ITensor* bias = constant(Dims2(1, c.hidden), kept.back().data(), c.hidden);
    ITensor* a = network.addMatrixMultiply(*x_t, MatrixOperation::kNONE, *w, MatrixOperation::kTRANSPOSE)->getOutput(0);
    ITensor* b = network.addMatrixMultiply(*h->getOutput(0), MatrixOperation::kNONE, *r, MatrixOperation::kTRANSPOSE)
                     ->getOutput(0);
    ITensor* sum = binary(binary(a, b, ElementWiseOperation::kSUM), bias, ElementWiseOperation::kSUM);
    return network.addActivation(*sum, type)->getOutput(0);
  };
  ITensor* i = gate(0, ActivationType::kSIGMOID);
  ITensor* o = gate(1, ActivationType::kSIGMOID);
  ITensor* f = gate(2, ActivationType::kSIGMOID);
  ITensor* g = gate(3, ActivationType::kTANH);
  ITensor* next_cell = binary(binary(f, cell->getOutput(0), ElementWiseOperation::kPROD),
                              binary(i, g, ElementWiseOperation::kPROD), ElementWiseOperation::kSUM);
  ITensor* next_h =
      binary(o, network.addActivation(*next_cell, ActivationType::kTANH)->getOutput(0), ElementWiseOperation::kPROD);
  cell->setInput(1, *next_cell);
  h->setInput(1, *next_h);
  ILoopOutputLayer* all = loop->addLoopOutput(*next_h, LoopOutput::kCONCATENATE, 0);
  all->setInput(1, *length);
  return all->getOutput(0);
}

/// x := 0.5 x + 1, `trips` times from a device-side count: what a loop costs per iteration.
ITensor* describe_counter(INetworkDefinition& network, std::vector<std::vector<float>>& kept) {
  ITensor* x = network.addInput("x", DataType::kFLOAT, Dims2(1, 16));
  ITensor* trips = network.addInput("trips", DataType::kINT32, Dims{});
  auto scalar = [&](float value) {
    kept.push_back({value});
    return network.addConstant(Dims2(1, 1), floats(kept.back().data(), 1))->getOutput(0);
  };
  ILoop* loop = network.addLoop();
  loop->addTripLimit(*trips, TripLimit::kCOUNT);
  IRecurrenceLayer* r = loop->addRecurrence(*x);
  ITensor* half = network.addElementWise(*r->getOutput(0), *scalar(0.5F), ElementWiseOperation::kPROD)->getOutput(0);
  r->setInput(1, *network.addElementWise(*half, *scalar(1.F), ElementWiseOperation::kSUM)->getOutput(0));
  return loop->addLoopOutput(*r->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0);
}

}  // namespace

/// sizes: steps, batch, input, hidden, layers, directions, gates. Returns null (with a message on stderr) on failure.
extern "C" __attribute__((visibility("default"))) void* rondo_bench_create(char const* form, int64_t const* sizes,
                                                                           float const* const* w, float const* const* r,
                                                                           float const* const* b, int32_t threads) {
  Case const c{sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5], sizes[6], w, r, b};
  std::vector<std::vector<float>> kept;
  kept.reserve(64);
  return make_session(threads,
                      [&](INetworkDefinition& network) -> ITensor* {
                        if (std::strcmp(form, "rnnv2") == 0) return describe_rnnv2(network, c);
                        if (std::strcmp(form, "loop") == 0) return describe_loop(network, c, kept);
                        return std::strcmp(form, "counter") == 0 ? describe_counter(network, kept) : nullptr;
                      })
      .release();
}
