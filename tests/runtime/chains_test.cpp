// Chains by hand: when they run in blocks, what makes them fall back to one stage after the other, and that the bits
// are the same either way. x -> scores = q k^T -> scores - largest of the row -> times v.
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "runtime/cpu/executor.h"
#include "runtime/lowered_sample.h"

namespace rondo::runtime::testing {
namespace {

constexpr DType kF32 = DType::kFloat32;

std::vector<float> numbers(int64_t count, int seed) {
  std::vector<float> values;
  for (int64_t i = 0; i < count; ++i) values.push_back(static_cast<float>((i * 37 + seed * 11) % 65 - 32) / 64.0f);
  return values;
}

tile::TileProgram minus_largest() {
  TileBuilder t;
  const auto x = t.load(0, kF32);
  const auto largest = t.fn(PointwiseFn::f_neg, {x});  // becomes the fold
  t.store(1, kF32, t.fn(PointwiseFn::f_sub, {x, largest}));
  tile::TileProgram program = t.take();
  program.insts[largest].kind = tile::InstKind::kRowReduce;
  program.insts[largest].fn = {};
  program.insts[largest].operand = static_cast<uint16_t>(tile::RowFold::kMax);
  program.row_axes = 1;
  return program;
}

struct Shape {
  int64_t heads = 2, rows = 300, width = 20, keys = 300;
};

/// What a plan may say that a runtime must not believe.
enum class Twist { kNone, kColumns, kSharedMemory, kLongRow };

/// q [heads, rows, width], k and v [heads, keys, width] -> y [heads, rows, width]; rows are dynamic.
struct ChainCase {
  explicit ChainCase(Shape s, bool chained = true, Twist twist = Twist::kNone) : shape(s) {
    const auto q = b.input("q", {s.heads, -1024, s.width}), k = b.input("k", {s.heads, s.keys, s.width}),
               v = b.input("v", {s.heads, s.keys, s.width});
    const auto rows = b.dim(q, 1), one = b.c(1), zero = b.c(0), width = b.c(s.width), keys = b.c(s.keys);
    const auto heads = b.c(s.heads), of_keys = b.c(s.keys * s.width), plane = b.mul(rows, width);
    const auto square = b.mul(rows, keys);
    const auto y = b.output("y", {heads, rows, width});
    const auto temporary = [&](ExprId elements) {
      const auto buffer = b.arena(s.heads * 1024 * s.keys);
      b.program.buffers[buffer].bytes = b.mul(elements, b.c(4));
      if (!chained) return buffer;
      b.program.buffers[buffer].storage = plan::Storage::kLocal;
      b.program.buffers[buffer].offset = 0;
      return buffer;
    };
    const auto scores = temporary(b.mul(heads, square)), probs = temporary(b.mul(heads, square));
    const bool turned = twist == Twist::kColumns;  // rows and keys change places in memory
    const auto at = [&](uint32_t buffer) {
      return turned ? b.view({buffer, zero, {square, one, rows}}) : b.view({buffer, zero, {square, keys, one}});
    };
    TileBuilder copy, out;
    copy.store(0, kF32, copy.acc(0));
    out.store(0, kF32, out.acc(0));
    const auto qv = b.view({q, zero, {plane, width, one}});
    b.stage({heads, rows, keys}, copy.take(), {at(scores)},
            {{qv, plan::kNone, b.view({k, zero, {of_keys, one, zero, width}}), width}}, {}, "scores");
    const auto source = twist == Twist::kLongRow ? b.view({scores, one, {square, keys, one}}) : at(scores);
    b.stage({heads, rows, keys}, minus_largest(), {source, at(probs)}, {}, {}, "rows");
    const auto to = b.view({twist == Twist::kSharedMemory ? q : y, zero, {plane, width, one}});
    b.stage({heads, rows, width}, out.take(), {to},
            {{at(probs), plan::kNone, b.view({v, zero, {of_keys, width, zero, one}}), keys}}, {}, "sums");
    if (chained) b.program.chains.push_back({{0, 1, 2}});
  }

  Sample sample() const {
    const int64_t of_q = shape.heads * shape.rows * shape.width, of_k = shape.heads * shape.keys * shape.width;
    Sample s{"chain", b.program, {{shape.heads, shape.rows, shape.width}, {}, {}}, {}, {}, 1e-4};
    s.input_dims[1] = s.input_dims[2] = {shape.heads, shape.keys, shape.width};
    const auto q = numbers(of_q, 1), k = numbers(of_k, 2), v = numbers(of_k, 3);
    s.inputs = {bytes_of(q), bytes_of(k), bytes_of(v)};
    s.expected = {bytes_of(expected(q, k, v))};
    return s;
  }

