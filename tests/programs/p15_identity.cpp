// P15, the C++ twin of python/tests/programs/p01_identity.py: identity on a dynamic input; build, save, load, run with
// a list of addresses. Written for TensorRT: it names its headers and the CUDA runtime and nothing of Rondo.
#include <NvInfer.h>
#include <cuda_runtime_api.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <numeric>
#include <vector>

using namespace nvinfer1;

namespace {

class Logger : public ILogger {
  void log(Severity severity, char const* text) noexcept override {
    if (severity <= Severity::kERROR) std::fprintf(stderr, "%s\n", text);
  }
} logger;

#define CHECK(condition)                                                         \
  do {                                                                           \
    if (!(condition)) {                                                          \
      std::fprintf(stderr, "P15 failed at line %d: %s\n", __LINE__, #condition); \
      return false;                                                              \
    }                                                                            \
  } while (false)

bool build(char const* path) {
  std::unique_ptr<IBuilder> builder{createInferBuilder(logger)};
  auto const flags = 1U << static_cast<uint32_t>(NetworkDefinitionCreationFlag::kEXPLICIT_BATCH);
  std::unique_ptr<INetworkDefinition> network{builder->createNetworkV2(flags)};
  IOptimizationProfile* profile = builder->createOptimizationProfile();
  std::unique_ptr<IBuilderConfig> config{builder->createBuilderConfig()};
  config->setMemoryPoolLimit(MemoryPoolType::kWORKSPACE, 1 << 30);

  ITensor* input = network->addInput("inputT0", DataType::kFLOAT, Dims3(-1, -1, -1));
  CHECK(profile->setDimensions(input->getName(), OptProfileSelector::kMIN, Dims3(1, 1, 1)));
  CHECK(profile->setDimensions(input->getName(), OptProfileSelector::kOPT, Dims3(3, 4, 5)));
  CHECK(profile->setDimensions(input->getName(), OptProfileSelector::kMAX, Dims3(6, 8, 10)));
  CHECK(config->addOptimizationProfile(profile) == 0);
  network->markOutput(*network->addIdentity(*input)->getOutput(0));

  std::unique_ptr<IHostMemory> plan{builder->buildSerializedNetwork(*network, *config)};
  CHECK(plan != nullptr && plan->size() > 0);
  std::ofstream file(path, std::ios::binary);
  file.write(static_cast<char const*>(plan->data()), static_cast<std::streamsize>(plan->size()));
  CHECK(file.good());
  return true;
}

bool infer(char const* path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> const bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  std::unique_ptr<IRuntime> runtime{createInferRuntime(logger)};
  std::unique_ptr<ICudaEngine> engine{runtime->deserializeCudaEngine(bytes.data(), bytes.size())};
  CHECK(engine != nullptr && engine->getNbIOTensors() == 2);
  char const* const names[] = {engine->getIOTensorName(0), engine->getIOTensorName(1)};
  CHECK(engine->getTensorIOMode(names[0]) == TensorIOMode::kINPUT);
  CHECK(engine->getTensorShape(names[1]).d[0] == -1);

  std::unique_ptr<IExecutionContext> context{engine->createExecutionContext()};
  CHECK(context->setInputShape(names[0], Dims3(3, 4, 5)));
  Dims const shape = context->getTensorShape(names[1]);
  CHECK(shape.nbDims == 3 && shape.d[0] == 3 && shape.d[1] == 4 && shape.d[2] == 5);

  std::vector<float> host[2] = {std::vector<float>(60), std::vector<float>(60, -1.0F)};
  std::iota(host[0].begin(), host[0].end(), 0.0F);
  void* device[2] = {};
  size_t const size = 60 * sizeof(float);
  for (void*& block : device) CHECK(cudaMalloc(&block, size) == cudaSuccess);
  CHECK(cudaMemcpy(device[0], host[0].data(), size, cudaMemcpyHostToDevice) == cudaSuccess);
  CHECK(context->executeV2(device));
  CHECK(cudaMemcpy(host[1].data(), device[1], size, cudaMemcpyDeviceToHost) == cudaSuccess);
  for (void* block : device) CHECK(cudaFree(block) == cudaSuccess);
  CHECK(host[1] == host[0]);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  char const* path = argc > 1 ? argv[1] : "p15.plan";
  if (!build(path) || !infer(path)) return 1;
  std::puts("P15 passed");
  return 0;
}
