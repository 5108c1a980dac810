// The same bits: of plans, for every number of threads, for every position in a batch and every size of it.

#include "network_case.h"

namespace rondo::test {
namespace {

constexpr int kThreads[] = {2, 3, 8};

/// An LSTM from primitive layers over x [B, T, I] with random weights; B -1 takes a profile of 1 .. 40 rows.
struct Lstm : NetworkCase {
  Lstm(int64_t batch, int64_t steps, int64_t input_size, int64_t hidden)
      : B(batch), T(steps), I(input_size), H(hidden) {
    ITensor& x = input("x", Dims3(B, T, I));
    ITensor& h0 = input("h0", Dims2(B, H));
    ITensor& c0 = input("c0", Dims2(B, H));
    ITensor& length = scalar(static_cast<int32_t>(T));
    loop = network->addLoop();
    loop->addTripLimit(length, TripLimit::kCOUNT);
    step = loop->addIterator(x, 1)->getOutput(0);
    IRecurrenceLayer *h = loop->addRecurrence(h0), *c = loop->addRecurrence(c0);
    ITensor& i = gate(*h, ActivationType::kSIGMOID);
    ITensor& f = gate(*h, ActivationType::kSIGMOID);
    ITensor& g = gate(*h, ActivationType::kTANH);
    ITensor& o = gate(*h, ActivationType::kSIGMOID);
    ITensor& cell = add(product(f, *c->getOutput(0)), product(i, g));
    ITensor& hidden_state = product(o, activation(cell, ActivationType::kTANH));
    c->setInput(1, cell);
    h->setInput(1, hidden_state);
    mark(collect(*loop, hidden_state, LoopOutput::kCONCATENATE, length, 1));
    mark_last(*loop, *h);
    mark_last(*loop, *c);
    if (B < 0) add_profile();
  }

  ITensor& gate(IRecurrenceLayer& h, ActivationType type) {
    ITensor& from_x = matmul(*step, values({I, H}, random.floats(static_cast<size_t>(I * H), 0.3F)));
    ITensor& from_h = matmul(*h.getOutput(0), values({H, H}, random.floats(static_cast<size_t>(H * H), 0.3F)));
    return activation(add(add(from_x, from_h), values({1, H}, random.floats(static_cast<size_t>(H)))), type);
  }

  void add_profile() {
    IOptimizationProfile* profile = builder->createOptimizationProfile();
    for (const auto& [select, rows] :
         {std::pair{OptProfileSelector::kMIN, 1}, {OptProfileSelector::kOPT, 8}, {OptProfileSelector::kMAX, 40}}) {
      profile->setDimensions("x", select, Dims3(rows, T, I));
      for (const char* state : {"h0", "c0"}) profile->setDimensions(state, select, Dims2(rows, H));
    }
    config->addOptimizationProfile(profile);
  }

  std::vector<Array> inputs(int64_t rows) const {
    Random data(99);
    return {floats_of({rows, T, I}, data.floats(static_cast<size_t>(rows * T * I))),
            floats_of({rows, H}, data.floats(static_cast<size_t>(rows * H))),
            floats_of({rows, H}, data.floats(static_cast<size_t>(rows * H)))};
  }

