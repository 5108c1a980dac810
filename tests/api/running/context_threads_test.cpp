// One context, called from several threads: one call at a time gets through, the others are refused and change nothing.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "api/net.h"

namespace rondo {
namespace {

/// Counts what is reported, by class and text.
class Counter final : public IErrorRecorder {
 public:
  int32_t getNbErrors() const override { return busy + other; }
  ErrorCode getErrorCode(int32_t) const override { return ErrorCode::kSUCCESS; }
  ErrorDesc getErrorDesc(int32_t) const override { return ""; }
  bool hasOverflowed() const override { return false; }
  void clear() override {}
  bool reportError(ErrorCode code, ErrorDesc text) override {
    const bool refusal = code == ErrorCode::kINVALID_STATE &&
                         std::string(text).find("the context is in use by another thread") != std::string::npos;
    ++(refusal ? busy : other);
    return false;
  }
  RefCount incRefCount() override { return ++references; }
  RefCount decRefCount() override { return --references; }

  std::atomic<int32_t> busy{0}, other{0}, references{0};
};

/// The thread-safe part of a logger.
class Silent final : public ILogger {
 public:
  void log(Severity, AsciiChar const*) noexcept override {}
};

/// y = x + x with a context of its own.
struct Running {
  Running() {
    ITensor& x = net.input("x", Dims{1, {64}});
    ITensor& y = net.add(x, x);
    y.setName("y");
    net->markOutput(y);
    const auto plan = net.build();
    runtime.reset(createInferRuntime(silent));
    engine.reset(runtime->deserializeCudaEngine(plan->data(), plan->size()));
    context.reset(engine->createExecutionContext());
    context->setErrorRecorder(&counter);
  }

  Silent silent;
  Counter counter;
  test::Net net;
  std::unique_ptr<IRuntime> runtime;
  std::unique_ptr<ICudaEngine> engine;
  std::unique_ptr<IExecutionContext> context;
  std::vector<float> x = std::vector<float>(64, 3), y = std::vector<float>(64);
  void* bindings[2] = {x.data(), y.data()};
};

/// Acts from a second thread in the middle of a run.
class Intruder final : public IProfiler {
 public:
  void reportLayerTime(char const*, float) override {
    if (act) std::thread(std::exchange(act, nullptr)).join();
  }
  std::function<void()> act;
};

TEST(ContextThreads, EveryKindOfRunIsRefusedDuringARun) {
  Running r;
  Intruder intruder;
  r.context->setProfiler(&intruder);
  std::vector<bool> done;
  intruder.act = [&] {
    done = {r.context->enqueueV3(nullptr), r.context->executeV2(r.bindings),
            r.context->enqueueV2(r.bindings, nullptr, nullptr), r.context->setTensorAddress("y", nullptr)};
    r.context->setProfiler(nullptr);
  };
  EXPECT_TRUE(r.context->executeV2(r.bindings));
  EXPECT_EQ(done, std::vector<bool>(4, false));
  EXPECT_EQ(r.counter.busy.load(), 5);
  EXPECT_EQ(r.counter.other.load(), 0);
  EXPECT_EQ(r.context->getProfiler(), &intruder);
  EXPECT_EQ(r.y, std::vector<float>(64, 6));
  EXPECT_TRUE(r.context->enqueueV3(nullptr));
}

TEST(ContextThreads, ManyThreadsAtOnceRunOrAreRefused) {
  Running r;
  r.context->setMaxThreads(2);
  std::atomic<int32_t> runs{0}, refused{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 2000; ++i) {
        const bool done =
            t % 2 == 0 ? r.context->executeV2(r.bindings) : r.context->enqueueV2(r.bindings, nullptr, nullptr);
        ++(done ? runs : refused);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(runs + refused, 8000);
  EXPECT_EQ(refused.load(), r.counter.busy.load());
  EXPECT_EQ(r.counter.other.load(), 0);
  EXPECT_TRUE(r.context->executeV2(r.bindings));
  EXPECT_EQ(r.y, std::vector<float>(64, 6));
}

}  // namespace
}  // namespace rondo
