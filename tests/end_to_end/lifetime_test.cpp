// Engines and contexts come and go by the thousand: memory is what it was after the first hundreds.
#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include <fstream>

#include "end_to_end/network_case.h"

namespace rondo::test {
namespace {

constexpr int kSettled = 500, kRounds = 4500;
constexpr int64_t kRows = 3, kColumns = 4;

/// A loop with a product, so that an engine packs weights and a context has states and threads.
std::unique_ptr<IHostMemory> looping_plan(Net& net) {
  ITensor& x = net.input("x", Dims2(kRows, kColumns));
  ILoop* loop = net->addLoop();
  loop->addTripLimit(net.scalar(3), TripLimit::kCOUNT);
  IRecurrenceLayer* state = loop->addRecurrence(x);
  ITensor& weights = net.constant(Dims2(kColumns, kColumns), 0.25F);
  ITensor& product =
      *net->addMatrixMultiply(*state->getOutput(0), MatrixOperation::kNONE, weights, MatrixOperation::kNONE)
           ->getOutput(0);
  state->setInput(1, *net->addActivation(product, ActivationType::kTANH)->getOutput(0));
  ITensor& y = *loop->addLoopOutput(*state->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0);
  y.setName("y");
  net->markOutput(y);
  return net.build();
}

void run(ICudaEngine& engine) {
  std::unique_ptr<IExecutionContext> context(engine.createExecutionContext());
  ASSERT_NE(context, nullptr);
  std::vector<float> x(kRows * kColumns, 0.5F), y(kRows * kColumns);
  context->setTensorAddress("x", x.data());
  context->setTensorAddress("y", y.data());
  ASSERT_TRUE(context->enqueueV3(nullptr));
  ASSERT_GT(y[0], 0);
}

struct Usage {
  int64_t heap_bytes = 0, resident_bytes = 0;
};

/// Bytes of the smallest block that malloc takes.
constexpr int64_t kSmallestBlock = 32;

Usage usage() {
  int64_t pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  const struct mallinfo2 heap = mallinfo2();
  return {static_cast<int64_t>(heap.uordblks + heap.hblkhd), resident * sysconf(_SC_PAGESIZE)};
}

/// Repeats `round` and compares what is in use after the first few and after all.
template <class Fn>
void expect_flat(Fn round) {
  for (int i = 0; i < kSettled; ++i) round();
  const Usage settled = usage();
  for (int i = kSettled; i < kRounds && !testing::Test::HasFailure(); ++i) round();
  const Usage end = usage();
  std::printf("  heap %lld -> %lld bytes, resident %lld -> %lld bytes\n", static_cast<long long>(settled.heap_bytes),
              static_cast<long long>(end.heap_bytes), static_cast<long long>(settled.resident_bytes),
              static_cast<long long>(end.resident_bytes));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  // Blocks that the allocator keeps for each thread count as used, some 30 KB that fill up over hundreds of rounds; one
  // leaked block per round is kSmallestBlock.
  EXPECT_LT(end.heap_bytes, settled.heap_bytes + (kRounds - kSettled) * kSmallestBlock / 2);
  EXPECT_LT(end.resident_bytes, settled.resident_bytes + (1 << 20));
#endif
}

struct Lifetime : testing::Test {
  Lifetime() : plan(looping_plan(net)), runtime(createInferRuntime(net.logger)) {}
  std::unique_ptr<ICudaEngine> load() const {
    return std::unique_ptr<ICudaEngine>(runtime->deserializeCudaEngine(plan->data(), plan->size()));
  }
  Net net;
  std::unique_ptr<IHostMemory> plan;
  std::unique_ptr<IRuntime> runtime;
};

}  // namespace

TEST_F(Lifetime, AThousandEngines) {
  ASSERT_NE(plan, nullptr) << net.logger.text();
  expect_flat([&] {
    const auto engine = load();
    ASSERT_NE(engine, nullptr) << net.logger.text();
    run(*engine);
  });
}

TEST_F(Lifetime, AThousandContexts) {
  ASSERT_NE(plan, nullptr) << net.logger.text();
  const auto engine = load();
  ASSERT_NE(engine, nullptr);
  expect_flat([&] { run(*engine); });
}

TEST_F(Lifetime, AThousandBuilds) {
  expect_flat([] {
    Net fresh;
    ASSERT_NE(looping_plan(fresh), nullptr);
  });
}

}  // namespace rondo::test
