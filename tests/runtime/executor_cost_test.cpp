// What a run costs beside its arithmetic: no allocation from the second call on, constant memory in long loops, little
// per iteration.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <new>

#include "runtime/sample_programs.h"

namespace {
std::atomic<int64_t> allocations{0};

void* counted(size_t bytes, size_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  void* memory = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

/// Out of line, so that the compiler does not pair it with an operator new of its own.
[[gnu::noinline]] void give_back(void* memory) { std::free(memory); }
}  // namespace

// The whole test program allocates through these, so a count that does not move proves that nothing did.
void* operator new(size_t bytes) { return counted(bytes, alignof(std::max_align_t)); }
void* operator new[](size_t bytes) { return counted(bytes, alignof(std::max_align_t)); }
void* operator new(size_t bytes, std::align_val_t alignment) { return counted(bytes, static_cast<size_t>(alignment)); }
void* operator new[](size_t bytes, std::align_val_t alignment) { return operator new(bytes, alignment); }
void* operator new(size_t bytes, const std::nothrow_t&) noexcept { return operator new(bytes); }
void* operator new[](size_t bytes, const std::nothrow_t&) noexcept { return operator new(bytes); }
void* operator new(size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return operator new(bytes, alignment);
}
void* operator new[](size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return operator new(bytes, alignment);
}
void operator delete(void* memory) noexcept { give_back(memory); }
void operator delete[](void* memory) noexcept { give_back(memory); }
void operator delete(void* memory, size_t) noexcept { give_back(memory); }
void operator delete[](void* memory, size_t) noexcept { give_back(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { give_back(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { give_back(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { give_back(memory); }
void operator delete[](void* memory, size_t, std::align_val_t) noexcept { give_back(memory); }

namespace rondo::runtime::testing {
namespace {

TEST(ExecutorCost, LaterCallsAllocateNothing) {
  for (const Sample& sample : all_samples()) {
    ContextOptions options;
    options.threads = 2;
    options.policy = TeamPolicy::kAll;
    Context context(std::make_shared<const Engine>(sample.program), options);
    std::vector<std::vector<std::byte>> outputs, others;
    for (uint32_t i = 0; i < sample.inputs.size(); ++i) {
      context.set_dims(i, sample.input_dims[i]);
      context.set_address(i, const_cast<std::byte*>(sample.inputs[i].data()));
    }
    const auto first = static_cast<uint32_t>(sample.inputs.size());
    for (const auto& e : sample.expected) {
      outputs.emplace_back(e.size());
      others.emplace_back(e.size());
    }
    for (uint32_t i = 0; i < outputs.size(); ++i) context.set_address(first + i, outputs[i].data());
    context.run();
    const int64_t before = allocations.load();
    context.run();
    for (uint32_t i = 0; i < outputs.size(); ++i) context.set_address(first + i, others[i].data());
    context.run();
    EXPECT_EQ(allocations.load(), before) << sample.name;
    EXPECT_EQ(outputs, others) << sample.name;
  }
}

/// x := x + 1 on one 64-bit integer, `trips` times.
plan::Program counter(int64_t trips) {
  ProgramBuilder b;
  const auto out = b.output("out", {b.c(1)}, DType::kInt64);
  const auto slot = b.slot();
  const auto one = b.c(1);
  const auto x = b.view({out, b.c(0), {one}});
  TileBuilder clear;
  clear.store(0, DType::kInt64, clear.constant(0, ValueType::kS64));
  b.stage({one}, clear.take(), {x});
  b.begin_loop(slot, b.c(trips));
  TileBuilder t;
  t.store(0, DType::kInt64, t.fn(PointwiseFn::f_add, {t.load(0, DType::kInt64), t.constant(1, ValueType::kS64)}));
  b.stage({one}, t.take(), {x});
  b.end();
  return b.program;
}

TEST(ExecutorCost, TenMillionIterationsInConstantMemory) {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  constexpr int64_t kTrips = 500'000;
#else
  constexpr int64_t kTrips = 10'000'000;
#endif
  ContextOptions options;
  options.threads = 2;
  Context context(std::make_shared<const Engine>(counter(kTrips)), options);
  int64_t out = -1;
  context.set_address(0, &out);
  context.bind();
  const int64_t before = allocations.load();
  const auto begin = std::chrono::steady_clock::now();
  context.run();
  const double ns = std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count();
  EXPECT_EQ(out, kTrips);
  EXPECT_EQ(allocations.load(), before);
  std::printf("[ cost     ] loop of one tiny step: %.1f ns per iteration\n", ns / kTrips);
  RecordProperty("ns_per_iteration", static_cast<int>(ns / kTrips));
}

TEST(ExecutorCost, BarrierPerIteration) {
  const Sample sample = rnn_sample(1000, 1, 16);
  for (const TeamPolicy policy : {TeamPolicy::kPaying, TeamPolicy::kAll}) {
    ContextOptions options;
    options.threads = 2;
    options.policy = policy;
    Context context(std::make_shared<const Engine>(sample.program), options);
    std::vector<std::vector<std::byte>> outputs;
    for (const auto& e : sample.expected) outputs.emplace_back(e.size());
    for (uint32_t i = 0; i < 2; ++i) {
      context.set_dims(i, sample.input_dims[i]);
      context.set_address(i, const_cast<std::byte*>(sample.inputs[i].data()));
      context.set_address(2 + i, outputs[i].data());
    }
    double best = 1e30;
    for (int r = 0; r < 5; ++r) {
      const auto begin = std::chrono::steady_clock::now();
      context.run();
      best = std::min(best, std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count());
    }
    std::printf("[ cost     ] recurrent step H=16 %s: %.0f ns per step\n",
                policy == TeamPolicy::kAll ? "on 2 ranks" : "as it pays", best / 1000);
  }
}

}  // namespace
}  // namespace rondo::runtime::testing
