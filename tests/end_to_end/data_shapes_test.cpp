// reason: the cases share networks, allocator and feeds.
// Extents that only the run tells, through the public API: output allocators, upper bounds, shapes before and after a
// run, branches of different shape, and what is refused (docs/design/0008).

#include <malloc.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "network_case.h"

namespace rondo::test {
namespace {

using Values = std::vector<float>;

/// The positive elements of x [8], largest first, each doubled: [count].
struct Positives : NetworkCase {
  Positives() {
    ITensor& x = input("x", dims_of({8}));
    ITensor& y = *top(x, count(x)).getOutput(0);
    ITensor& doubled = add(y, y);
    doubled.setName("y");
    mark(doubled);
  }
  ITensor& count(ITensor& x) {
    ITensor& above = binary(x, values({1}, {0}), ElementWiseOperation::kGREATER);
    ITensor& ones = *network->addCast(above, DataType::kINT32)->getOutput(0);
    return *network->addReduce(ones, ReduceOperation::kSUM, 1, false)->getOutput(0);
  }
  ITopKLayer& top(ITensor& x, ITensor& k) {
    ITopKLayer* layer = network->addTopK(x, TopKOperation::kMAX, 1, 1);
    layer->setInput(1, k);
    layer->setName("top");
    return *layer;
  }
};

Values expected_positives(const Values& x) {
  Values y;
  for (const float value : x) {
    if (value > 0) y.push_back(2 * value);
  }
  std::sort(y.rbegin(), y.rend());
  return y;
}

struct Outputs : IOutputAllocator {
  void* reallocateOutput(char const* name, void*, uint64_t size, uint64_t alignment) override {
    if (fails) return nullptr;
    if (throws) throw std::runtime_error("no");
    names.emplace_back(name);
    bytes = size;
    EXPECT_GE(alignment, 1u);
    memory.resize(size / sizeof(float) + 1);
    return memory.data();
  }
  void notifyShape(char const*, Dims const& dims) override { shape = to_vector(dims); }
  Values floats() const { return {memory.begin(), memory.begin() + static_cast<ptrdiff_t>(volume_of(shape))}; }

