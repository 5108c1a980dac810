// Shapes chosen at run time: several in one context, profiles, both generations of calls, refusals, empty batches.

#include <algorithm>
#include <cmath>
#include <iterator>

#include "network_case.h"

namespace rondo::test {
namespace {

using Values = std::vector<float>;

constexpr int64_t kInput = 7, kHidden = 5;

/// h := tanh(x_t W + h R), the trip count taken from the shape of x [B, S, 7]; h0 [B, 5].
struct DynamicRnn : NetworkCase {
  DynamicRnn() {
    Random random(7);
    w = random.floats(kInput * kHidden, 0.5F);
    r = random.floats(kHidden * kHidden, 0.5F);
    ITensor& x = input("x", Dims3(-1, -1, kInput));
    ITensor& h0 = input("h0", Dims2(-1, kHidden));
    ITensor& shape = *network->addShape(x)->getOutput(0);
    IShuffleLayer* steps =
        network->addShuffle(*network->addSlice(shape, dims_of({1}), dims_of({1}), dims_of({1}))->getOutput(0));
    steps->setReshapeDimensions(scalar_dims());
    ILoop* loop = network->addLoop();
    loop->addTripLimit(*steps->getOutput(0), TripLimit::kCOUNT);
    IRecurrenceLayer* h = loop->addRecurrence(h0);
    ITensor& from_x = matmul(*loop->addIterator(x, 1)->getOutput(0), values({kInput, kHidden}, w));
    ITensor& next =
        activation(add(from_x, matmul(*h->getOutput(0), values({kHidden, kHidden}, r))), ActivationType::kTANH);
    h->setInput(1, next);
    ITensor& all = collect(*loop, next, LoopOutput::kCONCATENATE, *steps->getOutput(0), 1);
    all.setName("all");
    mark(all);
    ITensor& last = *loop->addLoopOutput(*h->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0);
    last.setName("last");
    mark(last);
  }

  /// A profile for batches and steps within min .. max.
  void profile(int64_t min_batch, int64_t max_batch, int64_t min_steps, int64_t max_steps) {
    IOptimizationProfile* profile = builder->createOptimizationProfile();
    profile->setDimensions("x", OptProfileSelector::kMIN, Dims3(min_batch, min_steps, kInput));
    profile->setDimensions("x", OptProfileSelector::kOPT, Dims3(max_batch, max_steps, kInput));
    profile->setDimensions("x", OptProfileSelector::kMAX, Dims3(max_batch, max_steps, kInput));
    profile->setDimensions("h0", OptProfileSelector::kMIN, Dims2(min_batch, kHidden));
    profile->setDimensions("h0", OptProfileSelector::kOPT, Dims2(max_batch, kHidden));
    profile->setDimensions("h0", OptProfileSelector::kMAX, Dims2(max_batch, kHidden));
    config->addOptimizationProfile(profile);
  }

  /// [B, S, H] in double precision.
  Values reference(const Values& x, const Values& h0, size_t batch, size_t steps) const {
    Values all(batch * steps * kHidden);
    for (size_t b = 0; b < batch; ++b) {
      std::vector<double> h(h0.begin() + static_cast<ptrdiff_t>(b * kHidden),
                            h0.begin() + static_cast<ptrdiff_t>((b + 1) * kHidden));
      for (size_t t = 0; t < steps; ++t) {
        const std::vector<double> before = h;
        for (size_t j = 0; j < kHidden; ++j) {
          double sum = 0;
          for (size_t k = 0; k < kInput; ++k) sum += x[(b * steps + t) * kInput + k] * w[k * kHidden + j];
          for (size_t k = 0; k < kHidden; ++k) sum += before[k] * r[k * kHidden + j];
          h[j] = std::tanh(sum);
          all[(b * steps + t) * kHidden + j] = static_cast<float>(h[j]);
        }
      }
    }
    return all;
  }

