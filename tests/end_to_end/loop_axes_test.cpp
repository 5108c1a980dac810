// Iterators and loop outputs over every axis, in both directions, with constant and computed trip counts.

#include "network_case.h"

namespace rondo::test {
namespace {

using Values = std::vector<float>;
using Extents = std::vector<int64_t>;

const Extents kShape = {3, 4, 5};

/// 100 i + 10 j + k at [i, j, k].
Values counting() {
  Values x;
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 4; ++j)
      for (int k = 0; k < 5; ++k) x.push_back(static_cast<float>(100 * i + 10 * j + k));
  return x;
}

Extents without(const Extents& dims, size_t axis) {
  Extents rest = dims;
  rest.erase(rest.begin() + static_cast<ptrdiff_t>(axis));
  return rest;
}

/// Row-major slice `index` of x along `axis`.
Values slice(const Values& x, const Extents& dims, size_t axis, int64_t index) {
  const size_t inner = volume_of(Extents(dims.begin() + static_cast<ptrdiff_t>(axis) + 1, dims.end()));
  const size_t extent = static_cast<size_t>(dims[axis]), outer = volume_of(dims) / inner / extent;
  Values result;
  for (size_t o = 0; o < outer; ++o) {
    const auto begin = x.begin() + static_cast<ptrdiff_t>((o * extent + static_cast<size_t>(index)) * inner);
    result.insert(result.end(), begin, begin + static_cast<ptrdiff_t>(inner));
  }
  return result;
}

/// Stacks slices along a new axis of extent `length`, zeros behind.
Values stack(const std::vector<Values>& slices, const Extents& dims, size_t axis, size_t length) {
  const size_t inner = volume_of(Extents(dims.begin() + static_cast<ptrdiff_t>(axis), dims.end()));
  const size_t outer = volume_of(dims) / inner;
  Values result(outer * length * inner, 0);
  for (size_t s = 0; s < slices.size(); ++s)
    for (size_t o = 0; o < outer; ++o)
      for (size_t i = 0; i < inner; ++i) result[(o * length + s) * inner + i] = slices[s][o * inner + i];
  return result;
}

/// The sum so far of the slices seen, after each of `trips` iterations.
std::vector<Values> running_sums(size_t axis, bool reverse, int64_t trips) {
  std::vector<Values> sums;
  Values sum(volume_of(kShape) / static_cast<size_t>(kShape[axis]), 0);
  for (int64_t t = 0; t < trips; ++t) {
    const Values x_t = slice(counting(), kShape, axis, reverse ? trips - 1 - t : t);
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += x_t[i];
    sums.push_back(sum);
  }
  return sums;
}

/// The running sum over slices of x along `axis`, collected along every possible axis in both orders.
void describe_sums(NetworkCase& net, ITensor& x, ITensor& trips, int32_t axis, bool reverse, int32_t length) {
  ILoop* loop = net->addLoop();
  loop->addTripLimit(trips, TripLimit::kCOUNT);
  ITensor& step = *loop->addIterator(x, axis, reverse)->getOutput(0);
  const Extents rest = without(kShape, static_cast<size_t>(axis));
  IRecurrenceLayer* sum = loop->addRecurrence(net.constant(dims_of(rest), 0));
  ITensor& next = net.add(*sum->getOutput(0), step);
  sum->setInput(1, next);
  net.mark_last(*loop, *sum);
  for (int32_t out = 0; out <= 2; ++out) {
    net.mark(net.collect(*loop, next, LoopOutput::kCONCATENATE, net.scalar(length), out));
    net.mark(net.collect(*loop, next, LoopOutput::kREVERSE, net.scalar(length), out));
  }
}

void expect_sums(const std::vector<Array>& outputs, size_t axis, bool reverse, int64_t trips, size_t length) {
  ASSERT_EQ(outputs.size(), 7u);
  const Extents rest = without(kShape, axis);
  std::vector<Values> sums = running_sums(axis, reverse, trips);
  EXPECT_EQ(outputs[0].floats(), sums.empty() ? Values(volume_of(rest), 0) : sums.back());
  if (sums.size() > length) sums.resize(length);
  const std::vector<Values> back(sums.rbegin(), sums.rend());
  for (size_t out = 0; out <= 2; ++out) {
    Extents dims = rest;
    dims.insert(dims.begin() + static_cast<ptrdiff_t>(out), static_cast<int64_t>(length));
    EXPECT_EQ(outputs[1 + 2 * out].dims, dims);
    EXPECT_EQ(outputs[1 + 2 * out].floats(), stack(sums, rest, out, length)) << "concatenate, axis " << out;
    EXPECT_EQ(outputs[2 + 2 * out].floats(), stack(back, rest, out, length)) << "reverse, axis " << out;
  }
}

TEST(LoopAxes, EveryIteratorAxisToEveryOutputAxis) {
  for (int32_t axis = 0; axis < 3; ++axis) {
    for (const bool reverse : {false, true}) {
      for (const int32_t length : {2, 3, 5}) {
        SCOPED_TRACE(testing::Message() << "axis " << axis << ", reverse " << reverse << ", length " << length);
        NetworkCase net;
        const auto trips = static_cast<int32_t>(kShape[static_cast<size_t>(axis)]);
        describe_sums(net, net.input("x", dims_of(kShape)), net.scalar(trips), axis, reverse, length);
        expect_sums(net.run({floats_of(kShape, counting())}), static_cast<size_t>(axis), reverse, trips,
                    static_cast<size_t>(length));
      }
    }
  }
}

// A reverse iterator starts at the count's last slice, not at the tensor's.
template <class T>
void expect_sums_with_count_from_input(DataType type) {
  for (const bool reverse : {false, true}) {
    NetworkCase net;
    ITensor& x = net.input("x", dims_of(kShape));
    describe_sums(net, x, net.input("trips", NetworkCase::scalar_dims(), type), 1, reverse, 4);
    Loaded loaded(net.plan_bytes(), net.logger);
    ASSERT_NE(loaded.context, nullptr) << net.logger.text();
    for (const T trips : {3, 4, 1, 0, -2, 2}) {
      SCOPED_TRACE(testing::Message() << "reverse " << reverse << ", trips " << trips);
      const auto out = loaded.run({floats_of(kShape, counting()), array_of(type, {}, std::vector<T>{trips})});
      expect_sums(out, 1, reverse, trips < 0 ? 0 : trips, 4);
    }
  }
}

TEST(LoopAxes, CountFromAnInt32Input) { expect_sums_with_count_from_input<int32_t>(DataType::kINT32); }
TEST(LoopAxes, CountFromAnInt64Input) { expect_sums_with_count_from_input<int64_t>(DataType::kINT64); }

TEST(LoopAxes, CountAboveTheIteratedExtentIsRefusedAtTheRun) {
  for (const bool reverse : {false, true}) {
    SCOPED_TRACE(reverse ? "reverse" : "forward");
    NetworkCase net;
    ITensor& x = net.input("x", dims_of(kShape));
    describe_sums(net, x, net.input("trips", NetworkCase::scalar_dims(), DataType::kINT32), 1, reverse, 4);
    Loaded loaded(net.plan_bytes(), net.logger);
    ASSERT_NE(loaded.context, nullptr) << net.logger.text();
    const auto with = [](int32_t trips) {
      return std::vector<Array>{floats_of(kShape, counting()), array_of(DataType::kINT32, {}, std::vector{trips})};
    };
    EXPECT_TRUE(loaded.run(with(5)).empty());
    EXPECT_FALSE(net.logger.errors.empty());
    EXPECT_FALSE(net.logger.internal_error) << net.logger.text();
    expect_sums(loaded.run(with(4)), 1, reverse, 4, 4);
  }
}

// A reverse iterator counts back from the COUNT even where the WHILE ends the loop early.
TEST(LoopAxes, ReverseIteratorUnderCountAndWhile) {
  NetworkCase net;
  ILoop* loop = net->addLoop();
  loop->addTripLimit(net.scalar(4), TripLimit::kCOUNT);
  ITensor& step = *loop->addIterator(net.input("x", dims_of({5})), 0, true)->getOutput(0);
  IRecurrenceLayer* sum = loop->addRecurrence(net.constant(NetworkCase::scalar_dims(), 0));
  ITensor& small =
      net.binary(*sum->getOutput(0), net.constant(NetworkCase::scalar_dims(), 7), ElementWiseOperation::kLESS);
  loop->addTripLimit(small, TripLimit::kWHILE);
  sum->setInput(1, net.add(*sum->getOutput(0), step));
  net.mark_last(*loop, *sum);
  net.mark(net.collect(*loop, step, LoopOutput::kCONCATENATE, net.scalar(4)));
  net.mark(net.collect(*loop, step, LoopOutput::kREVERSE, net.scalar(3)));
  const auto out = net.run({floats_of({5}, {1, 2, 3, 4, 5})});
  ASSERT_EQ(out.size(), 3u);
  EXPECT_EQ(out[0].floats(), (Values{7})) << "4 + 3";
  EXPECT_EQ(out[1].floats(), (Values{4, 3, 0, 0}));
  EXPECT_EQ(out[2].floats(), (Values{3, 4, 0}));
}

// Without an iterator every axis and both orders work too.
TEST(LoopAxes, OutputsOfALoopWithoutIterator) {
  const Extents shape = {2, 3};
  const Values start = {1, 2, 3, 4, 5, 6};
  for (const bool use_while : {false, true}) {
    for (const size_t length : {2u, 3u, 6u}) {
      SCOPED_TRACE(testing::Message() << "while " << use_while << ", length " << length);
      NetworkCase net;
      ILoop* loop = net->addLoop();
      IRecurrenceLayer* x = loop->addRecurrence(net.values(shape, start));
      IRecurrenceLayer* t = loop->addRecurrence(net.constant(NetworkCase::scalar_dims(), 0));
      t->setInput(1, net.add(*t->getOutput(0), net.constant(NetworkCase::scalar_dims(), 1)));
      ITensor& three = net.constant(NetworkCase::scalar_dims(), 3);
      if (use_while)
        loop->addTripLimit(net.binary(*t->getOutput(0), three, ElementWiseOperation::kLESS), TripLimit::kWHILE);
      else
        loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
      ITensor& next = net.add(*x->getOutput(0), *x->getOutput(0));
      x->setInput(1, next);
      for (int32_t axis = 0; axis <= 2; ++axis) {
        for (const LoopOutput kind : {LoopOutput::kCONCATENATE, LoopOutput::kREVERSE})
          net.mark(net.collect(*loop, next, kind, net.scalar(static_cast<int32_t>(length)), axis));
      }
      std::vector<Values> steps;
      for (size_t i = 0; i < std::min<size_t>(length, 3); ++i) {
        steps.push_back(i == 0 ? start : steps.back());
        for (float& value : steps.back()) value *= 2;
      }
      const std::vector<Values> back(steps.rbegin(), steps.rend());
      const auto out = net.run();
      ASSERT_EQ(out.size(), 6u);
      for (size_t axis = 0; axis <= 2; ++axis) {
        EXPECT_EQ(out[2 * axis].floats(), stack(steps, shape, axis, length)) << axis;
        EXPECT_EQ(out[2 * axis + 1].floats(), stack(back, shape, axis, length)) << axis;
      }
    }
  }
}

}  // namespace
}  // namespace rondo::test