  bool fails = false, throws = false;
  uint64_t bytes = 0;
  std::vector<std::string> names;
  std::vector<int64_t> shape;
  Values memory;
};

const Values kFeeds[] = {{1, -2, 3, -4, 5, 6, -7, 8}, {-1, -1, -1, -1, -1, -1, -1, -1}, {1, 2, 3, 4, 5, 6, 7, 8}};

TEST(DataShapes, OutputAllocatorGetsTheExtentsOfEachRun) {
  Positives net;
  EXPECT_EQ(to_vector(net.network->getOutput(0)->getDimensions()), (std::vector<int64_t>{-1}));
  Loaded loaded(net.plan_bytes(), net.logger);
  ASSERT_NE(loaded.context, nullptr) << net.logger.text();
  IExecutionContext& context = *loaded.context;
  EXPECT_EQ(to_vector(loaded.engine->getTensorShape("y")), (std::vector<int64_t>{-1}));
  EXPECT_EQ(to_vector(context.getTensorShape("y")), (std::vector<int64_t>{-1}));
  Outputs outputs;
  ASSERT_TRUE(context.setOutputAllocator("y", &outputs));
  for (const int threads : {1, 3}) {
    ASSERT_TRUE(context.setMaxThreads(threads));
    for (const Values& x : kFeeds) {
      ASSERT_TRUE(context.setInputTensorAddress("x", x.data()));
      ASSERT_TRUE(context.enqueueV3(nullptr)) << net.logger.text();
      const Values expected = expected_positives(x);
      EXPECT_EQ(outputs.shape, (std::vector<int64_t>{static_cast<int64_t>(expected.size())}));
      EXPECT_EQ(to_vector(context.getTensorShape("y")), outputs.shape);
      EXPECT_EQ(outputs.floats(), expected);
    }
  }
  EXPECT_EQ(outputs.names, std::vector<std::string>(6, "y"));
  EXPECT_EQ(context.getOutputAllocator("y"), &outputs);
}

TEST(DataShapes, AnAddressOfTheUpperBoundServesToo) {
  Positives net;
  Loaded loaded(net.plan_bytes(), net.logger);
  ASSERT_NE(loaded.context, nullptr) << net.logger.text();
  IExecutionContext& context = *loaded.context;
  Values y(8, -1);
  ASSERT_TRUE(context.setTensorAddress("y", y.data()));
  for (const Values& x : kFeeds) {
    ASSERT_TRUE(context.setInputTensorAddress("x", x.data()));
    ASSERT_TRUE(context.enqueueV3(nullptr)) << net.logger.text();
    const auto count = static_cast<ptrdiff_t>(context.getTensorShape("y").d[0]);
    EXPECT_EQ(Values(y.begin(), y.begin() + count), expected_positives(x));
  }
  ASSERT_TRUE(context.setTensorAddress("y", nullptr));
  EXPECT_FALSE(context.enqueueV3(nullptr));
  EXPECT_TRUE(net.logger.has("setOutputAllocator")) << net.logger.text();
}

TEST(DataShapes, AllocatorsThatFailEndTheRun) {
  Positives net;
  Loaded loaded(net.plan_bytes(), net.logger);
  ASSERT_NE(loaded.context, nullptr) << net.logger.text();
  IExecutionContext& context = *loaded.context;
  Outputs outputs;
  ASSERT_TRUE(context.setOutputAllocator("y", &outputs));
  ASSERT_TRUE(context.setInputTensorAddress("x", kFeeds[0].data()));
  outputs.fails = true;
  EXPECT_FALSE(context.enqueueV3(nullptr));
  EXPECT_TRUE(net.logger.has("gave no memory")) << net.logger.text();
  outputs.fails = false;
  outputs.throws = true;
  EXPECT_FALSE(context.enqueueV3(nullptr));
  EXPECT_TRUE(net.logger.has("threw")) << net.logger.text();
  outputs.throws = false;
  EXPECT_TRUE(context.enqueueV3(nullptr));
  EXPECT_EQ(outputs.floats(), expected_positives(kFeeds[0]));
  EXPECT_FALSE(net.logger.internal_error);
}

TEST(DataShapes, CountBeyondTheTensorEndsTheRun) {
  NetworkCase net;
  ITensor& x = net.input("x", dims_of({8}));
  ITensor& wanted = net.input("k", dims_of({1}));
  ITensor& whole = *net.network->addCast(wanted, DataType::kINT32)->getOutput(0);
  IShuffleLayer* scalar = net.network->addShuffle(whole);
  scalar->setReshapeDimensions(NetworkCase::scalar_dims());
  ITopKLayer* top = net.network->addTopK(x, TopKOperation::kMAX, 1, 1);
  top->setInput(1, *scalar->getOutput(0));
  top->setName("best");
  ITensor& y = net.activation(*top->getOutput(0), ActivationType::kTANH);
  y.setName("y");
  net.mark(y);
  Loaded loaded(net.plan_bytes(), net.logger);
  ASSERT_NE(loaded.context, nullptr) << net.logger.text();
  IExecutionContext& context = *loaded.context;
  Outputs outputs;
  ASSERT_TRUE(context.setOutputAllocator("y", &outputs));
  ASSERT_TRUE(context.setInputTensorAddress("x", kFeeds[2].data()));
  for (const auto& [k, works] : {std::pair{3.F, true}, {9.F, false}, {-1.F, false}, {8.F, true}, {0.F, true}}) {
    SCOPED_TRACE(k);
    ASSERT_TRUE(context.setInputTensorAddress("k", &k));
    EXPECT_EQ(context.enqueueV3(nullptr), works) << net.logger.text();
    if (works) {
      EXPECT_EQ(outputs.shape, (std::vector<int64_t>{static_cast<int64_t>(k)}));
    }
  }
  EXPECT_FALSE(net.logger.internal_error) << net.logger.text();
}

TEST(DataShapes, BranchesOfDifferentShape) {
  for (const bool known : {false, true}) {
    SCOPED_TRACE(known);
    NetworkCase net;
    ITensor& x = net.input("x", dims_of({8}));
    ITensor* condition = nullptr;
    if (known) {
      ITensor& flag = net.input("flag", NetworkCase::scalar_dims(), DataType::kBOOL);
      IOptimizationProfile* profile = net.builder->createOptimizationProfile();
      const int32_t low = 0, high = 1;
      profile->setShapeValues("flag", OptProfileSelector::kMIN, &low, 1);
      profile->setShapeValues("flag", OptProfileSelector::kOPT, &high, 1);
      profile->setShapeValues("flag", OptProfileSelector::kMAX, &high, 1);
      net.config->addOptimizationProfile(profile);
      condition = &flag;
    } else {
      ITensor& flag = net.input("flag", NetworkCase::scalar_dims());
      ITensor& zero = net.values({}, {0});
      condition = &net.binary(flag, zero, ElementWiseOperation::kGREATER);
    }
    IIfConditional* branch = net.network->addIfConditional();
    branch->setCondition(*condition);
    ITensor& inside = *branch->addInput(x)->getOutput(0);
    ITensor& all = net.activation(inside, ActivationType::kTANH);
    ITensor& few = *net.network->addSlice(inside, dims_of({2}), dims_of({3}), dims_of({1}))->getOutput(0);
    ITensor& out = *branch->addOutput(all, few)->getOutput(0);
    ITensor& y = net.add(out, out);
    y.setName("y");
    net.mark(y);
    const std::string plan = net.plan_bytes();
    ASSERT_FALSE(plan.empty()) << net.logger.text();
    Loaded loaded(plan, net.logger);
    ASSERT_NE(loaded.context, nullptr) << net.logger.text();
    IExecutionContext& context = *loaded.context;
    EXPECT_EQ(to_vector(loaded.engine->getTensorShape("y")), (std::vector<int64_t>{-1}));
    Outputs outputs;
    ASSERT_TRUE(context.setOutputAllocator("y", &outputs));
    ASSERT_TRUE(context.setInputTensorAddress("x", kFeeds[0].data()));
    for (const bool taken : {true, false, true}) {
      const float as_float = taken ? 1 : -1;
      ASSERT_TRUE(context.setInputTensorAddress("flag", known ? static_cast<const void*>(&taken) : &as_float));
      ASSERT_TRUE(context.enqueueV3(nullptr)) << net.logger.text();
      Values expected;
      for (size_t i = taken ? 0 : 2; i < (taken ? 8u : 5u); ++i) {
        expected.push_back(2 * (taken ? std::tanh(kFeeds[0][i]) : kFeeds[0][i]));
      }
      ASSERT_EQ(outputs.shape, (std::vector<int64_t>{static_cast<int64_t>(expected.size())}));
      for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(outputs.floats()[i], expected[i], 1e-6F);
    }
  }
}

/// if (flag > 0) the positives of x, else the places of its elements that are not 0: both lengths are read inside.
TEST(DataShapes, LengthsDecidedInsideOfBranches) {
  Positives net;
  ITensor& x = *net.network->getInput(0);
  ITensor& flag = net.input("flag", NetworkCase::scalar_dims());
  IIfConditional* branch = net.network->addIfConditional();
  branch->setCondition(net.binary(flag, net.values({}, {0}), ElementWiseOperation::kGREATER));
  ITensor& inside = *branch->addInput(x)->getOutput(0);
  ITensor& best = *net.top(inside, net.count(inside)).getOutput(0);
  IShuffleLayer* places = net.network->addShuffle(*net.network->addNonZero(inside)->getOutput(0));
  places->setReshapeDimensions(dims_of({-1}));
  ITensor& as_floats = *net.network->addCast(*places->getOutput(0), DataType::kFLOAT)->getOutput(0);
  ITensor& out = *branch->addOutput(best, as_floats)->getOutput(0);
  ITensor& z = net.add(out, net.values({1}, {1}));
  z.setName("z");
  net.mark(z);
  Loaded loaded(net.plan_bytes(), net.logger);
  ASSERT_NE(loaded.context, nullptr) << net.logger.text();
  IExecutionContext& context = *loaded.context;
  Outputs y, outputs;
  ASSERT_TRUE(context.setOutputAllocator("y", &y) && context.setOutputAllocator("z", &outputs));
  const Values with_zeros{1, 0, 3, 0, 0, -6, 7, 0};
  for (const int threads : {1, 3}) {
    ASSERT_TRUE(context.setMaxThreads(threads));
    for (const float taken : {1.F, -1.F, 1.F}) {
      for (const Values& feed : {kFeeds[0], kFeeds[1], with_zeros}) {
        ASSERT_TRUE(context.setInputTensorAddress("x", feed.data()));
        ASSERT_TRUE(context.setInputTensorAddress("flag", &taken));
        ASSERT_TRUE(context.enqueueV3(nullptr)) << net.logger.text();
        Values expected;
        if (taken > 0) {
          for (const float twice : expected_positives(feed)) expected.push_back(twice / 2 + 1);
        } else {
          for (size_t i = 0; i < feed.size(); ++i) {
            if (feed[i] != 0) expected.push_back(static_cast<float>(i) + 1);
          }
        }
        EXPECT_EQ(outputs.shape, (std::vector<int64_t>{static_cast<int64_t>(expected.size())}));
        EXPECT_EQ(outputs.floats(), expected);
        EXPECT_EQ(y.floats(), expected_positives(feed));
      }
    }
  }
}

/// NonZero of each row of a loop, summed: another length in each iteration.
TEST(DataShapes, NonZeroInALoopBody) {
  NetworkCase net;
  ITensor& x = net.input("x", dims_of({3, 8}));
  ILoop* loop = net.network->addLoop();
  loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
  ITensor& row = *loop->addIterator(x)->getOutput(0);
  ITensor& places = *net.network->addNonZero(row)->getOutput(0);
  ITensor& total = *net.network->addReduce(places, ReduceOperation::kSUM, 3, false)->getOutput(0);
  net.mark(net.collect(*loop, total, LoopOutput::kCONCATENATE, net.scalar(3)));
  const auto out =
      net.run({floats_of({3, 8}, {1, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1})}, 3);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].as<int32_t>(), (std::vector<int32_t>{8, 0, 28}));
}

