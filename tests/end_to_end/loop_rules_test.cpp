// What a loop means: trip limits, recurrences and the three kinds of outputs.

#include "network_case.h"

namespace rondo::test {
namespace {

using Values = std::vector<float>;

/// x starts at `start` and grows by one, in a loop with the limits that the test adds.
struct Counting : NetworkCase {
  explicit Counting(float start = 1)
      : loop(network->addLoop()), x(loop->addRecurrence(constant(scalar_dims(), start))) {
    next = &add(before(), constant(scalar_dims(), 1));
    x->setInput(1, *next);
  }
  ITensor& before() { return *x->getOutput(0); }
  void count(ITensor& trips) { loop->addTripLimit(trips, TripLimit::kCOUNT); }
  void below(float limit) {
    loop->addTripLimit(binary(before(), constant(scalar_dims(), limit), ElementWiseOperation::kLESS),
                       TripLimit::kWHILE);
  }
  void mark_all(LoopOutput kind, ITensor& value, int32_t length) { mark(collect(*loop, value, kind, scalar(length))); }

  ILoop* loop;
  IRecurrenceLayer* x;
  ITensor* next;
};

TEST(LoopRules, LastValueAndConcatenationOfRecurrenceAndBody) {
  Counting net;
  net.count(net.scalar(4));
  net.mark_last(*net.loop, *net.x);
  net.mark_all(LoopOutput::kCONCATENATE, net.before(), 4);
  net.mark_all(LoopOutput::kCONCATENATE, *net.next, 4);
  const auto out = net.run();
  ASSERT_EQ(out.size(), 3u);
  EXPECT_TRUE(out[0].dims.empty());
  EXPECT_EQ(out[0].floats(), (Values{5}));
  EXPECT_EQ(out[1].floats(), (Values{1, 2, 3, 4})) << "the recurrence shows the values before the body";
  EXPECT_EQ(out[2].floats(), (Values{2, 3, 4, 5}));
}

TEST(LoopRules, LastValueOfABodyValueIsRefused) {
  Counting net;
  net.count(net.scalar(4));
  net.mark(*net.loop->addLoopOutput(*net.next, LoopOutput::kLAST_VALUE)->getOutput(0));
  EXPECT_TRUE(net.plan_bytes().empty());
  EXPECT_FALSE(net.logger.errors.empty());
  EXPECT_FALSE(net.logger.internal_error) << net.logger.text();
}

TEST(LoopRules, LengthBelowEqualAndAboveTheTrips) {
  Counting net;
  net.count(net.scalar(4));
  for (const LoopOutput kind : {LoopOutput::kCONCATENATE, LoopOutput::kREVERSE}) {
    for (const int32_t length : {2, 4, 7, 0}) net.mark_all(kind, *net.next, length);
  }
  const auto out = net.run();
  ASSERT_EQ(out.size(), 8u);
  EXPECT_EQ(out[0].floats(), (Values{2, 3})) << "the first iterations are kept";
  EXPECT_EQ(out[1].floats(), (Values{2, 3, 4, 5}));
  EXPECT_EQ(out[2].floats(), (Values{2, 3, 4, 5, 0, 0, 0})) << "zeros behind";
  EXPECT_TRUE(out[3].floats().empty());
  EXPECT_EQ(out[4].floats(), (Values{3, 2})) << "the first iterations are kept, in reverse";
  EXPECT_EQ(out[5].floats(), (Values{5, 4, 3, 2}));
  EXPECT_EQ(out[6].floats(), (Values{5, 4, 3, 2, 0, 0, 0}));
  EXPECT_TRUE(out[7].floats().empty());
}

TEST(LoopRules, WhileAlone) {
  Counting net;
  net.below(4);
  net.mark_last(*net.loop, *net.x);
  for (const int32_t length : {2, 3, 5}) net.mark_all(LoopOutput::kCONCATENATE, net.before(), length);
  for (const int32_t length : {2, 3, 5}) net.mark_all(LoopOutput::kREVERSE, *net.next, length);
  const auto out = net.run();
  ASSERT_EQ(out.size(), 7u);
  EXPECT_EQ(out[0].floats(), (Values{4}));
  EXPECT_EQ(out[1].floats(), (Values{1, 2}));
  EXPECT_EQ(out[2].floats(), (Values{1, 2, 3}));
  EXPECT_EQ(out[3].floats(), (Values{1, 2, 3, 0, 0}));
  EXPECT_EQ(out[4].floats(), (Values{3, 2}));
  EXPECT_EQ(out[5].floats(), (Values{4, 3, 2}));
  EXPECT_EQ(out[6].floats(), (Values{4, 3, 2, 0, 0}));
}

TEST(LoopRules, CountAndWhileEndAtTheFirst) {
  for (const float limit : {3.F, 100.F}) {
    Counting net;
    net.count(net.scalar(5));
    net.below(limit);
    net.mark_last(*net.loop, *net.x);
    net.mark_all(LoopOutput::kREVERSE, *net.next, 5);
    const auto out = net.run();
    ASSERT_EQ(out.size(), 2u);
    EXPECT_EQ(out[0].floats(), limit < 5 ? Values{3} : Values{6});
    EXPECT_EQ(out[1].floats(), limit < 5 ? (Values{3, 2, 0, 0, 0}) : (Values{6, 5, 4, 3, 2}));
  }
}

TEST(LoopRules, WhileFalseAtOnceRunsNothing) {
  Counting net(7);
  net.below(4);
  net.mark_last(*net.loop, *net.x);
  net.mark_all(LoopOutput::kCONCATENATE, *net.next, 3);
  const auto out = net.run();
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(out[0].floats(), (Values{7}));
  EXPECT_EQ(out[1].floats(), (Values{0, 0, 0}));
}

template <class T>
Array scalar_of(DataType type, T value) {
  return array_of(type, {}, std::vector<T>{value});
}

// One plan, many counts: the trip count is ordinary data. A negative one acts as 0.
template <class T>
void expect_counts_from_input(DataType type) {
  Counting net;
  net.count(net.input("trips", NetworkCase::scalar_dims(), type));
  net.mark_last(*net.loop, *net.x);
  net.mark_all(LoopOutput::kCONCATENATE, *net.next, 3);
  net.mark_all(LoopOutput::kREVERSE, net.before(), 3);
  Loaded loaded(net.plan_bytes(), net.logger);
  ASSERT_NE(loaded.context, nullptr) << net.logger.text();
  const struct {
    T trips;
    float last;
    Values all, back;
  } cases[] = {{2, 3, {2, 3, 0}, {2, 1, 0}},  {3, 4, {2, 3, 4}, {3, 2, 1}},         {0, 1, {0, 0, 0}, {0, 0, 0}},
               {-5, 1, {0, 0, 0}, {0, 0, 0}}, {70000, 70001, {2, 3, 4}, {3, 2, 1}}, {1, 2, {2, 0, 0}, {1, 0, 0}}};
  for (const auto& expected : cases) {
    const auto out = loaded.run({scalar_of(type, expected.trips)});
    ASSERT_EQ(out.size(), 3u) << net.logger.text();
    EXPECT_EQ(out[0].floats(), Values{expected.last}) << expected.trips;
    EXPECT_EQ(out[1].floats(), expected.all) << expected.trips;
    EXPECT_EQ(out[2].floats(), expected.back) << expected.trips;
  }
}

TEST(LoopRules, CountFromAnInt32Input) { expect_counts_from_input<int32_t>(DataType::kINT32); }
TEST(LoopRules, CountFromAnInt64Input) { expect_counts_from_input<int64_t>(DataType::kINT64); }

TEST(LoopRules, MoreThan65535Trips) {
  Counting net(0);
  net.count(net.scalar(70000));
  net.mark_last(*net.loop, *net.x);
  net.mark_all(LoopOutput::kCONCATENATE, *net.next, 70000);
  net.mark_all(LoopOutput::kREVERSE, net.before(), 70000);
  const auto out = net.run();
  ASSERT_EQ(out.size(), 3u);
  EXPECT_EQ(out[0].floats(), (Values{70000}));
  const Values all = out[1].floats(), back = out[2].floats();
  size_t wrong = 0;
  for (size_t t = 0; t < all.size(); ++t) {
    if (all[t] != static_cast<float>(t + 1) || back[t] != static_cast<float>(all.size() - 1 - t)) ++wrong;
  }
  EXPECT_EQ(all.size(), 70000u);
  EXPECT_EQ(wrong, 0u);
}

TEST(LoopRules, ConstantCountOfZeroAndBelow) {
  for (const int32_t trips : {0, -3}) {
    Counting net;
    net.count(net.scalar(trips));
    net.mark_last(*net.loop, *net.x);
    net.mark_all(LoopOutput::kCONCATENATE, *net.next, 2);
    net.mark_all(LoopOutput::kREVERSE, *net.next, 2);
    const auto out = net.run();
    ASSERT_EQ(out.size(), 3u);
    EXPECT_EQ(out[0].floats(), (Values{1})) << trips;
    EXPECT_EQ(out[1].floats(), (Values{0, 0})) << trips;
    EXPECT_EQ(out[2].floats(), (Values{0, 0})) << trips;
  }
}

TEST(LoopRules, TwoRecurrencesSwap) {
  for (const int32_t trips : {0, 1, 2, 5}) {
    NetworkCase net;
    ILoop* loop = net->addLoop();
    ITensor& count = net.scalar(trips);
    loop->addTripLimit(count, TripLimit::kCOUNT);
    IRecurrenceLayer* a = loop->addRecurrence(net.values({2}, {1, 2}));
    IRecurrenceLayer* b = loop->addRecurrence(net.values({2}, {30, 40}));
    a->setInput(1, *b->getOutput(0));
    b->setInput(1, *a->getOutput(0));
    net.mark_last(*loop, *a);
    net.mark_last(*loop, *b);
    net.mark(net.collect(*loop, *a->getOutput(0), LoopOutput::kCONCATENATE, net.scalar(5)));
    const auto out = net.run();
    ASSERT_EQ(out.size(), 3u);
    const Values first{1, 2}, second{30, 40};
    EXPECT_EQ(out[0].floats(), trips % 2 ? second : first) << trips;
    EXPECT_EQ(out[1].floats(), trips % 2 ? first : second) << trips;
    Values all(10, 0);
    for (size_t t = 0; t < static_cast<size_t>(trips); ++t) {
      all[2 * t] = t % 2 ? 30 : 1;
      all[2 * t + 1] = t % 2 ? 40 : 2;
    }
    EXPECT_EQ(out[2].floats(), all) << trips;
  }
}

TEST(LoopRules, SwapFollowsItsValuesThroughTheBody) {
  NetworkCase net;  // a, b := b, a + b
  ILoop* loop = net->addLoop();
  loop->addTripLimit(net.scalar(10), TripLimit::kCOUNT);
  IRecurrenceLayer* a = loop->addRecurrence(net.constant(NetworkCase::scalar_dims(), 0));
  IRecurrenceLayer* b = loop->addRecurrence(net.constant(NetworkCase::scalar_dims(), 1));
  a->setInput(1, *b->getOutput(0));
  b->setInput(1, net.add(*a->getOutput(0), *b->getOutput(0)));
  net.mark_last(*loop, *a);
  net.mark_last(*loop, *b);
  const auto out = net.run();
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(out[0].floats(), (Values{55}));
  EXPECT_EQ(out[1].floats(), (Values{89}));
}

TEST(LoopRules, OneLoopReadsTheOutputsOfAnother) {
  Counting net;  // 2, 3, 4, 5, then their sum seen from the back, started at the first loop's last value
  net.count(net.scalar(4));
  ITensor& all = net.collect(*net.loop, *net.next, LoopOutput::kCONCATENATE, net.scalar(4));
  ITensor& last = *net.loop->addLoopOutput(net.before(), LoopOutput::kLAST_VALUE)->getOutput(0);
  ILoop* second = net->addLoop();
  second->addTripLimit(net.scalar(4), TripLimit::kCOUNT);
  IRecurrenceLayer* y = second->addRecurrence(last);
  ITensor& sum = net.add(*y->getOutput(0), *second->addIterator(all, 0, true)->getOutput(0));
  y->setInput(1, sum);
  net.mark_last(*second, *y);
  net.mark(net.collect(*second, sum, LoopOutput::kCONCATENATE, net.scalar(4)));
  const auto out = net.run();
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(out[0].floats(), (Values{19}));
  EXPECT_EQ(out[1].floats(), (Values{10, 14, 17, 19}));
}

}  // namespace
}  // namespace rondo::test
