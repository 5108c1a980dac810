// Where barriers stand, and which structures get teams of their own.
#include "runtime/cpu/lower.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "runtime/lowered_sample.h"

namespace rondo::runtime::testing {
namespace {

/// Every step on all ranks.
struct Lowered : LoweredSample {
  explicit Lowered(const Sample& sample, int threads, TeamPolicy policy = TeamPolicy::kAll)
      : LoweredSample(sample, threads, policy) {}
  static int barriers(const Sequence& sequence) {
    int count = 0;
    for (const Command& c : sequence) count += c.barrier;
    return count;
  }
};

Sample sample_named(const std::string& name) {
  for (Sample& s : all_samples()) {
    if (s.name == name) return s;
  }
  ADD_FAILURE() << name;
  return {};
}

TEST(Lower, ARecurrentStepMeetsOncePerIteration) {
  const Lowered l(rnn_sample(9, 2, 40), 2);
  ASSERT_EQ(l.schedule->loops.size(), 1u);
  EXPECT_EQ(Lowered::barriers(l.schedule->loops[0].body), 0);
  EXPECT_TRUE(l.schedule->loops[0].back_barrier);
  EXPECT_EQ(l.schedule->threads, 2);
}

TEST(Lower, OneIterationNeedsNoBackBarrier) {
  const Lowered l(rnn_sample(1, 2, 16), 2);
  EXPECT_FALSE(l.schedule->loops[0].back_barrier);
}

TEST(Lower, SerialStepsHaveNoBarriers) {
  for (const Sample& sample : all_samples()) {
    const Lowered l(sample, 8, TeamPolicy::kPaying);
    EXPECT_EQ(l.schedule->threads, 1) << sample.name;
    EXPECT_EQ(Lowered::barriers(l.schedule->entry), 0) << sample.name;
    for (const LoopCommand& loop : l.schedule->loops) {
      EXPECT_EQ(Lowered::barriers(loop.body), 0) << sample.name;
      EXPECT_FALSE(loop.back_barrier) << sample.name;
    }
  }
}

TEST(Lower, IndependentBlocksSplitTheTeam) {
  const Lowered l(sample_named("parallel"), 3);
  ASSERT_EQ(l.schedule->splits.size(), 1u);
  const SplitCommand& split = l.schedule->splits[0];
  ASSERT_EQ(split.parts.size(), 2u);
  EXPECT_EQ(split.parts[0].team->size, 2);
  EXPECT_EQ(split.parts[1].team->size, 1);
  EXPECT_EQ(split.part_of_rank, (std::vector<uint32_t>{0, 0, 1}));
}

TEST(Lower, FlagsAreReadBehindABarrier) {
  const Lowered l(sample_named("while_loop10"), 2);
  const LoopCommand& loop = l.schedule->loops[0];
  ASSERT_EQ(loop.body.size(), 3u);
  EXPECT_TRUE(loop.body[1].barrier);  // the test writes the flag, the break reads it
  EXPECT_TRUE(loop.back_barrier);     // the body writes what the test reads
}

TEST(Conflicts, OverlapDirectionAndColumns) {
  const Access write{1, 0, 100, true, 2};
  const Access read{1, 50, 60, false, 2};
  EXPECT_TRUE(conflicts(write, read));
  EXPECT_FALSE(conflicts(read, read));
  EXPECT_FALSE(conflicts(write, {1, 100, 120, false, 2}));
  EXPECT_FALSE(conflicts(write, {2, 0, 100, true, 2}));
  EXPECT_FALSE(conflicts({1, 0, 100, true, 1}, {1, 0, 100, true, 1}));
  EXPECT_TRUE(conflicts({1, 0, 100, true, 1}, {1, 0, 100, false, 2}));
  // Left and right half of rows of 32 bytes.
  EXPECT_FALSE(conflicts({1, 0, 112, true, 2, 32, 0, 16}, {1, 16, 128, true, 2, 32, 16, 32}));
  EXPECT_TRUE(conflicts({1, 0, 112, true, 2, 32, 0, 20}, {1, 16, 128, true, 2, 32, 16, 32}));
}

}  // namespace
}  // namespace rondo::runtime::testing