TEST(DataShapes, AThousandRunsKeepTheirMemory) {
  Positives net;
  Loaded loaded(net.plan_bytes(), net.logger);
  ASSERT_NE(loaded.context, nullptr) << net.logger.text();
  IExecutionContext& context = *loaded.context;
  Outputs outputs;
  outputs.memory.reserve(64);
  outputs.names.reserve(1100);
  ASSERT_TRUE(context.setOutputAllocator("y", &outputs));
  size_t before = 0;
  for (int i = 0; i < 1000; ++i) {
    const Values& x = kFeeds[i % 3];
    ASSERT_TRUE(context.setInputTensorAddress("x", x.data()));
    ASSERT_TRUE(context.enqueueV3(nullptr)) << net.logger.text();
    if (i == 20) before = mallinfo2().uordblks;
  }
  EXPECT_LE(mallinfo2().uordblks, before + 16 * 1000);  // half of the smallest block per run
}

TEST(DataShapes, AConstantConditionLeavesOneBranch) {
  NetworkCase net;
  ITensor& x = net.input("x", dims_of({8}));
  IIfConditional* branch = net.network->addIfConditional();
  branch->setCondition(net.boolean(false));
  ITensor& inside = *branch->addInput(x)->getOutput(0);
  IShuffleLayer* square = net.network->addShuffle(inside);
  square->setReshapeDimensions(dims_of({2, 4}));
  net.mark(*branch->addOutput(inside, *square->getOutput(0))->getOutput(0));
  const auto out = net.run({floats_of({8}, kFeeds[0])});
  ASSERT_EQ(out.size(), 1u) << net.logger.text();
  EXPECT_EQ(out[0].dims, (std::vector<int64_t>{2, 4}));
  EXPECT_EQ(out[0].floats(), kFeeds[0]);
}

