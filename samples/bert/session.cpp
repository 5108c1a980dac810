#include "bert/session.h"

#include "support/sample.h"

using namespace nvinfer1;

namespace bert {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kInputs[] = {"input_ids", "token_type_ids", "position_ids"};

double elapsed_ms(Clock::time_point since) {
  return std::chrono::duration<double, std::milli>(Clock::now() - since).count();
}

}  // namespace

Session::Session(int64_t longest, ILogger& logger, const std::function<void(INetworkDefinition&)>& describe) {
  auto start = Clock::now();
  std::unique_ptr<IBuilder> builder(createInferBuilder(logger));
  std::unique_ptr<INetworkDefinition> network(
      builder->createNetworkV2(1U << static_cast<uint32_t>(NetworkDefinitionCreationFlag::kEXPLICIT_BATCH)));
  std::unique_ptr<IBuilderConfig> settings(builder->createBuilderConfig());
  describe(*network);
  IOptimizationProfile* profile = builder->createOptimizationProfile();
  for (const char* name : kInputs) {
    profile->setDimensions(name, OptProfileSelector::kMIN, Dims2(1, 1));
    profile->setDimensions(name, OptProfileSelector::kOPT, Dims2(1, std::min<int64_t>(128, longest)));
    profile->setDimensions(name, OptProfileSelector::kMAX, Dims2(1, longest));
  }
  settings->addOptimizationProfile(profile);
  std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*network, *settings));
  sample::require(plan != nullptr, "buildSerializedNetwork");
  const double build_ms = elapsed_ms(start);
  start = Clock::now();
  runtime_.reset(createInferRuntime(logger));
  engine_.reset(runtime_->deserializeCudaEngine(plan->data(), plan->size()));
  sample::require(engine_ != nullptr, "deserializeCudaEngine");
  context_.reset(engine_->createExecutionContext());
  sample::require(context_ != nullptr, "createExecutionContext");
  std::printf("%d layers, plan %.1f MB, build %.1f ms, load %.1f ms\n", network->getNbLayers(),
              static_cast<double>(plan->size()) / 1e6, build_ms, elapsed_ms(start));
}

std::vector<float> Session::run(const std::vector<int32_t>& ids) {
  const std::vector<int32_t> types(ids.size(), 0);
  std::vector<int32_t> positions(ids.size());
  for (size_t i = 0; i < ids.size(); ++i) positions[i] = static_cast<int32_t>(i);
  const std::vector<int32_t>* inputs[] = {&ids, &types, &positions};
  std::vector<int64_t> wide[3];  // for engines whose inputs are int64, as those of exported models
  for (size_t i = 0; i < 3; ++i) {
    sample::require(context_->setInputShape(kInputs[i], Dims2(1, static_cast<int64_t>(ids.size()))), "setInputShape");
    wide[i].assign(inputs[i]->begin(), inputs[i]->end());
    const bool is_wide = engine_->getTensorDataType(kInputs[i]) == DataType::kINT64;
    context_->setInputTensorAddress(
        kInputs[i], is_wide ? static_cast<const void*>(wide[i].data()) : static_cast<const void*>(inputs[i]->data()));
  }
  std::vector<float> logits(static_cast<size_t>(sample::volume(context_->getTensorShape("logits"))));
  context_->setTensorAddress("logits", logits.data());
  sample::require(context_->enqueueV3(nullptr) && cudaStreamSynchronize(nullptr) == cudaSuccess, "enqueueV3");
  return logits;
}

void Session::print_time(const std::vector<int32_t>& ids) {
  std::vector<double> runs_ms;
  for (int i = 0; i < 6; ++i) {
    const auto start = Clock::now();
    run(ids);
    if (i > 0) runs_ms.push_back(elapsed_ms(start));
  }
  std::sort(runs_ms.begin(), runs_ms.end());
  std::printf("S = %zu: median %.1f ms\n", ids.size(), runs_ms[runs_ms.size() / 2]);
}

std::vector<int32_t> sentence(int64_t length, int64_t vocab) {
  std::vector<int32_t> ids;
  for (int64_t i = 0; i < length; ++i) ids.push_back(static_cast<int32_t>((i * 7919 + length * 104729) % vocab));
  return ids;
}

}  // namespace bert
