// Generation as a loop whose carried value is the character just chosen, beside the states of the layers.
//
// To draw, scores are sorted (top-k over all of them), so that the k best are the first k places, and the p most
// probable a prefix of those: the sums of exp((s - s0) / temperature) before each place say where it ends. A uniform
// number times the sum of what is left points at one place: the number of running totals that it has passed.
#include "char_rnn/networks.h"
#include "support/sample.h"

namespace sample::char_rnn {

using namespace nvinfer1;

namespace {

/// Row `layer` of the states [L, B, H].
ITensor& state_of(NetworkWriter& writer, ITensor& states, size_t layer) {
  return writer.gather(states, writer.integers({}, {static_cast<int32_t>(layer)}));
}

struct Carried {
  IRecurrenceLayer* hidden;
  IRecurrenceLayer* cell;
};

/// The states after the last step as [L, B, H], marked.
void mark_states(NetworkWriter& writer, ILoop& loop, const std::vector<Carried>& layers, int64_t batch,
                 int64_t hidden) {
  std::vector<ITensor*> rows[2];
  for (const Carried& layer : layers) {
    IRecurrenceLayer* states[] = {layer.hidden, layer.cell};
    for (int i = 0; i < 2; ++i) {
      ITensor& last = *loop.addLoopOutput(*states[i]->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0);
      rows[i].push_back(&writer.reshape(last, {1, batch, hidden}));
    }
  }
  writer.mark(writer.concat(rows[0], 0), "hiddenOut");
  writer.mark(writer.concat(rows[1], 0), "cellOut");
}

/// Inputs and constants of a draw that are the same in every step.
class Sampler {
 public:
  Sampler(NetworkWriter& writer, int64_t batch, int64_t vocab) : writer_(writer), batch_(batch), vocab_(vocab) {
    INetworkDefinition& network = writer.network();
    temperature_ = &writer.reshape(*network.addInput("temperature", DataType::kFLOAT, Dims{}), {1, 1});
    top_k_ = &writer.reshape(*network.addInput("topK", DataType::kINT32, Dims{}), {1, 1});
    top_p_ = &writer.reshape(*network.addInput("topP", DataType::kFLOAT, Dims{}), {1, 1});
    random_ = network.addInput("random", DataType::kINT64, Dims{});
    std::vector<int32_t> places(static_cast<size_t>(vocab));
    for (size_t i = 0; i < places.size(); ++i) places[i] = static_cast<int32_t>(i);
    places_ = &writer.integers({1, vocab}, std::move(places));
    zero_ = &writer.constant({1, 1}, {0.F});
    axis_ = &writer.integers({}, {1});
  }

  void enter(ILoop& loop) { stream_ = loop.addRecurrence(*random_); }

  void leave(ILoop& loop) {
    stream_->setInput(1, writer_.sum(*stream_->getOutput(0), writer_.wide_integer(1)));
    writer_.mark(*loop.addLoopOutput(*stream_->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0), "randomOut");
  }

  /// scores [B, V] -> characters [B]
  ITensor& draw(ITensor& scores) {
    INetworkDefinition& network = writer_.network();
    ITopKLayer* sorted = network.addTopK(scores, TopKOperation::kMAX, static_cast<int32_t>(vocab_), 1U << 1);
    require(sorted != nullptr, "addTopK");
    ITensor& ordered = *sorted->getOutput(0);
    ITensor& behind = writer_.elementwise(ordered, writer_.columns(ordered, 0, 1), ElementWiseOperation::kSUB);
    ITensor& scaled = writer_.elementwise(behind, *temperature_, ElementWiseOperation::kDIV);
    ITensor& weights = writer_.output(network.addUnary(scaled, UnaryOperation::kEXP));
    ITensor& best = keep(weights, *places_, *top_k_);
    ITensor& before = running_total(best, true);
    ITensor& all = writer_.output(network.addReduce(best, ReduceOperation::kSUM, 1U << 1, true));
    ITensor& totals = running_total(keep(best, before, writer_.product(all, *top_p_)), false);
    ITensor& target = writer_.product(uniform(), writer_.columns(totals, vocab_ - 1, 1));
    ITensor& passed = writer_.elementwise(totals, target, ElementWiseOperation::kGREATER);
    ITensor& left =
        writer_.output(network.addReduce(writer_.cast(passed, DataType::kINT32), ReduceOperation::kSUM, 1U << 1, true));
    ITensor& place =
        writer_.elementwise(writer_.integers({1, 1}, {static_cast<int32_t>(vocab_)}), left, ElementWiseOperation::kSUB);
    IGatherLayer* chosen = network.addGatherV2(*sorted->getOutput(1), place, GatherMode::kELEMENT);
    require(chosen != nullptr, "addGatherV2");
    chosen->setGatherAxis(1);
    return writer_.reshape(writer_.output(chosen), {batch_});
  }