TEST(DataShapes, LoopWithCountAndLengthFromData) {
  Positives net;
  ITensor& x = *net.network->getInput(0);
  ITensor& count = net.count(x);
  ILoop* loop = net.network->addLoop();
  loop->addTripLimit(count, TripLimit::kCOUNT);
  IRecurrenceLayer* h = loop->addRecurrence(net.values({2}, {1, 4}));
  ITensor& next = net.product(*h->getOutput(0), net.values({1}, {0.5F}));
  h->setInput(1, next);
  ITensor& rows = net.collect(*loop, next, LoopOutput::kCONCATENATE, count);
  rows.setName("rows");
  net.mark(rows);
  Loaded loaded(net.plan_bytes(), net.logger);
  ASSERT_NE(loaded.context, nullptr) << net.logger.text();
  IExecutionContext& context = *loaded.context;
  Outputs y, r;
  ASSERT_TRUE(context.setOutputAllocator("y", &y) && context.setOutputAllocator("rows", &r));
  for (const Values& feed : kFeeds) {
    ASSERT_TRUE(context.setInputTensorAddress("x", feed.data()));
    ASSERT_TRUE(context.enqueueV3(nullptr)) << net.logger.text();
    Values expected;
    float scale = 1;
    for (size_t i = 0; i < expected_positives(feed).size(); ++i) {
      scale *= 0.5F;
      expected.insert(expected.end(), {scale, 4 * scale});
    }
    EXPECT_EQ(r.shape, (std::vector<int64_t>{static_cast<int64_t>(expected.size() / 2), 2}));
    EXPECT_EQ(r.floats(), expected);
  }
}