  int64_t B, T, I, H;
  Random random{3};
  ILoop* loop;
  ITensor* step;
};

/// A GRU of RNNv2, two layers, both directions.
struct Gru : NetworkCase {
  static constexpr int32_t kHidden = 80;
  Gru() {
    IRNNv2Layer* rnn = network->addRNNv2(input("x", Dims3(4, 11, 20)), 2, kHidden, 11, RNNOperation::kGRU);
    rnn->setDirection(RNNDirection::kBIDIRECTION);
    Random random(5);
    for (int32_t pseudo = 0; pseudo < 4; ++pseudo) {
      for (const RNNGateType gate : {RNNGateType::kUPDATE, RNNGateType::kRESET, RNNGateType::kHIDDEN}) {
        rnn->setWeightsForGate(pseudo, gate, true, random_weights(random, kHidden * (pseudo < 2 ? 20 : 2 * kHidden)));
        rnn->setWeightsForGate(pseudo, gate, false, random_weights(random, kHidden * kHidden));
        rnn->setBiasForGate(pseudo, gate, true, random_weights(random, kHidden));
        rnn->setBiasForGate(pseudo, gate, false, random_weights(random, kHidden));
      }
    }
    mark(*rnn->getOutput(0));
    mark(*rnn->getOutput(1));
  }
  Weights random_weights(Random& random, int64_t count) {
    floats.push_back(random.floats(static_cast<size_t>(count), 0.3F));
    return {DataType::kFLOAT, floats.back().data(), count};
  }
  static std::vector<Array> inputs() {
    Random data(17);
    return {floats_of({4, 11, 20}, data.floats(4 * 11 * 20))};
  }
};

/// Row `row` of a row-major array.
std::vector<std::byte> row_of(const Array& array, size_t row) {
  const size_t width = array.bytes.size() / static_cast<size_t>(array.dims[0]);
  const auto begin = array.bytes.begin() + static_cast<ptrdiff_t>(row * width);
  return {begin, begin + static_cast<ptrdiff_t>(width)};
}

/// The given rows of each array.
std::vector<Array> take(const std::vector<Array>& arrays, const std::vector<size_t>& rows) {
  std::vector<Array> taken;
  for (const Array& array : arrays) {
    Array part{array.dims, array.type, {}};
    part.dims[0] = static_cast<int64_t>(rows.size());
    for (const size_t row : rows) {
      const auto bytes = row_of(array, row);
      part.bytes.insert(part.bytes.end(), bytes.begin(), bytes.end());
    }
    taken.push_back(std::move(part));
  }
  return taken;
}

void expect_same_bits(const std::vector<Array>& actual, const std::vector<Array>& expected) {
  ASSERT_FALSE(expected.empty());
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) {
    EXPECT_EQ(actual[i].dims, expected[i].dims);
    EXPECT_TRUE(actual[i].bytes == expected[i].bytes) << "output " << i;
  }
}

void expect_same_for_threads(NetworkCase& net, const std::vector<Array>& inputs) {
  Loaded loaded(net.plan_bytes(), net.logger);
  ASSERT_NE(loaded.context, nullptr) << net.logger.text();
  const auto alone = loaded.run(inputs, 1);
  for (const int threads : kThreads) {
    SCOPED_TRACE(testing::Message() << threads << " threads");
    expect_same_bits(loaded.run(inputs, threads), alone);
  }
  loaded.runtime->setMaxThreads(3);  // for engines loaded from now on
  const std::string plan = net.plan_bytes();
  const std::unique_ptr<ICudaEngine> engine(loaded.runtime->deserializeCudaEngine(plan.data(), plan.size()));
  ASSERT_NE(engine, nullptr);
  loaded.context.reset(engine->createExecutionContext());
  EXPECT_EQ(loaded.context->getMaxThreads(), 3);
  expect_same_bits(loaded.run(inputs), alone);
  loaded.context.reset();
}

TEST(Determinism, SameNetworkSamePlanBytes) {
  EXPECT_TRUE(Lstm(5, 17, 40, 96).plan_bytes() == Lstm(5, 17, 40, 96).plan_bytes());
  EXPECT_TRUE(Lstm(-1, 6, 24, 64).plan_bytes() == Lstm(-1, 6, 24, 64).plan_bytes());
  EXPECT_TRUE(Gru().plan_bytes() == Gru().plan_bytes());
  Lstm net(5, 17, 40, 96);
  const std::string plan = net.plan_bytes();
  EXPECT_FALSE(plan.empty());
  EXPECT_TRUE(plan == net.plan_bytes()) << "a second build of one network";
}

TEST(Determinism, LstmForEveryNumberOfThreads) {
  Lstm net(5, 17, 40, 96);
  expect_same_for_threads(net, net.inputs(5));
}

TEST(Determinism, BidirectionalGruForEveryNumberOfThreads) {
  Gru net;
  expect_same_for_threads(net, Gru::inputs());
}

TEST(Determinism, BigBatchForEveryNumberOfThreads) {
  Lstm net(37, 6, 24, 64);
  expect_same_for_threads(net, net.inputs(37));
}

TEST(Determinism, EveryPositionInTheBatch) {
  Lstm net(37, 6, 24, 64);
  const auto inputs = net.inputs(37);
  Loaded loaded(net.plan_bytes(), net.logger);
  const auto straight = loaded.run(inputs, 1);
  ASSERT_EQ(straight.size(), 3u) << net.logger.text();
  for (const size_t stride : {1u, 5u, 36u}) {
    std::vector<size_t> rows(37);
    for (size_t i = 0; i < rows.size(); ++i) rows[i] = (i * stride + 11) % 37;
    for (const int threads : {1, 2, 8}) {
      SCOPED_TRACE(testing::Message() << "stride " << stride << ", threads " << threads);
      expect_same_bits(loaded.run(take(inputs, rows), threads), take(straight, rows));
    }
  }
}

TEST(Determinism, EverySizeOfTheBatch) {
  Lstm net(-1, 6, 24, 64);
  const auto inputs = net.inputs(37);
  Loaded loaded(net.plan_bytes(), net.logger);
  const auto whole = loaded.run(inputs, 1);
  ASSERT_EQ(whole.size(), 3u) << net.logger.text();
  for (const size_t size : {1u, 2u, 3u, 8u, 13u, 36u}) {
    std::vector<size_t> rows;
    for (size_t i = 0; i < size; ++i) rows.push_back((i * 3 + 2) % 37);
    for (const int threads : {1, 2, 8}) {
      SCOPED_TRACE(testing::Message() << "batch " << size << ", threads " << threads);
      expect_same_bits(loaded.run(take(inputs, rows), threads), take(whole, rows));
    }
  }
  for (size_t row = 0; row < 37; ++row) {
    SCOPED_TRACE(testing::Message() << "row " << row << " alone");
    expect_same_bits(loaded.run(take(inputs, {row}), 1), take(whole, {row}));
  }
}

}  // namespace
}  // namespace rondo::test
