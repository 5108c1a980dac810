// Loops and conditionals inside each other, eight levels deep, with values that reach in from every level.

#include "network_case.h"

namespace rondo::test {
namespace {

using Values = std::vector<float>;

constexpr int kDepth = 8;

/// A recipe for nested levels, evaluated twice: as layers of a network and as plain C++.
///
/// level(d, v) on the way in: even levels are loops of trips(d) iterations carrying s, odd levels are conditionals.
///   loop         s := level(d + 1, s) / 2 + v, from s = v
///   conditional  v < threshold(d) ? level(d + 1, v + 1) : v / 4 + captured
/// The innermost level adds what all the levels around it have seen. `captured` lists the values of the levels outside.
struct Recipe {
  static int trips(int depth) { return depth % 4 == 0 ? 3 : 2; }
  static float threshold(int depth) { return 1.5F + static_cast<float>(depth); }
};

float evaluate(int depth, float v, const std::vector<float>& captured) {
  if (depth == kDepth) {
    for (const float outer : captured) v = v + outer * 0.125F;
    return v;
  }
  std::vector<float> inner = captured;
  inner.push_back(v);
  if (depth % 2 == 0) {
    float s = v;
    for (int t = 0; t < Recipe::trips(depth); ++t) {
      inner.push_back(s);
      s = evaluate(depth + 1, s, inner) * 0.5F + v;
      inner.pop_back();
    }
    return s;
  }
  if (v < Recipe::threshold(depth)) return evaluate(depth + 1, v + 1, inner);
  return v * 0.25F + captured.front();
}

struct Nested : NetworkCase {
  ITensor& scalar_value(float value) { return constant(scalar_dims(), value); }
  ITensor& times(ITensor& x, float factor) { return product(x, scalar_value(factor)); }

  ITensor& level(int depth, ITensor& v, const std::vector<ITensor*>& captured) {
    if (depth == kDepth) {
      ITensor* sum = &v;
      for (ITensor* outer : captured) sum = &add(*sum, times(*outer, 0.125F));
      return *sum;
    }
    std::vector<ITensor*> inner = captured;
    inner.push_back(&v);
    return depth % 2 == 0 ? loop_level(depth, v, inner) : branch_level(depth, v, captured, inner);
  }

  ITensor& loop_level(int depth, ITensor& v, std::vector<ITensor*> inner) {
    ILoop* loop = network->addLoop();
    loop->addTripLimit(scalar(Recipe::trips(depth)), TripLimit::kCOUNT);
    IRecurrenceLayer* s = loop->addRecurrence(v);
    inner.push_back(s->getOutput(0));
    s->setInput(1, add(times(level(depth + 1, *s->getOutput(0), inner), 0.5F), v));
    return *loop->addLoopOutput(*s->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0);
  }