 private:
  /// x where key < bound, else 0.
  ITensor& keep(ITensor& x, ITensor& key, ITensor& bound) {
    return writer_.output(
        writer_.network().addSelect(writer_.elementwise(key, bound, ElementWiseOperation::kLESS), x, *zero_));
  }

  ITensor& running_total(ITensor& x, bool exclusive) {
    return writer_.output(writer_.network().addCumulative(x, *axis_, CumulativeOperation::kSUM, exclusive, false));
  }

  /// [B, 1] on [0, 1), from the stream that the step has come to.
  ITensor& uniform() {
    IFillLayer* fill = writer_.network().addFill(Dims2(batch_, 1), FillOperation::kRANDOM_UNIFORM, DataType::kFLOAT);
    require(fill != nullptr, "addFill");
    fill->setName("choice");
    fill->setInput(3, *stream_->getOutput(0));
    return writer_.output(fill);
  }

  NetworkWriter& writer_;
  int64_t batch_, vocab_;
  ITensor *temperature_, *top_k_, *top_p_, *random_, *places_, *zero_, *axis_;
  IRecurrenceLayer* stream_ = nullptr;
};

ITensor& most_probable(NetworkWriter& writer, ITensor& scores, int64_t batch) {
  ITopKLayer* best = writer.network().addTopK(scores, TopKOperation::kMAX, 1, 1U << 1);
  return writer.reshape(writer.output(best, 1), {batch});
}

/// scores [.., V] of hidden states [.., H].
ITensor& add_scores(NetworkWriter& writer, const CharModel& model, ITensor& hidden) {
  const int rank = hidden.getDimensions().nbDims;
  std::vector<int64_t> weights = {model.hidden(), model.vocab}, bias = {1, model.vocab};
  if (rank == 3) weights.insert(weights.begin(), 1), bias.insert(bias.begin(), 1);
  IMatrixMultiplyLayer* product = writer.network().addMatrixMultiply(
      hidden, MatrixOperation::kNONE, writer.constant(weights, model.softmax_w), MatrixOperation::kNONE);
  return writer.sum(writer.output(product), writer.constant(bias, model.softmax_b));
}

}  // namespace

void describe_generation(NetworkWriter& writer, const CharModel& model, Choice choice, int64_t batch) {
  INetworkDefinition& network = writer.network();
  ITensor& first = *network.addInput("token", DataType::kINT32, Dims{1, {batch}});
  ITensor& hidden = *network.addInput("hiddenIn", DataType::kFLOAT, Dims3(model.layer_count(), batch, model.hidden()));
  ITensor& cell = *network.addInput("cellIn", DataType::kFLOAT, Dims3(model.layer_count(), batch, model.hidden()));
  ITensor& count = *network.addInput("count", DataType::kINT32, Dims{});
  std::vector<Sampler> sampler;
  if (choice == Choice::kSample) sampler.emplace_back(writer, batch, model.vocab);
  ITensor& embedding = writer.constant({model.vocab, model.input}, model.embedding);

  ILoop* loop = network.addLoop();
  loop->addTripLimit(count, TripLimit::kCOUNT);
  for (Sampler& s : sampler) s.enter(*loop);
  IRecurrenceLayer* token = loop->addRecurrence(first);
  ITensor* x = &writer.gather(embedding, *token->getOutput(0));
  std::vector<Carried> layers;
  for (size_t layer = 0; layer < model.layers.size(); ++layer) {
    const Carried state{loop->addRecurrence(state_of(writer, hidden, layer)),
                        loop->addRecurrence(state_of(writer, cell, layer))};
    const LstmCell lstm(writer, model.layers[layer]);
    const LstmCell::States next = lstm.step(*x, {state.hidden->getOutput(0), state.cell->getOutput(0)});
    state.hidden->setInput(1, *next.hidden);
    state.cell->setInput(1, *next.cell);
    layers.push_back(state);
    x = next.hidden;
  }
  ITensor& scores = add_scores(writer, model, *x);
  ITensor& chosen = sampler.empty() ? most_probable(writer, scores, batch) : sampler.front().draw(scores);
  token->setInput(1, chosen);
  ILoopOutputLayer* text = loop->addLoopOutput(chosen, LoopOutput::kCONCATENATE, 0);
  text->setInput(1, count);
  writer.mark(*text->getOutput(0), "text");
  writer.mark(*loop->addLoopOutput(*token->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0), "tokenOut");
  mark_states(writer, *loop, layers, batch, model.hidden());
  for (Sampler& s : sampler) s.leave(*loop);
}

void describe_reading(NetworkWriter& writer, const CharModel& model, int64_t batch) {
  INetworkDefinition& network = writer.network();
  ITensor& ids = *network.addInput("ids", DataType::kINT32, Dims2(-1, batch));
  ITensor& next = *network.addInput("next", DataType::kINT32, Dims2(-1, batch));
  ITensor& hidden = *network.addInput("hiddenIn", DataType::kFLOAT, Dims3(model.layer_count(), batch, model.hidden()));
  ITensor& cell = *network.addInput("cellIn", DataType::kFLOAT, Dims3(model.layer_count(), batch, model.hidden()));
  ITensor& steps = writer.gather(writer.output(network.addShape(ids)), writer.integers({}, {0}));
  ITensor* x = &writer.gather(writer.constant({model.vocab, model.input}, model.embedding), ids);
  std::vector<ITensor*> rows[2];
  for (size_t layer = 0; layer < model.layers.size(); ++layer) {
    ILoop* loop = network.addLoop();
    loop->addTripLimit(steps, TripLimit::kCOUNT);
    IRecurrenceLayer* states[] = {loop->addRecurrence(state_of(writer, hidden, layer)),
                                  loop->addRecurrence(state_of(writer, cell, layer))};
    const LstmCell lstm(writer, model.layers[layer]);
    const LstmCell::States after =
        lstm.step(*loop->addIterator(*x)->getOutput(0), {states[0]->getOutput(0), states[1]->getOutput(0)});
    states[0]->setInput(1, *after.hidden);
    states[1]->setInput(1, *after.cell);
    ILoopOutputLayer* sequence = loop->addLoopOutput(*after.hidden, LoopOutput::kCONCATENATE, 0);
    sequence->setInput(1, steps);
    x = sequence->getOutput(0);
    for (int i = 0; i < 2; ++i) {
      ITensor& last = *loop->addLoopOutput(*states[i]->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0);
      rows[i].push_back(&writer.reshape(last, {1, batch, model.hidden()}));
    }
  }
  writer.mark(writer.concat(rows[0], 0), "hiddenOut");
  writer.mark(writer.concat(rows[1], 0), "cellOut");

  ITensor& scores = add_scores(writer, model, *x);
  ITensor& top = writer.output(network.addReduce(scores, ReduceOperation::kMAX, 1U << 2, true));
  ITensor& behind = writer.elementwise(scores, top, ElementWiseOperation::kSUB);
  ITensor& sum = writer.output(network.addReduce(writer.output(network.addUnary(behind, UnaryOperation::kEXP)),
                                                 ReduceOperation::kSUM, 1U << 2, true));
  ITensor& log_sum = writer.output(network.addUnary(sum, UnaryOperation::kLOG));
  IGatherLayer* picked = network.addGatherV2(behind, writer.reshape(next, {-1, batch, 1}), GatherMode::kELEMENT);
  require(picked != nullptr, "addGatherV2");
  picked->setGatherAxis(2);
  ITensor& nats = writer.elementwise(log_sum, writer.output(picked), ElementWiseOperation::kSUB);
  writer.mark(writer.reshape(nats, {-1, batch}), "nats");
}

void add_profile(IBuilder& builder, IBuilderConfig& config, INetworkDefinition& network, int32_t typical,
                 int32_t most) {
  IOptimizationProfile* profile = builder.createOptimizationProfile();
  for (int32_t i = 0; i < network.getNbInputs(); ++i) {
    const ITensor& input = *network.getInput(i);
    const std::string name = input.getName();
    const int64_t values[] = {1, typical, most};
    for (int which = 0; which < 3; ++which) {
      const auto selector = static_cast<OptProfileSelector>(which);
      if (name == "count") profile->setShapeValuesV2("count", selector, &values[which], 1);
      Dims dims = input.getDimensions();
      if (dims.nbDims == 2 && dims.d[0] == -1) {
        dims.d[0] = values[which];
        profile->setDimensions(name.c_str(), selector, dims);
      }
    }
  }
  config.addOptimizationProfile(profile);
}

}  // namespace sample::char_rnn