TEST(DataShapes, ACollectedValueMustNotChangeItsShape) {
  NetworkCase net;
  ITensor& x = net.input("x", dims_of({3, 8}));
  ILoop* loop = net.network->addLoop();
  loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
  ITensor& row = *loop->addIterator(x)->getOutput(0);
  ITensor& above = net.binary(row, net.values({1}, {0}), ElementWiseOperation::kGREATER);
  ITensor& ones = *net.network->addCast(above, DataType::kINT32)->getOutput(0);
  ITensor& count = *net.network->addReduce(ones, ReduceOperation::kSUM, 1, false)->getOutput(0);
  ITopKLayer* top = net.network->addTopK(row, TopKOperation::kMAX, 1, 1);
  top->setInput(1, count);
  net.mark(net.collect(*loop, *top->getOutput(0), LoopOutput::kCONCATENATE, net.scalar(3)));
  EXPECT_TRUE(net.plan_bytes().empty());
  EXPECT_TRUE(net.logger.has("(loop C10)")) << net.logger.text();
}

TEST(DataShapes, NamedDimensionsMustBeEqual) {
  NetworkCase net;
  ITensor& a = net.input("a", dims_of({-1}));
  ITensor& b = net.input("b", dims_of({-1}));
  a.setDimensionName(0, "rows");
  b.setDimensionName(0, "rows");
  ITensor& sum = net.add(a, b);
  sum.setName("y");
  net.mark(sum);
  IOptimizationProfile* profile = net.builder->createOptimizationProfile();
  for (const char* name : {"a", "b"}) {
    profile->setDimensions(name, OptProfileSelector::kMIN, dims_of({0}));
    profile->setDimensions(name, OptProfileSelector::kOPT, dims_of({4}));
    profile->setDimensions(name, OptProfileSelector::kMAX, dims_of({8}));
  }
  net.config->addOptimizationProfile(profile);
  Loaded loaded(net.plan_bytes(), net.logger);
  ASSERT_NE(loaded.context, nullptr) << net.logger.text();
  const auto out = loaded.run({floats_of({2}, {1, 2}), floats_of({2}, {3, 4})});
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].floats(), (Values{4, 6}));
  EXPECT_EQ(loaded.run({floats_of({0}, {}), floats_of({0}, {})})[0].dims, (std::vector<int64_t>{0}));
  IExecutionContext& context = *loaded.context;
  const char* missing[2] = {};
  ASSERT_TRUE(context.setOptimizationProfileAsync(0, nullptr));
  EXPECT_EQ(context.inferShapes(2, missing), 2);
  EXPECT_EQ(std::string(missing[0]) + missing[1], "ab");
  ASSERT_TRUE(context.setInputShape("a", dims_of({2})));
  const bool accepted = context.setInputShape("b", dims_of({3}));
  EXPECT_FALSE(accepted && context.enqueueV3(nullptr));
  EXPECT_TRUE(net.logger.has("rows") || net.logger.has("same dimension")) << net.logger.text();
}

