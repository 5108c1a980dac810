// BERT for masked words through the network API. Without options: a small one, sentences of 1 to 200 tokens through one
// engine, both forms of GELU, compared with double precision. `--base`: BERT-base at full size, random weights, times
// at S = 128 and 384.

#include <cmath>
#include <cstring>
#include <stdexcept>

#include "bert/model.h"
#include "support/sample.h"

using namespace nvinfer1;

namespace {

using Clock = std::chrono::steady_clock;

double elapsed_ms(Clock::time_point since) {
  return std::chrono::duration<double, std::milli>(Clock::now() - since).count();
}

bool has_flag(int argc, char** argv, const char* flag) {
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], flag) == 0) return true;
  }
  return false;
}

/// An engine for sentences of 1 .. longest tokens.
class Engine {
 public:
  Engine(const bert::Config& config, const bert::WeightMap& weights, int64_t longest, ILogger& logger)
      : config_(config) {
    auto start = Clock::now();
    std::unique_ptr<IBuilder> builder(createInferBuilder(logger));
    std::unique_ptr<INetworkDefinition> network(
        builder->createNetworkV2(1U << static_cast<uint32_t>(NetworkDefinitionCreationFlag::kEXPLICIT_BATCH)));
    std::unique_ptr<IBuilderConfig> settings(builder->createBuilderConfig());
    bert::LayerBuilder net(*network, logger);
    net.markOutput(bert::add_bert(net, config, weights), "logits");
    IOptimizationProfile* profile = builder->createOptimizationProfile();
    for (const char* name : kInputs) {
      profile->setDimensions(name, OptProfileSelector::kMIN, Dims2(1, 1));
      profile->setDimensions(name, OptProfileSelector::kOPT, Dims2(1, std::min<int64_t>(128, longest)));
      profile->setDimensions(name, OptProfileSelector::kMAX, Dims2(1, longest));
    }
    settings->addOptimizationProfile(profile);
    std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*network, *settings));
    sample::require(plan != nullptr, "buildSerializedNetwork");
    build_ms_ = elapsed_ms(start);
    start = Clock::now();
    runtime_.reset(createInferRuntime(logger));
    engine_.reset(runtime_->deserializeCudaEngine(plan->data(), plan->size()));
    sample::require(engine_ != nullptr, "deserializeCudaEngine");
    context_.reset(engine_->createExecutionContext());
    sample::require(context_ != nullptr, "createExecutionContext");
    std::printf("%d layers, plan %.1f MB, build %.1f ms, load %.1f ms\n", network->getNbLayers(),
                static_cast<double>(plan->size()) / 1e6, build_ms_, elapsed_ms(start));
  }

  std::vector<float> run(const std::vector<int32_t>& ids) {
    std::vector<int32_t> types(ids.size(), 0), positions(ids.size());
    for (size_t i = 0; i < ids.size(); ++i) positions[i] = static_cast<int32_t>(i);
    std::vector<float> logits(ids.size() * static_cast<size_t>(config_.vocab));
    const std::vector<int32_t>* inputs[] = {&ids, &types, &positions};
    for (size_t i = 0; i < 3; ++i) {
      sample::require(context_->setInputShape(kInputs[i], Dims2(1, static_cast<int64_t>(ids.size()))), "setInputShape");
      context_->setInputTensorAddress(kInputs[i], inputs[i]->data());
    }
    context_->setTensorAddress("logits", logits.data());
    sample::require(context_->enqueueV3(nullptr) && cudaStreamSynchronize(nullptr) == cudaSuccess, "enqueueV3");
    return logits;
  }

 private:
  static constexpr const char* kInputs[] = {"input_ids", "token_type_ids", "position_ids"};
  bert::Config config_;
  double build_ms_ = 0;
  std::unique_ptr<IRuntime> runtime_;
  std::unique_ptr<ICudaEngine> engine_;
  std::unique_ptr<IExecutionContext> context_;
};

std::vector<int32_t> sentence(int64_t length, int64_t vocab) {
  std::vector<int32_t> ids;
  for (int64_t i = 0; i < length; ++i) ids.push_back(static_cast<int32_t>((i * 7919 + length * 104729) % vocab));
  return ids;
}

void check_lengths(bool tanh_gelu, ILogger& logger, sample::Check& check) {
  bert::Config config{2, 32, 4, 64, 101, 200, 2};
  config.tanh_gelu = tanh_gelu;
  const bert::WeightMap weights = bert::random_weights(config, 1);
  Engine engine(config, weights, config.positions, logger);
  for (int64_t length = 1; length <= config.positions; ++length) {
    const std::vector<int32_t> ids = sentence(length, config.vocab);
    const std::vector<float> logits = engine.run(ids);
    const std::vector<double> expected = bert::reference_logits(config, weights, ids);
    for (size_t i = 0; i < logits.size(); ++i) check.near(static_cast<double>(logits[i]), expected[i], 1e-5);
  }
  std::printf("%s GELU: 1 .. %lld tokens compared\n", tanh_gelu ? "tanh" : "erf",
              static_cast<long long>(config.positions));
}

/// A layer added with a weight of the wrong shape must be refused where it is added.
bool refuses_wrong_weight(ILogger& logger) {
  std::unique_ptr<IBuilder> builder(createInferBuilder(logger));
  std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(0));
  bert::LayerBuilder net(*network, logger);
  ITensor& x = net.addInput("x", DataType::kFLOAT, Dims3(1, 4, 8));
  const std::vector<float> values(70, 0.0F);
  try {
    net.addLinear(x, {{10, 7}, values.data()}, {{10}, values.data()}, "nn.Linear.wrong", true);
  } catch (const std::invalid_argument& error) {
    return std::strstr(error.what(), "nn.Linear.wrong") != nullptr;
  }
  return false;
}

int run_base(ILogger& logger) {
  const bert::Config config;
  const bert::WeightMap weights = bert::random_weights(config, 1);
  Engine engine(config, weights, config.positions, logger);
  for (const int64_t length : {128, 384}) {
    const std::vector<int32_t> ids = sentence(length, config.vocab);
    std::vector<double> runs_ms;
    for (int i = 0; i < 6; ++i) {
      const auto start = Clock::now();
      engine.run(ids);
      if (i > 0) runs_ms.push_back(elapsed_ms(start));
    }
    std::sort(runs_ms.begin(), runs_ms.end());
    std::printf("S = %lld: median %.1f ms\n", static_cast<long long>(length), runs_ms[runs_ms.size() / 2]);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const bool verbose = has_flag(argc, argv, "--verbose");
  sample::Logger logger(verbose ? ILogger::Severity::kVERBOSE : ILogger::Severity::kWARNING);
  if (has_flag(argc, argv, "--base")) return run_base(logger);
  sample::Check check;
  check_lengths(false, logger, check);
  check_lengths(true, logger, check);
  check.that(refuses_wrong_weight(logger), "addLinear takes a weight that does not fit");
  return check.verdict();
}