  std::vector<float> expected(const std::vector<float>& q, const std::vector<float>& k,
                              const std::vector<float>& v) const {
    std::vector<float> y;
    std::vector<double> scores(static_cast<size_t>(shape.keys));
    for (int64_t row = 0; row < shape.heads * shape.rows; ++row) {
      const auto from = static_cast<size_t>(row / shape.rows * shape.keys * shape.width);
      const auto width = static_cast<size_t>(shape.width);
      for (size_t key = 0; key < scores.size(); ++key) {
        scores[key] = 0;
        for (size_t i = 0; i < width; ++i)
          scores[key] += double{q[static_cast<size_t>(row) * width + i]} * k[from + key * width + i];
      }
      const double largest = *std::max_element(scores.begin(), scores.end());
      for (size_t i = 0; i < width; ++i) {
        double sum = 0;
        for (size_t key = 0; key < scores.size(); ++key) sum += (scores[key] - largest) * v[from + key * width + i];
        y.push_back(static_cast<float>(sum));
      }
    }
    return y;
  }

  Shape shape;
  ProgramBuilder b;
};

struct Bound : LoweredSample {
  explicit Bound(const Sample& sample, int threads = 1, TeamPolicy policy = TeamPolicy::kPaying)
      : LoweredSample(sample, threads, policy) {}
  bool in_blocks() const {
    EXPECT_EQ(schedule->entry.size(), schedule->chains.empty() ? 3u : 1u);
    EXPECT_EQ(schedule->local_bytes > 0, schedule->chains.empty());
    return !schedule->chains.empty();
  }
};

TEST(Chains, RunInBlocksWhereRowsAreManyAndIntermediatesLarge) {
  EXPECT_TRUE(Bound(ChainCase({}).sample()).in_blocks());
  EXPECT_TRUE(Bound(ChainCase({}).sample(), 12).in_blocks());
  EXPECT_FALSE(Bound(ChainCase({}).sample(), 13).in_blocks()) << "600 rows are fewer than 48 for each of 13 threads";
  EXPECT_FALSE(Bound(ChainCase({64, 4, 20, 1000}).sample()).in_blocks()) << "4 rows of a head";
  EXPECT_FALSE(Bound(ChainCase({2, 40, 20, 3000}).sample(), 2).in_blocks()) << "80 rows for 2 threads";
  EXPECT_FALSE(Bound(ChainCase({2, 300, 20, 200}).sample()).in_blocks()) << "960 KB stay in L2";
  EXPECT_TRUE(Bound(ChainCase({2, 300, 20, 200}).sample(), 2, TeamPolicy::kAll).in_blocks());
  EXPECT_TRUE(Bound(ChainCase({2, 0, 20, 90}).sample(), 2, TeamPolicy::kAll).schedule->chains.empty()) << "no rows";
}

TEST(Chains, AreOneCommandWithoutBarriersInside) {
  const Bound bound(ChainCase({}).sample(), 3, TeamPolicy::kAll);
  ASSERT_TRUE(bound.in_blocks());
  EXPECT_EQ(bound.schedule->entry[0].threads, 3);
  EXPECT_FALSE(bound.schedule->entry[0].barrier);
  const Bound apart(ChainCase({}, false).sample(), 3, TeamPolicy::kAll);
  EXPECT_TRUE(apart.schedule->entry[1].barrier && apart.schedule->entry[2].barrier);
}

TEST(Chains, ScratchHoldsABlockAndNotAllRows) {
  const Bound bound(ChainCase({2, 1000, 20, 512}).sample());
  ASSERT_TRUE(bound.in_blocks());
  EXPECT_LT(bound.schedule->scratch_bytes, size_t{2} * 1000 * 512 * 4);
}

// A plan that lies about rows is run stage after stage, which is what it says.
TEST(Chains, WhatCannotBeProvenRunsStageAfterStage) {
  for (const TeamPolicy policy : {TeamPolicy::kPaying, TeamPolicy::kAll, TeamPolicy::kMixed}) {
    EXPECT_FALSE(Bound(ChainCase({}, true, Twist::kColumns).sample(), 1, policy).in_blocks());
  }
  const Sample columns = ChainCase({}, true, Twist::kColumns).sample();
  EXPECT_EQ(run_sample(columns, 3, TeamPolicy::kAll),
            run_sample(ChainCase({}, false).sample(), 1, TeamPolicy::kPaying));
}

TEST(Chains, ARowThatReachesIntoTheNextOneIsNoRow) {
  Sample reaching = ChainCase({}, true, Twist::kLongRow).sample();
  EXPECT_THROW(Bound(reaching, 1, TeamPolicy::kAll), Error) << "the last row leaves its buffer";
  plan::Program& p = reaching.program;
  const auto more = static_cast<ExprId>(p.exprs.size());
  const ExprId scores = p.buffers[p.views[p.stages[0].operands[0]].buffer].bytes;
  p.exprs.push_back({plan::ExprKind::kConstant, 64, plan::kNone, plan::kNone});
  p.exprs.push_back({plan::ExprKind::kAdd, 0, scores, more});
  p.buffers[p.views[p.stages[0].operands[0]].buffer].bytes = more + 1;
  EXPECT_FALSE(Bound(reaching, 1, TeamPolicy::kAll).in_blocks());
}

TEST(Chains, StagesThatMeetInOtherMemoryRunOneAfterTheOther) {
  ChainCase c({});
  // The first stage reads rows of the next head, which the last stage has overwritten, if blocks are taken through
  // both.
  plan::Program& p = c.b.program;
  const uint32_t state = c.b.arena(2 * 1024 * 20);
  p.views[p.stages[0].gemms[0].a].buffer = p.views[p.stages[2].operands[0]].buffer = state;
  EXPECT_FALSE(Bound(c.sample(), 1, TeamPolicy::kAll).in_blocks());
}

TEST(Chains, ImpossibleSizesAreRefused) {
  ChainCase c({});
  plan::Program& p = c.b.program;
  plan::Buffer& scores = p.buffers[p.views[p.stages[0].operands[0]].buffer];
  scores.bytes = c.b.c(int64_t{1} << 60);
  scores.max_bytes = uint64_t{1} << 60;
  try {
    Bound bound(c.sample());
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("temporary tensors would have"), std::string::npos) << error.what();
  }
}

// The last case packs right factors of more than 1 MB by tiles of columns.
TEST(Chains, AnyBlockAndTeamGiveTheBitsOfTheStages) {
  for (const Shape& shape :
       {Shape{}, {3, 67, 17, 131}, {1, 49, 5, 7}, {5, 1, 3, 2}, {1, 1, 1, 1}, {2, 3, 8, 64}, {1, 70, 310, 1000}}) {
    const Sample apart = ChainCase(shape, false).sample(), chained = ChainCase(shape).sample();
    const auto expected = run_sample(apart, 1, TeamPolicy::kPaying);
    const auto* y = reinterpret_cast<const float*>(expected[0].data());
    const auto* reference = reinterpret_cast<const float*>(apart.expected[0].data());
    for (size_t i = 0; i < expected[0].size() / sizeof(float); ++i) {
      ASSERT_NEAR(y[i], reference[i], 1e-4 * std::max(1.0f, std::abs(reference[i])));
    }
    for (const TeamPolicy policy : {TeamPolicy::kPaying, TeamPolicy::kAll, TeamPolicy::kMixed}) {
      for (const int threads : {1, 2, 3, 8}) {
        EXPECT_EQ(run_sample(chained, threads, policy, 2), expected) << shape.rows << " rows, " << threads << " ranks";
      }
    }
  }
}

TEST(Chains, EveryStageHasATimeOfItsOwn) {
  const Sample sample = ChainCase({}).sample();
  for (const TeamPolicy policy : {TeamPolicy::kPaying, TeamPolicy::kMixed}) {
    ContextOptions options;
    options.policy = policy;
    Context context(std::make_shared<const Engine>(sample.program), options);
    std::vector<std::byte> y(sample.expected[0].size());
    for (uint32_t i = 0; i < 3; ++i) {
      context.set_dims(i, sample.input_dims[i]);
      context.set_address(i, const_cast<std::byte*>(sample.inputs[i].data()));
    }
    context.set_address(3, y.data());
    std::vector<int64_t> step_ns(3);
    context.run_timed(step_ns);
    for (const int64_t ns : step_ns) EXPECT_GT(ns, 0);
  }
}

}  // namespace
}  // namespace rondo::runtime::testing
