// Programs that would leave their memory are refused when shapes are bound, or stopped while they run; never executed.
#include <gtest/gtest.h>

#include "base/error.h"
#include "runtime/sample_programs.h"

namespace rondo::runtime::testing {
namespace {

constexpr DType kF32 = DType::kFloat32;

/// Sums rows x[t] over `trips` iterations, counted by an expression or by memory; `collect` also stores every partial sum.
struct RowSum {
  explicit RowSum(int64_t rows, bool count_in_memory, int64_t trips = 0) {
    const auto x = b.input("x", {rows, 4});
    const auto n = b.input("n", {}, DType::kInt64);
    const auto out = b.output("out", {b.c(4)});
    const auto slot = b.slot();
    const auto one = b.c(1), zero = b.c(0);
    TileBuilder clear;
    clear.store(0, kF32, clear.constant(0));
    b.stage({b.c(4)}, clear.take(), {b.view({out, zero, {one}})}, {}, {}, "clear");
    if (count_in_memory)
      b.begin_loop(slot, plan::kNone, b.scalar(n));
    else
      b.begin_loop(slot, b.c(trips));
    TileBuilder t;
    t.store(0, kF32, t.fn(PointwiseFn::f_add, {t.load(0, kF32), t.load(1, kF32)}));
    b.stage({b.c(4)}, t.take(),
            {b.view({out, zero, {one}}), b.view({x, zero, {one}, {{slot, TermKind::kForward, b.c(4)}}})}, {}, {},
            "sum");
    b.end();
  }
  void run(int64_t count, int threads, TeamPolicy policy) {
    ContextOptions options;
    options.threads = threads;
    options.policy = policy;
    Context context(std::make_shared<const Engine>(b.program), options);
    const std::vector<float> x(4 * static_cast<size_t>(b.program.bindings[0].dims[0]), 1);
    out.assign(4, -1);
    context.set_address(0, const_cast<float*>(x.data()));
    context.set_address(1, &count);
    context.set_address(2, out.data());
    context.run();
    context.run();
  }
  ProgramBuilder b;
  std::vector<float> out;
};

TEST(Safety, IteratorPastTheEndIsRefusedBeforeTheRun) {
  RowSum(10, false, 10).run(0, 1, TeamPolicy::kPaying);
  try {
    RowSum(10, false, 11).run(0, 1, TeamPolicy::kPaying);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(std::string(e.what()),
              "'sum': would touch bytes 0 to 176 of tensor 'x', which has 160; a loop runs more iterations than the "
              "tensor it walks has entries");
  }
}

TEST(Safety, NegativeTripCountsRunNothing) {
  RowSum sum(10, false, -3);
  sum.run(0, 1, TeamPolicy::kPaying);
  EXPECT_EQ(sum.out, std::vector<float>(4, 0));
}

TEST(Safety, CountInMemoryStopsTheRun) {
  for (const int threads : {1, 2, 3, 8}) {
    for (const TeamPolicy policy : {TeamPolicy::kPaying, TeamPolicy::kAll, TeamPolicy::kMixed}) {
      RowSum sum(10, true);
      sum.run(10, threads, policy);
      EXPECT_EQ(sum.out, std::vector<float>(4, 10));
      try {
        sum.run(11, threads, policy);
        FAIL() << threads;
      } catch (const Error& e) {
        EXPECT_EQ(e.code(), Code::kFailedComputation);
        EXPECT_NE(std::string(e.what()).find("'sum': a loop went on for more iterations"), std::string::npos)
            << e.what();
      }
    }
  }
}

/// Each view of a stage that copies 4 floats, spoilt in one way.
void expect_refused(const std::function<void(ProgramBuilder&, plan::View&)>& spoil) {
  ProgramBuilder b;
  const auto x = b.input("x", {4});
  const auto y = b.output("y", {b.c(4)});
  const auto slot = b.slot();
  TileBuilder t;
  t.store(1, kF32, t.load(0, kF32));
  const auto from = b.view({x, b.c(0), {b.c(1)}});
  b.stage({b.c(4)}, t.take(), {from, b.view({y, b.c(0), {b.c(1)}})});
  (void)slot;
  spoil(b, b.program.views[from]);
  Context context(std::make_shared<const Engine>(b.program));
  float data[4] = {};
  context.set_address(0, data);
  context.set_address(1, data);
  EXPECT_THROW(context.run(), Error);
}

TEST(Safety, ViewsOutsideOfTheirBufferAreRefused) {
  expect_refused([](ProgramBuilder& b, plan::View& v) { v.offset = b.c(1); });
  expect_refused([](ProgramBuilder& b, plan::View& v) { v.offset = b.c(-1); });
  expect_refused([](ProgramBuilder& b, plan::View& v) { v.offset = b.c(INT64_MAX); });
  expect_refused([](ProgramBuilder& b, plan::View& v) { v.strides[0] = b.c(2); });
  expect_refused([](ProgramBuilder& b, plan::View& v) { v.strides[0] = b.c(-1); });
  expect_refused([](ProgramBuilder& b, plan::View& v) { v.strides[0] = b.c(INT64_MIN); });
  expect_refused([](ProgramBuilder& b, plan::View& v) { v.strides[0] = b.c(int64_t{1} << 62); });
  expect_refused([](ProgramBuilder& b, plan::View&) { b.program.stages[0].space[0] = b.c(5); });
  expect_refused([](ProgramBuilder& b, plan::View&) { b.program.stages[0].space[0] = b.c(-4); });
  expect_refused([](ProgramBuilder& b, plan::View&) { b.program.stages[0].space[0] = b.c(INT64_MAX); });
}

TEST(Safety, ArenaBuffersLargerThanReservedAreRefused) {
  Sample sample = rnn_sample(4, 2, 8);
  ProgramBuilder b;
  const auto a = b.arena(16);
  b.program.buffers[a].bytes = b.c(65);
  b.program.buffers[a].max_bytes = 64;
  Context context(std::make_shared<const Engine>(b.program));
  EXPECT_THROW(context.run(), Error);
}

TEST(Safety, GatherChecksItsDims) {
  ProgramBuilder b;
  const auto x = b.input("x", {4, 3});
  const auto i = b.input("i", {2}, DType::kInt32);
  const auto y = b.output("y", {b.c(2), b.c(3)});
  plan::Kernel gather;
  gather.id = plan::KernelId::k_gather;
  gather.operands = {b.view({x, b.c(0), {b.c(3), b.c(1)}}), b.view({i, b.c(0), {b.c(1)}}),
                     b.view({y, b.c(0), {b.c(3), b.c(1)}})};
  gather.operand_dims = {{b.c(4), b.c(3)}, {b.c(2)}, {b.c(2), b.c(3)}};
  gather.attrs = {0, 0, 0};
  b.kernel(gather);
  const float data[12] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  const int32_t indices[2] = {3, -1};
  std::vector<float> out(6, -1);
  const auto run = [&](const plan::Program& program) {
    Context context(std::make_shared<const Engine>(program));
    context.set_address(0, const_cast<float*>(data));
    context.set_address(1, const_cast<int32_t*>(indices));
    context.set_address(2, out.data());
    context.run();
  };
  run(b.program);
  EXPECT_EQ(out, (std::vector<float>{9, 10, 11, 0, 0, 0}));
  b.program.kernels[0].operand_dims[2] = {b.c(1), b.c(3)};
  EXPECT_THROW(run(b.program), Error);
}

}  // namespace
}  // namespace rondo::runtime::testing