  std::vector<float> w, r;
};

struct Feed {
  Feed(size_t batch, size_t steps) : batch(batch), steps(steps) {
    Random random(batch * 100 + steps);
    x = random.floats(batch * steps * kInput);
    h0 = random.floats(batch * kHidden);
  }
  std::vector<Array> arrays() const {
    const auto b = static_cast<int64_t>(batch);
    return {floats_of({b, static_cast<int64_t>(steps), kInput}, x), floats_of({b, kHidden}, h0)};
  }
  size_t batch, steps;
  Values x, h0;
};

void expect_reference(const DynamicRnn& net, const Feed& feed, const std::vector<Array>& out) {
  ASSERT_EQ(out.size(), 2u) << net.logger.text();
  const auto b = static_cast<int64_t>(feed.batch), s = static_cast<int64_t>(feed.steps);
  EXPECT_EQ(out[0].dims, (std::vector<int64_t>{b, s, kHidden}));
  EXPECT_EQ(out[1].dims, (std::vector<int64_t>{b, kHidden}));
  const Values expected = net.reference(feed.x, feed.h0, feed.batch, feed.steps), all = out[0].floats();
  ASSERT_EQ(all.size(), expected.size());
  for (size_t i = 0; i < all.size(); ++i) ASSERT_NEAR(all[i], expected[i], 1e-6F) << i;
  const Values last = out[1].floats();
  for (size_t i = 0; i < last.size(); ++i) {
    const size_t row = i / kHidden, j = i % kHidden;
    const float wanted = feed.steps == 0 ? feed.h0[i] : all[((row + 1) * feed.steps - 1) * kHidden + j];
    ASSERT_EQ(last[i], wanted) << i;
  }
}

TEST(DynamicShapes, SeveralInOneContext) {
  DynamicRnn net;
  net.profile(1, 9, 1, 20);
  Loaded loaded(net.plan_bytes(), net.logger);
  ASSERT_NE(loaded.context, nullptr) << net.logger.text();
  for (const auto& [batch, steps] : {std::pair{3, 4}, {1, 1}, {9, 20}, {9, 1}, {1, 20}, {5, 7}, {3, 4}}) {
    SCOPED_TRACE(testing::Message() << "batch " << batch << ", steps " << steps);
    const Feed feed(static_cast<size_t>(batch), static_cast<size_t>(steps));
    expect_reference(net, feed, loaded.run(feed.arrays()));
  }
}

TEST(DynamicShapes, OutsideOfTheProfileIsRefused) {
  DynamicRnn net;
  net.profile(2, 4, 3, 6);
  Loaded loaded(net.plan_bytes(), net.logger);
  ASSERT_NE(loaded.context, nullptr) << net.logger.text();
  IExecutionContext& context = *loaded.context;
  for (const Dims& shape : {Dims3(1, 3, 7), Dims3(5, 3, 7), Dims3(2, 2, 7), Dims3(2, 7, 7), Dims3(2, 3, 8)})
    EXPECT_FALSE(context.setInputShape("x", shape)) << shape.d[0] << " " << shape.d[1] << " " << shape.d[2];
  EXPECT_FALSE(context.setInputShape("x", Dims2(2, 3)));
  EXPECT_EQ(net.logger.errors.size(), 6u) << net.logger.text();
  EXPECT_FALSE(net.logger.internal_error);
  const Feed feed(2, 6);
  expect_reference(net, feed, loaded.run(feed.arrays()));
}

TEST(DynamicShapes, ShapesThatContradictEachOtherAreRefused) {
  DynamicRnn net;
  net.profile(1, 4, 1, 4);
  Loaded loaded(net.plan_bytes(), net.logger);
  ASSERT_NE(loaded.context, nullptr) << net.logger.text();
  IExecutionContext& context = *loaded.context;
  Values x(84), h0(10), all(60), last(15);
  EXPECT_TRUE(context.setInputShape("x", Dims3(3, 4, kInput)));
  const bool accepted = context.setInputShape("h0", Dims2(2, kHidden));
  context.setTensorAddress("x", x.data());
  context.setTensorAddress("h0", h0.data());
  context.setTensorAddress("all", all.data());
  context.setTensorAddress("last", last.data());
  EXPECT_FALSE(accepted && context.enqueueV3(nullptr)) << "x has 3 rows, h0 has 2";
  EXPECT_FALSE(net.logger.errors.empty());
  EXPECT_FALSE(net.logger.internal_error) << net.logger.text();
}

/// The same run by binding index, under one of the profiles.
std::vector<Values> run_bindings(Loaded& loaded, int32_t profile, const Feed& feed) {
  IExecutionContext& context = *loaded.context;
  const ICudaEngine& engine = *loaded.engine;
  const int32_t tensors = engine.getNbIOTensors(), first = profile * tensors;
  EXPECT_TRUE(context.setOptimizationProfileAsync(profile, nullptr));
  EXPECT_EQ(context.getOptimizationProfile(), profile);
  const auto b = static_cast<int64_t>(feed.batch), s = static_cast<int64_t>(feed.steps);
  EXPECT_TRUE(context.setBindingDimensions(first, Dims3(b, s, kInput)));
  EXPECT_TRUE(context.setBindingDimensions(first + 1, Dims2(b, kHidden)));
  EXPECT_TRUE(context.allInputDimensionsSpecified());
  EXPECT_EQ(to_vector(context.getBindingDimensions(first + 2)), (std::vector<int64_t>{b, s, kHidden}));
  Values x = feed.x, h0 = feed.h0, all(feed.batch * feed.steps * kHidden), last(feed.batch * kHidden);
  std::vector<void*> bindings(static_cast<size_t>(engine.getNbBindings()), nullptr);
  void* used[] = {x.data(), h0.data(), all.data(), last.data()};
  std::copy(std::begin(used), std::end(used), bindings.begin() + first);
  EXPECT_TRUE(context.executeV2(bindings.data()));
  return {all, last};
}

TEST(DynamicShapes, ProfilesByBindingAndByName) {
  DynamicRnn net;
  net.profile(1, 2, 1, 4);
  net.profile(3, 16, 2, 32);
  Loaded loaded(net.plan_bytes(), net.logger);
  ASSERT_NE(loaded.context, nullptr) << net.logger.text();
  EXPECT_EQ(loaded.engine->getNbOptimizationProfiles(), 2);
  EXPECT_EQ(loaded.engine->getNbBindings(), 8);
  EXPECT_EQ(loaded.engine->getBindingIndex("last [profile 1]"), 7);
  const struct {
    int32_t profile;
    Feed feed;
  } cases[] = {{0, {2, 4}}, {1, {16, 32}}, {1, {3, 2}}, {0, {1, 1}}};
  for (const auto& [profile, feed] : cases) {
    SCOPED_TRACE(testing::Message() << "profile " << profile << ", batch " << feed.batch);
    const auto by_binding = run_bindings(loaded, profile, feed);
    const auto by_name = loaded.run(feed.arrays());
    expect_reference(net, feed, by_name);
    EXPECT_EQ(by_name[0].floats(), by_binding[0]);
    EXPECT_EQ(by_name[1].floats(), by_binding[1]);
  }
  EXPECT_TRUE(loaded.context->setOptimizationProfileAsync(0, nullptr));
  EXPECT_FALSE(loaded.context->setInputShape("x", Dims3(3, 2, kInput))) << "belongs to the other profile";
  EXPECT_FALSE(loaded.context->setOptimizationProfileAsync(2, nullptr));
}

TEST(DynamicShapes, EmptyBatchAndEmptySequence) {
  DynamicRnn net;
  net.profile(0, 3, 0, 4);
  Loaded loaded(net.plan_bytes(), net.logger);
  ASSERT_NE(loaded.context, nullptr) << net.logger.text();
  for (const auto& [batch, steps] : {std::pair{0, 4}, {3, 0}, {0, 0}, {3, 4}}) {
    SCOPED_TRACE(testing::Message() << "batch " << batch << ", steps " << steps);
    const Feed feed(static_cast<size_t>(batch), static_cast<size_t>(steps));
    expect_reference(net, feed, loaded.run(feed.arrays()));
  }
}

}  // namespace
}  // namespace rondo::test
