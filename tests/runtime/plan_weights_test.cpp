// Programs whose weights stand packed in the plan: the same bits as packing at load, wherever the plan was built and
// however it is read.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "plan/place_weights.h"
#include "plan/plan_file.h"
#include "runtime/sample_programs.h"

namespace rondo::runtime::testing {
namespace {

constexpr kernels::Isa kIsas[] = {kernels::Isa::kScalar, kernels::Isa::kAvx2, kernels::Isa::kAvx512,
                                  kernels::Isa::kAvx512Bf16};

Bytes built_for(const plan::Program& program, kernels::Isa isa) {
  plan::Program placed = program;
  plan::place_weights(placed, isa);
  return plan::write_plan(placed);
}

TEST(PlanWeights, SamplesRunFromPlansOfEveryInstructionSet) {
  for (const Sample& sample : all_samples()) {
    const auto expected = run_sample(sample, 1, TeamPolicy::kPaying);
    for (const kernels::Isa isa : kIsas) {
      const Bytes file = built_for(sample.program, isa);
      Sample loaded = sample;
      loaded.program = plan::read_plan(file.data(), file.size());
      EXPECT_EQ(run_sample(loaded, 1, TeamPolicy::kPaying), expected) << sample.name << ", " << kernels::isa_name(isa);
    }
  }
}

TEST(PlanWeights, EnginesOfEveryInstructionSetReadEveryLayout) {
  const Sample sample = rnn_sample(3, 2, 70);
  for (const kernels::Isa isa : kIsas) {
    if (!kernels::supports(isa)) continue;
    const Engine direct(sample.program, isa);
    ASSERT_FALSE(direct.packed().empty());
    for (const kernels::Isa target : kIsas) {
      const Bytes file = built_for(sample.program, target);
      const Engine engine(plan::read_plan(file.data(), file.size()), isa);
      for (size_t i = 0; i < direct.packed().size(); ++i) {
        const kernels::PackedMatrix &a = direct.packed()[i], &b = engine.packed()[i];
        ASSERT_EQ(a.bytes(), b.bytes());
        EXPECT_EQ(std::memcmp(a.panel(0), b.panel(0), a.bytes()), 0)
            << kernels::isa_name(target) << " to " << kernels::isa_name(isa);
        EXPECT_EQ(b.owns_memory(), b.layout() != *engine.program().packed[i].layout);
      }
    }
  }
}

class PlanFile : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = (std::filesystem::temp_directory_path() / ("rondo_plan_weights_" + std::to_string(::getpid()))).string();
    write(path_, built_for(sample_.program, kernels::detect_isa()));
  }
  void TearDown() override { std::filesystem::remove(path_); }

  static void write(const std::string& path, const Bytes& file) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
  }
  static std::string refusal(const std::string& path) {
    try {
      plan::read_plan_file(path);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  }

  Sample sample_ = rnn_sample(5, 2, 70);
  std::string path_;
};

TEST_F(PlanFile, WeightsStayInTheMapping) {
  Sample loaded = sample_;
  loaded.program = plan::read_plan_file(path_);
  EXPECT_TRUE(loaded.program.weights.empty());
  EXPECT_EQ(reinterpret_cast<uintptr_t>(loaded.program.weight_bytes().data()) % 4096, 0u);
  EXPECT_EQ(run_sample(loaded, 2, TeamPolicy::kAll), run_sample(sample_, 1, TeamPolicy::kPaying));
}

TEST_F(PlanFile, OutlivesReplacementAndRemoval) {
  const auto expected = run_sample(sample_, 1, TeamPolicy::kPaying);
  Sample loaded = sample_;
  loaded.program = plan::read_plan_file(path_);
  write(path_ + ".new", Bytes(100));
  std::filesystem::rename(path_ + ".new", path_);
  EXPECT_EQ(run_sample(loaded, 1, TeamPolicy::kPaying), expected);
  EXPECT_EQ(refusal(path_), "plan: these 100 bytes are no Rondo plan");
  std::filesystem::remove(path_);
  EXPECT_EQ(run_sample(loaded, 1, TeamPolicy::kPaying), expected);
}

TEST_F(PlanFile, EveryTruncationIsRefused) {
  const auto size = static_cast<size_t>(std::filesystem::file_size(path_));
  for (size_t left = size - 1; left > 0; left -= std::min(left, std::max<size_t>(size / 97, 1))) {
    std::filesystem::resize_file(path_, left);
    EXPECT_NE(refusal(path_), "") << left;
  }
}

TEST_F(PlanFile, AFlippedBitOfAnyPageIsRefused) {
  const auto size = static_cast<int64_t>(std::filesystem::file_size(path_));
  for (int64_t at = 0; at < size; at += 1021) {
    std::fstream file(path_, std::ios::binary | std::ios::in | std::ios::out);
    const auto flip = [&] {
      file.seekg(at);
      const auto byte = static_cast<char>(file.get() ^ 4);
      file.seekp(at);
      file.put(byte).flush();
    };
    flip();
    EXPECT_NE(refusal(path_), "") << at;
    flip();
  }
  EXPECT_EQ(refusal(path_), "");
}

}  // namespace
}  // namespace rondo::runtime::testing
