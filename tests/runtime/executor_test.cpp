// Every structure of a Program against plain loops, and the same bits for every team.
#include <gtest/gtest.h>

#include "base/error.h"
#include "runtime/sample_programs.h"

namespace rondo::runtime::testing {
namespace {

void expect_near(const Sample& sample, const std::vector<std::vector<std::byte>>& outputs) {
  for (size_t o = 0; o < outputs.size(); ++o) {
    ASSERT_EQ(outputs[o].size(), sample.expected[o].size());
    for (size_t i = 0; i + 4 <= outputs[o].size(); i += 4) {
      float got, wanted;
      std::memcpy(&got, &outputs[o][i], 4);
      std::memcpy(&wanted, &sample.expected[o][i], 4);
      ASSERT_NEAR(got, wanted, sample.tolerance) << sample.name << " output " << o << " element " << i / 4;
    }
  }
}

TEST(Executor, SamplesEqualPlainLoops) {
  for (const Sample& sample : all_samples()) {
    SCOPED_TRACE(sample.name);
    expect_near(sample, run_sample(sample, 1, TeamPolicy::kPaying));
  }
}

TEST(Executor, BitsDoNotDependOnTheTeam) {
  for (const Sample& sample : all_samples()) {
    const auto reference = run_sample(sample, 1, TeamPolicy::kPaying);
    for (const TeamPolicy policy : {TeamPolicy::kPaying, TeamPolicy::kAll, TeamPolicy::kMixed}) {
      for (const int threads : {1, 2, 3, 8}) {
        EXPECT_EQ(run_sample(sample, threads, policy, 3), reference)
            << sample.name << " with " << threads << " threads, policy " << static_cast<int>(policy);
      }
    }
  }
}

TEST(Executor, LargeRnnHasEqualBitsWithPayingTeams) {
  const Sample sample = rnn_sample(20, 8, 256);
  const auto reference = run_sample(sample, 1, TeamPolicy::kPaying);
  expect_near(sample, reference);
  for (const int threads : {2, 3, 8}) EXPECT_EQ(run_sample(sample, threads, TeamPolicy::kPaying), reference) << threads;
}

}  // namespace
}  // namespace rondo::runtime::testing
