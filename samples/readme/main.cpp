#include <rondo/rondo.h>

#include <cstdio>
#include <memory>
using namespace rondo;

struct Logger : ILogger {
  void log(Severity, char const* text) noexcept override { std::fprintf(stderr, "%s\n", text); }
};

int main() {  // h = h + x[t] for every t: the sum over time, as a loop
  Logger logger;
  std::unique_ptr<IBuilder> builder{createInferBuilder(logger)};
  std::unique_ptr<INetworkDefinition> network{builder->createNetworkV2(0)};
  int32_t steps = 4;
  float zeros[2] = {}, input[8] = {1, 10, 2, 20, 3, 30, 4, 40}, output[2] = {};

  ITensor* x = network->addInput("x", DataType::kFLOAT, Dims{2, {steps, 2}});
  ITensor* count = network->addConstant(Dims{0, {}}, {DataType::kINT32, &steps, 1})->getOutput(0);
  ITensor* start = network->addConstant(Dims{1, {2}}, {DataType::kFLOAT, zeros, 2})->getOutput(0);
  ILoop* loop = network->addLoop();
  loop->addTripLimit(*count, TripLimit::kCOUNT);
  ITensor* x_t = loop->addIterator(*x)->getOutput(0);
  IRecurrenceLayer* h = loop->addRecurrence(*start);
  h->setInput(1, *network->addElementWise(*h->getOutput(0), *x_t, ElementWiseOperation::kSUM)->getOutput(0));
  ITensor* last = loop->addLoopOutput(*h->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0);
  last->setName("last");
  network->markOutput(*last);

  std::unique_ptr<IBuilderConfig> config{builder->createBuilderConfig()};
  std::unique_ptr<IHostMemory> plan{builder->buildSerializedNetwork(*network, *config)};
  std::unique_ptr<IRuntime> runtime{createInferRuntime(logger)};
  std::unique_ptr<ICudaEngine> engine{runtime->deserializeCudaEngine(plan->data(), plan->size())};
  std::unique_ptr<IExecutionContext> context{engine->createExecutionContext()};
  context->setTensorAddress("x", input);
  context->setTensorAddress("last", output);
  bool ran = context->enqueueV3(nullptr);
  std::printf("%g %g\n", output[0], output[1]);  // 10 100
  return ran && output[0] == 10 && output[1] == 100 ? 0 : 1;
}
