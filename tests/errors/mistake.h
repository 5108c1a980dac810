#pragma once

#include <gtest/gtest.h>

#include <initializer_list>

#include "api/net.h"

namespace rondo::test {

/// Exactly one message of the user's kind was logged, and it contains every part.
inline void expect_message(const Net& net, std::initializer_list<const char*> parts) {
  EXPECT_FALSE(net.logger.internal_error) << net.logger.text();
  EXPECT_EQ(net.logger.errors.size(), 1u) << net.logger.text();
  for (const char* part : parts) EXPECT_TRUE(net.logger.has(part)) << "lacks: " << part << "\n" << net.logger.text();
}

/// The build gives no plan and says why; asking again gives the same.
inline void expect_refused(Net& net, std::initializer_list<const char*> parts) {
  EXPECT_TRUE(net.logger.errors.empty()) << net.logger.text();
  EXPECT_EQ(net.build(), nullptr);
  expect_message(net, parts);
  net.logger.errors.clear();
  EXPECT_FALSE(net.builder->isNetworkSupported(*net.network, *net.config));
  expect_message(net, parts);
}

/// A plan of |x| for x [-1, 3] within 1 .. 4 rows, loaded and with a context: what runtime mistakes are made with.
struct Loaded : Net {
  Loaded() {
    ITensor& y = *network->addUnary(input("x", Dims2(-1, 3)), UnaryOperation::kABS)->getOutput(0);
    y.setName("y");
    network->markOutput(y);
    IOptimizationProfile* profile = builder->createOptimizationProfile();
    profile->setDimensions("x", OptProfileSelector::kMIN, Dims2(1, 3));
    profile->setDimensions("x", OptProfileSelector::kOPT, Dims2(2, 3));
    profile->setDimensions("x", OptProfileSelector::kMAX, Dims2(4, 3));
    config->addOptimizationProfile(profile);
    plan = build();
    runtime.reset(createInferRuntime(logger));
    if (plan) engine.reset(runtime->deserializeCudaEngine(plan->data(), plan->size()));
    if (engine) context.reset(engine->createExecutionContext());
  }
  std::unique_ptr<IHostMemory> plan;
  std::unique_ptr<IRuntime> runtime;
  std::unique_ptr<ICudaEngine> engine;
  std::unique_ptr<IExecutionContext> context;
};

/// A loop that carries one value of shape [2], with the limit the caller wants.
struct Counter {
  explicit Counter(Net& net) : loop(net->addLoop()), value(loop->addRecurrence(net.constant(Dims{1, {2}}))) {
    loop->setName("counter");
    next = &net.add(*value->getOutput(0), net.constant(Dims{1, {2}}));
    value->setInput(1, *next);
  }
  ITensor& last() { return *loop->addLoopOutput(*value->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0); }
  ILoop* loop;
  IRecurrenceLayer* value;
  ITensor* next;
};

}  // namespace rondo::test
