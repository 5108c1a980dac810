// Builds, saves, loads and runs a network of one plugin layer, 256 and 768 wide, in f32 and f16, and compares with a
// naive layer normalization. The plugin comes from the shared library that is named on the command line: nothing of it
// is linked here. At last a plan brings the library along.
#include <NvInfer.h>

#include <cmath>
#include <cstdio>
#include <memory>
#include <vector>

using namespace nvinfer1;

namespace {

class Logger : public ILogger {
  void log(Severity severity, char const* text) noexcept override {
    if (severity <= Severity::kWARNING) std::fprintf(stderr, "%s\n", text);
  }
};

constexpr int64_t kBatch = 4, kRows = 64;

std::vector<float> random_values(size_t count) {
  uint64_t state = 97;
  std::vector<float> values(count);
  for (float& v : values) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    v = static_cast<float>(state >> 40) / static_cast<float>(1 << 23) - 1;
  }
  return values;
}

/// A plan of one RowNorm layer over x [-1, 64, width], with the library in it if one is named; null with a message if it cannot be built.
std::unique_ptr<IHostMemory> build(ILogger& logger, int64_t width, bool half, char const* library = nullptr) {
  const std::unique_ptr<IBuilder> builder(createInferBuilder(logger));
  const std::unique_ptr<INetworkDefinition> network(
      builder->createNetworkV2(1U << static_cast<uint32_t>(NetworkDefinitionCreationFlag::kEXPLICIT_BATCH)));
  const std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
  if (half) config->setFlag(BuilderFlag::kFP16);
  if (library != nullptr) config->setPluginsToSerialize(&library, 1);
  IOptimizationProfile* profile = builder->createOptimizationProfile();
  profile->setDimensions("x", OptProfileSelector::kMIN, Dims3(1, kRows, width));
  profile->setDimensions("x", OptProfileSelector::kOPT, Dims3(kBatch, kRows, width));
  profile->setDimensions("x", OptProfileSelector::kMAX, Dims3(16, kRows, width));
  config->addOptimizationProfile(profile);
  IPluginCreator* creator = getPluginRegistry()->getPluginCreator("RowNorm", "1");
  if (creator == nullptr) {
    std::fprintf(stderr, "no creator of RowNorm is registered; pass the path of its library\n");
    return nullptr;
  }
  PluginFieldCollection const none{0, nullptr};
  IPluginV2* plugin = creator->createPlugin("norm", &none);
  ITensor* x = network->addInput("x", DataType::kFLOAT, Dims3(-1, kRows, width));
  IPluginV2Layer* layer = network->addPluginV2(&x, 1, *plugin);
  plugin->destroy();
  layer->setName("norm");
  if (half) layer->setPrecision(DataType::kHALF);
  layer->getOutput(0)->setName("y");
  network->markOutput(*layer->getOutput(0));
  return std::unique_ptr<IHostMemory>(builder->buildSerializedNetwork(*network, *config));
}

/// The largest difference from the naive formula, or -1.
double check(ILogger& logger, int64_t width, bool half) {
  const auto plan = build(logger, width, half);
  const std::unique_ptr<IRuntime> runtime(createInferRuntime(logger));
  const std::unique_ptr<ICudaEngine> engine(plan ? runtime->deserializeCudaEngine(plan->data(), plan->size())
                                                 : nullptr);
  const std::unique_ptr<IExecutionContext> context(engine ? engine->createExecutionContext() : nullptr);
  if (!context) return -1;
  const auto count = static_cast<size_t>(kBatch * kRows * width);
  std::vector<float> x = random_values(count), y(count);
  context->setInputShape("x", Dims3(kBatch, kRows, width));
  context->setTensorAddress("x", x.data());
  context->setTensorAddress("y", y.data());
  if (!context->enqueueV3(nullptr)) return -1;
  double worst = 0;
  for (size_t row = 0; row < count; row += static_cast<size_t>(width)) {
    double mean = 0, variance = 0;
    const auto n = static_cast<size_t>(width);
    for (size_t i = 0; i < n; ++i) mean += x[row + i];
    mean /= static_cast<double>(width);
    for (size_t i = 0; i < n; ++i) variance += (x[row + i] - mean) * (x[row + i] - mean);
    const double scale = 1 / std::sqrt(variance / static_cast<double>(width) + 6e-6);
    for (size_t i = 0; i < n; ++i) worst = std::fmax(worst, std::fabs(y[row + i] - (x[row + i] - mean) * scale));
  }
  return worst;
}

/// Whether a plan that brings its library loads where nothing else provides the plugin, and only with permission.
bool check_plan_with_library(ILogger& logger, char const* path, IPluginRegistry::PluginLibraryHandle handle) {
  const auto plan = build(logger, 256, false, path);
  getPluginRegistry()->deregisterLibrary(handle);
  if (!plan || getPluginRegistry()->getPluginCreator("RowNorm", "1") != nullptr) return false;
  const std::unique_ptr<IRuntime> runtime(createInferRuntime(logger));
  const auto loads = [&] {
    return std::unique_ptr<ICudaEngine>(runtime->deserializeCudaEngine(plan->data(), plan->size())) != nullptr;
  };
  if (loads()) return false;
  runtime->setEngineHostCodeAllowed(true);  // this program made the plan, so it trusts it
  return loads();
}

}  // namespace

int main(int argc, char** argv) {
  Logger logger;
  IPluginRegistry::PluginLibraryHandle handle = nullptr;
  if (argc > 1 && (handle = getPluginRegistry()->loadLibrary(argv[1])) == nullptr) return 1;
  bool passed = true;
  for (const int64_t width : {256, 768}) {
    for (const bool half : {false, true}) {
      const double worst = check(logger, width, half), bound = half ? 2e-3 : 6e-6;
      const bool good = worst >= 0 && worst < bound;
      passed = passed && good;
      std::printf("width %lld %s: check result: %s max diff=%.3g\n", static_cast<long long>(width),
                  half ? "fp16" : "fp32", good ? "True" : "False", worst);
    }
  }
  if (handle != nullptr) {
    const bool good = check_plan_with_library(logger, argv[1], handle);
    passed = passed && good;
    std::printf("plan with its library: check result: %s\n", good ? "True" : "False");
  }
  return passed ? 0 : 1;
}
