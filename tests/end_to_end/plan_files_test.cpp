// Plans in files and streams, through the public API.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "end_to_end/network_case.h"

namespace rondo::test {
namespace {

constexpr int64_t kInner = 40, kOuter = 90;

struct PlanFiles : testing::Test {
  void SetUp() override {
    Random random(5);
    ITensor& x = net.input("x", Dims2(3, kInner));
    net.mark(net.matmul(x, net.values({kInner, kOuter}, random.floats(kInner * kOuter))));
    plan = net.plan_bytes();
    path = (std::filesystem::temp_directory_path() / ("rondo_plan_files_" + std::to_string(::getpid()))).string();
    std::ofstream(path, std::ios::binary) << plan;
  }
  void TearDown() override { std::filesystem::remove(path); }

  std::vector<float> run(ICudaEngine* engine) {
    EXPECT_NE(engine, nullptr) << net.logger.text();
    const std::unique_ptr<IExecutionContext> context(engine->createExecutionContext());
    std::vector<float> x(3 * kInner, 0.25F), y(3 * kOuter);
    context->setTensorAddress("x", x.data());
    context->setTensorAddress(engine->getIOTensorName(1), y.data());
    EXPECT_TRUE(context->enqueueV3(nullptr));
    return y;
  }
  std::vector<float> expected() {
    return run(std::unique_ptr<ICudaEngine>(runtime->deserializeCudaEngine(plan.data(), plan.size())).get());
  }

  NetworkCase net;
  std::unique_ptr<IRuntime> runtime{createInferRuntime(net.logger)};
  std::string plan, path;
};

/// Delivers at most `most` bytes a call.
struct Reader : IStreamReader {
  Reader(const std::string& bytes, int64_t most) : bytes(bytes), most(most) {}
  int64_t read(void* to, int64_t size) override {
    const int64_t left = static_cast<int64_t>(bytes.size()) - at;
    const int64_t got = std::min({size, left, most});
    std::memcpy(to, bytes.data() + at, static_cast<size_t>(got));
    at += got;
    return got;
  }
  const std::string& bytes;
  int64_t most, at = 0;
};

}  // namespace

TEST_F(PlanFiles, AnEngineOfAFileOutlivesItAndItsRuntime) {
  std::unique_ptr<ICudaEngine> engine(runtime->deserializeCudaEngineFromFile(path.c_str()));
  const std::vector<float> y = expected();
  EXPECT_EQ(run(engine.get()), y);
  std::filesystem::remove(path);
  runtime.reset();
  EXPECT_EQ(run(engine.get()), y);
  const std::unique_ptr<IHostMemory> again(engine->serialize());
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(std::string(static_cast<const char*>(again->data()), again->size()), plan);
}

TEST_F(PlanFiles, RefusalsNameTheFile) {
  const auto refused = [&](const char* file, const std::string& message) {
    EXPECT_EQ(runtime->deserializeCudaEngineFromFile(file), nullptr);
    EXPECT_NE(net.logger.text().find(message), std::string::npos) << net.logger.text();
  };
  refused(nullptr, "deserializeCudaEngineFromFile: the path is null");
  refused("", "deserializeCudaEngineFromFile: the path is empty");
  refused("/no/such/file",
          "the plan cannot be loaded: file '/no/such/file' cannot be opened: No such file or directory");
  refused("/", "the plan cannot be loaded: '/' is no regular file");
  std::filesystem::resize_file(path, plan.size() - 1);
  refused(path.c_str(), "the plan cannot be loaded: plan: its header says " + std::to_string(plan.size()) + " bytes");
}

TEST_F(PlanFiles, AStreamIsReadToTheEndOfThePlanAndNotBeyond) {
  const std::vector<float> y = expected();
  const std::string longer = plan + "what follows";
  for (const int64_t most : {int64_t{1}, int64_t{63}, int64_t{1000}, int64_t{1} << 30}) {
    Reader reader(longer, most);
    const std::unique_ptr<ICudaEngine> engine(runtime->deserializeCudaEngine(reader));
    EXPECT_EQ(run(engine.get()), y);
    EXPECT_EQ(reader.at, static_cast<int64_t>(plan.size()));
  }
}

TEST_F(PlanFiles, DamagedStreamsAreRefused) {
  for (const size_t size : {size_t{0}, size_t{10}, size_t{64}, plan.size() / 2, plan.size() - 1}) {
    const std::string cut = plan.substr(0, size);
    Reader reader(cut, 4096);
    EXPECT_EQ(runtime->deserializeCudaEngine(reader), nullptr) << size;
  }
  std::string huge = plan;
  const uint64_t claimed = UINT64_MAX - 5;
  std::memcpy(huge.data() + 24, &claimed, sizeof claimed);
  Reader reader(huge, 4096);
  EXPECT_EQ(runtime->deserializeCudaEngine(reader), nullptr);
  EXPECT_NE(net.logger.text().find("its header says 18446744073709551610 bytes"), std::string::npos);
}

TEST_F(PlanFiles, TheInspectorTellsWhereWeightsAre) {
  const std::unique_ptr<ICudaEngine> engine(runtime->deserializeCudaEngine(plan.data(), plan.size()));
  const std::unique_ptr<IEngineInspector> inspector(engine->createEngineInspector());
  const std::string all = std::to_string(engine->getEngineStat(EngineStat::kTOTAL_WEIGHTS_SIZE));
  const std::string told = inspector->getEngineInformation(LayerInformationFormat::kONELINE);
  EXPECT_NE(told.find("weights: " + all + " bytes, " + all + " packed in the plan, 0 more packed at load\n"),
            std::string::npos)
      << told;
}

TEST_F(PlanFiles, BuildingTwiceGivesTheSameBytes) { EXPECT_EQ(net.plan_bytes(), plan); }

}  // namespace rondo::test