  ITensor& branch_level(int depth, ITensor& v, const std::vector<ITensor*>& captured,
                        const std::vector<ITensor*>& inner) {
    IIfConditional* either = network->addIfConditional();
    either->setCondition(binary(v, scalar_value(Recipe::threshold(depth)), ElementWiseOperation::kLESS));
    ITensor& inside = *either->addInput(v)->getOutput(0);
    ITensor& taken = level(depth + 1, add(inside, scalar_value(1)), inner);
    ITensor& other = add(times(inside, 0.25F), *captured.front());
    return *either->addOutput(taken, other)->getOutput(0);
  }
};

TEST(Depth, EightLevelsWithOuterCaptures) {
  Nested net;
  ITensor& x = net.input("x", NetworkCase::scalar_dims());
  net.mark(net.level(0, x, {&x}));
  Loaded loaded(net.plan_bytes(), net.logger);
  ASSERT_NE(loaded.context, nullptr) << net.logger.text();
  for (const float x0 : {-8.F, -1.F, 0.F, 0.25F, 0.5F, 1.F, 2.F, 3.F, 100.F}) {
    for (const int threads : {1, 3}) {
      const auto out = loaded.run({floats_of({}, {x0})}, threads);
      ASSERT_EQ(out.size(), 1u) << net.logger.text();
      EXPECT_EQ(out[0].floats(), Values{evaluate(0, x0, {x0})}) << "x " << x0 << ", threads " << threads;
    }
  }
}

TEST(Depth, EightNestedLoopsCountTheirBodies) {
  NetworkCase net;  // every level runs its inner level twice; the innermost adds one: 2^8
  std::vector<ILoop*> loops;
  std::vector<IRecurrenceLayer*> states;
  ITensor* value = &net.constant(NetworkCase::scalar_dims(), 0);
  for (int depth = 0; depth < kDepth; ++depth) {
    loops.push_back(net->addLoop());
    loops.back()->addTripLimit(net.scalar(2), TripLimit::kCOUNT);
    states.push_back(loops.back()->addRecurrence(*value));
    value = states.back()->getOutput(0);
  }
  value = &net.add(*value, net.constant(NetworkCase::scalar_dims(), 1));
  for (size_t depth = kDepth; depth-- > 0;) {
    states[depth]->setInput(1, *value);
    value = loops[depth]->addLoopOutput(*states[depth]->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0);
  }
  net.mark(*value);
  const auto out = net.run();
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].floats(), (Values{256}));
}

// if sum(x) < 10: four times { x := sum(x) < 5 ? 4 x : x + 1 }, else x := -x.
TEST(Depth, ConditionalInALoopInAConditional) {
  NetworkCase net;
  ITensor& x = net.input("x", Dims{1, {3}});
  const auto total = [&](ITensor& v) -> ITensor& {
    return *net->addReduce(v, ReduceOperation::kSUM, 1, false)->getOutput(0);
  };
  const auto below = [&](ITensor& v, float limit) -> ITensor& {
    return net.binary(v, net.constant(NetworkCase::scalar_dims(), limit), ElementWiseOperation::kLESS);
  };
  IIfConditional* outer = net->addIfConditional();
  outer->setCondition(below(total(x), 10));
  ITensor& inside = *outer->addInput(x)->getOutput(0);
  ILoop* loop = net->addLoop();
  loop->addTripLimit(net.scalar(4), TripLimit::kCOUNT);
  IRecurrenceLayer* s = loop->addRecurrence(inside);
  IIfConditional* inner = net->addIfConditional();
  inner->setCondition(below(total(*s->getOutput(0)), 5));
  ITensor& state = *inner->addInput(*s->getOutput(0))->getOutput(0);
  s->setInput(1, *inner
                      ->addOutput(net.product(state, net.constant(Dims{1, {1}}, 4)),
                                  net.add(state, net.constant(Dims{1, {1}}, 1)))
                      ->getOutput(0));
  ITensor& looped = *loop->addLoopOutput(*s->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0);
  net.mark(*outer->addOutput(looped, *net->addUnary(inside, UnaryOperation::kNEG)->getOutput(0))->getOutput(0));
  Loaded loaded(net.plan_bytes(), net.logger);
  ASSERT_NE(loaded.context, nullptr) << net.logger.text();
  const struct {
    Values x, expected;
  } cases[] = {{{0, 0, 1}, {2, 2, 18}},  // 1 -> 4 -> 16 -> 17 -> 18 in the last element, two steps of + 1 in the others
               {{3, 3, 3}, {7, 7, 7}},
               {{0, 0, 0}, {0, 0, 0}},
               {{4, 5, 6}, {-4, -5, -6}}};
  for (const auto& expected : cases) {
    const auto out = loaded.run({floats_of({3}, expected.x)});
    ASSERT_EQ(out.size(), 1u) << net.logger.text();
    EXPECT_EQ(out[0].floats(), expected.expected) << "x[2] = " << expected.x[2];
  }
}

}  // namespace
}  // namespace rondo::test
