#include "char_rnn/engine.h"

#include <cstring>

#include "char_rnn/networks.h"
#include "support/sample.h"

namespace sample::char_rnn {

using namespace nvinfer1;

std::vector<char> build_plan(ILogger& logger, int32_t threads, int32_t most_steps,
                             const std::function<void(NetworkWriter&)>& describe) {
  const std::unique_ptr<IBuilder> builder(createInferBuilder(logger));
  const std::unique_ptr<INetworkDefinition> network(
      builder->createNetworkV2(1U << static_cast<uint32_t>(NetworkDefinitionCreationFlag::kEXPLICIT_BATCH)));
  const std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
  if (threads > 0) config->setMaxThreads(threads);
  NetworkWriter writer(*network);
  describe(writer);
  add_profile(*builder, *config, *network, std::min(1000, most_steps), most_steps);
  const std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*network, *config));
  require(plan != nullptr, "buildSerializedNetwork");
  const char* bytes = static_cast<const char*>(plan->data());
  return std::vector<char>(bytes, bytes + plan->size());
}

Engine::Engine(ILogger& logger, const std::vector<char>& plan, int32_t threads) : runtime_(createInferRuntime(logger)) {
  require(runtime_ != nullptr, "createInferRuntime");
  if (threads > 0) runtime_->setMaxThreads(threads);
  engine_.reset(runtime_->deserializeCudaEngine(plan.data(), plan.size()));
  require(engine_ != nullptr, "deserializeCudaEngine");
  context_.reset(engine_->createExecutionContext());
  require(context_ != nullptr, "createExecutionContext");
  for (int32_t i = 0; i < engine_->getNbIOTensors(); ++i) memory_[engine_->getIOTensorName(i)];
}

bool Engine::has(const std::string& name) const { return memory_.count(name) != 0; }

void Engine::set_bytes(const std::string& name, const void* data, size_t bytes, const std::vector<int64_t>& dims) {
  require(has(name), ("the engine has no input " + name).c_str());
  if (!dims.empty()) {
    Dims shape{};
    shape.nbDims = static_cast<int32_t>(dims.size());
    std::copy(dims.begin(), dims.end(), shape.d);
    require(context_->setInputShape(name.c_str(), shape), "setInputShape");
  }
  memory_[name].resize(bytes);
  std::memcpy(memory_[name].data(), data, bytes);
}

void Engine::run() {
  for (auto& [name, memory] : memory_) {
    if (engine_->getTensorIOMode(name.c_str()) != TensorIOMode::kINPUT) continue;
    require(context_->setTensorAddress(name.c_str(), memory.data()), "setTensorAddress");
  }
  require(context_->inferShapes(0, nullptr) == 0, "inferShapes");  // reads count, which is the extent of text
  for (auto& [name, memory] : memory_) {
    if (engine_->getTensorIOMode(name.c_str()) == TensorIOMode::kINPUT) continue;
    const size_t width = engine_->getTensorDataType(name.c_str()) == DataType::kINT64 ? 8 : 4;
    memory.resize(static_cast<size_t>(volume(context_->getTensorShape(name.c_str()))) * width);
    require(context_->setTensorAddress(name.c_str(), memory.data()), "setTensorAddress");
  }
  require(context_->enqueueV3(nullptr), "enqueueV3");
}

}  // namespace sample::char_rnn