TEST(DataShapes, WideShapeTensorsDecideShapes) {
  NetworkCase net;
  ITensor& x = net.input("x", dims_of({12}));
  ITensor& shape = net.input("shape", dims_of({2}), DataType::kINT64);
  IShuffleLayer* shuffle = net.network->addShuffle(x);
  shuffle->setInput(1, shape);
  ITensor& y = *shuffle->getOutput(0);
  y.setName("y");
  net.mark(y);
  ITensor& extents = *net.network->addShape(y)->getOutput(0);
  extents.setName("extents");
  net.network->markOutputForShapes(extents);
  IOptimizationProfile* profile = net.builder->createOptimizationProfile();
  const int64_t low[] = {1, 1}, middle[] = {3, 4}, high[] = {12, 12};
  profile->setShapeValuesV2("shape", OptProfileSelector::kMIN, low, 2);
  profile->setShapeValuesV2("shape", OptProfileSelector::kOPT, middle, 2);
  profile->setShapeValuesV2("shape", OptProfileSelector::kMAX, high, 2);
  net.config->addOptimizationProfile(profile);
  Loaded loaded(net.plan_bytes(), net.logger);
  ASSERT_NE(loaded.context, nullptr) << net.logger.text();
  EXPECT_EQ(loaded.engine->getProfileTensorValuesV2("shape", 0, OptProfileSelector::kMAX)[1], 12);
  IExecutionContext& context = *loaded.context;
  Values in(12, 1), out(12);
  int64_t values[] = {2, 6}, wide[2] = {};
  ASSERT_TRUE(context.setTensorAddress("x", in.data()) && context.setTensorAddress("shape", values));
  ASSERT_TRUE(context.setTensorAddress("y", out.data()) && context.setTensorAddress("extents", wide));
  EXPECT_EQ(context.inferShapes(0, nullptr), 0) << net.logger.text();
  ASSERT_TRUE(context.enqueueV3(nullptr)) << net.logger.text();
  EXPECT_EQ(to_vector(context.getTensorShape("y")), (std::vector<int64_t>{2, 6}));
  values[1] = 5;
  EXPECT_FALSE(context.enqueueV3(nullptr)) << "2 x 5 is not 12";
  EXPECT_FALSE(net.logger.internal_error) << net.logger.text();
}

}  // namespace
}  // namespace rondo::test
