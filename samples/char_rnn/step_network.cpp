// The network of sampleCharRNN. The LSTM layers are one RNNv2 layer, whose weights are set by gate, or one loop per
// layer; the dense layer stands on the right-hand side there: W [V, H] times a column.
#include "char_rnn/networks.h"
#include "support/sample.h"

namespace sample::char_rnn {

using namespace nvinfer1;
using rondo::importers::CellWeights;

namespace {

struct StepIo {
  ITensor* x;  // [1, E]
  ITensor* hidden;
  ITensor* cell;
  ITensor* length;
};

struct StepResult {
  ITensor* sequence;  // [1, H]
  ITensor* hidden;
  ITensor* cell;
};

Weights floats(const std::vector<float>& from, int64_t start, int64_t count) {
  return {DataType::kFLOAT, from.data() + start, count};
}

/// The model must live until the network is built: its weights are taken where they lie.
StepResult add_rnn_v2(NetworkWriter& writer, const CharModel& model, const StepIo& io) {
  const int64_t h = model.hidden();
  IRNNv2Layer* rnn = writer.network().addRNNv2(*io.x, static_cast<int32_t>(model.layer_count()),
                                               static_cast<int32_t>(h), 1, RNNOperation::kLSTM);
  require(rnn != nullptr, "addRNNv2");
  rnn->setHiddenState(*io.hidden);
  rnn->setCellState(*io.cell);
  rnn->setSequenceLengths(*io.length);
  constexpr RNNGateType kGates[] = {RNNGateType::kINPUT, RNNGateType::kFORGET, RNNGateType::kCELL,
                                    RNNGateType::kOUTPUT};
  for (int32_t layer = 0; layer < static_cast<int32_t>(model.layers.size()); ++layer) {
    const CellWeights& cell = model.layers[static_cast<size_t>(layer)];
    for (int64_t g = 0; g < 4; ++g) {
      rnn->setWeightsForGate(layer, kGates[g], true, floats(cell.w, g * h * cell.input, h * cell.input));
      rnn->setBiasForGate(layer, kGates[g], true, floats(cell.wb, g * h, h));
      rnn->setWeightsForGate(layer, kGates[g], false, floats(cell.r, g * h * h, h * h));
      rnn->setBiasForGate(layer, kGates[g], false, floats(cell.rb, g * h, h));
    }
  }
  return {rnn->getOutput(0), rnn->getOutput(1), rnn->getOutput(2)};
}

StepResult add_loops(NetworkWriter& writer, const CharModel& model, const StepIo& io) {
  INetworkDefinition& network = writer.network();
  ITensor* data = io.x;
  std::vector<ITensor*> hidden_rows, cell_rows;
  for (size_t layer = 0; layer < model.layers.size(); ++layer) {
    const LstmCell lstm(writer, model.layers[layer]);
    ITensor& index = writer.integers({}, {static_cast<int32_t>(layer)});
    ILoop* loop = network.addLoop();
    loop->addTripLimit(*io.length, TripLimit::kCOUNT);
    IRecurrenceLayer* hidden = loop->addRecurrence(writer.gather(*io.hidden, index));
    IRecurrenceLayer* cell = loop->addRecurrence(writer.gather(*io.cell, index));
    const LstmCell::States next =
        lstm.step(*loop->addIterator(*data)->getOutput(0), {hidden->getOutput(0), cell->getOutput(0)});
    hidden->setInput(1, *next.hidden);
    cell->setInput(1, *next.cell);
    ILoopOutputLayer* sequence = loop->addLoopOutput(*next.hidden, LoopOutput::kCONCATENATE, 0);
    sequence->setInput(1, writer.integers({}, {1}));
    data = sequence->getOutput(0);
    const auto last = [&](IRecurrenceLayer* state) {
      return &writer.reshape(*loop->addLoopOutput(*state->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0),
                             {1, model.hidden()});
    };
    hidden_rows.push_back(last(hidden));
    cell_rows.push_back(last(cell));
  }
  return {data, &writer.concat(hidden_rows, 0), &writer.concat(cell_rows, 0)};
}

std::vector<float> transposed(const CharModel& model) {
  const size_t h = static_cast<size_t>(model.hidden()), v = static_cast<size_t>(model.vocab);
  std::vector<float> result(h * v);
  for (size_t i = 0; i < h; ++i) {
    for (size_t j = 0; j < v; ++j) result[j * h + i] = model.softmax_w[i * v + j];
  }
  return result;
}

}  // namespace

void describe_step(NetworkWriter& writer, const CharModel& model, StepForm form, bool embedding_outside) {
  INetworkDefinition& network = writer.network();
  const int64_t layers = model.layer_count(), h = model.hidden();
  StepIo io{};
  io.x = embedding_outside ? network.addInput("data", DataType::kFLOAT, Dims2(1, model.input))
                           : network.addInput("data", DataType::kINT32, Dims{1, {1}});
  io.hidden = network.addInput("hiddenIn", DataType::kFLOAT, Dims2(layers, h));
  io.cell = network.addInput("cellIn", DataType::kFLOAT, Dims2(layers, h));
  io.length = network.addInput("seqLen", DataType::kINT32, Dims{});
  if (!embedding_outside) io.x = &writer.gather(writer.constant({model.vocab, model.input}, model.embedding), *io.x);
  const StepResult rnn = form == StepForm::kRnnV2 ? add_rnn_v2(writer, model, io) : add_loops(writer, model, io);

  ITensor& weights = writer.constant({model.vocab, h}, transposed(model));
  ITensor& scores = writer.output(
      network.addMatrixMultiply(weights, MatrixOperation::kNONE, *rnn.sequence, MatrixOperation::kTRANSPOSE));
  ITensor& biased = writer.sum(scores, writer.constant({model.vocab, 1}, model.softmax_b));
  ITopKLayer* best = network.addTopK(biased, TopKOperation::kMAX, 1, 1U << 0);
  writer.mark(*rnn.hidden, "hiddenOut");
  writer.mark(*rnn.cell, "cellOut");
  writer.mark(writer.output(best, 1), "pred");
}

}  // namespace sample::char_rnn
