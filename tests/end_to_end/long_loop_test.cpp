// Millions of iterations: the right result, in memory that does not grow.

#include <fstream>
#include <iostream>

#include "network_case.h"

namespace rondo::test {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int32_t kTrips = 200'000;
constexpr bool kSanitized = true;
#else
constexpr int32_t kTrips = 10'000'000;
constexpr bool kSanitized = false;
#endif

/// Resident memory of this process in kB, or -1.
int64_t resident_kb() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    int64_t size = 0;
    if (word == "VmRSS:" && status >> size) return size;
  }
  return -1;
}

TEST(LongLoop, TenMillionIterationsInConstantMemory) {
  if (kSanitized) std::cout << "a sanitizer slows each iteration: " << kTrips << " iterations\n";
  NetworkCase net;  // x := x / 2 + y, y := 1 - y: after an even number of steps x is 4/3 - 2/3
  ILoop* loop = net->addLoop();
  loop->addTripLimit(net.input("trips", NetworkCase::scalar_dims(), DataType::kINT32), TripLimit::kCOUNT);
  IRecurrenceLayer* x = loop->addRecurrence(net.values({2}, {0, 100}));
  IRecurrenceLayer* y = loop->addRecurrence(net.values({2}, {1, 1}));
  IRecurrenceLayer* seen = loop->addRecurrence(*net->addCast(net.scalar(0), DataType::kINT32)->getOutput(0));
  ITensor& one = net.constant(Dims{1, {1}});
  x->setInput(1, net.add(net.product(*x->getOutput(0), net.constant(Dims{1, {1}}, 0.5F)), *y->getOutput(0)));
  y->setInput(1, net.binary(one, *y->getOutput(0), ElementWiseOperation::kSUB));
  seen->setInput(1, net.add(*seen->getOutput(0), net.scalar(1)));
  net.mark_last(*loop, *x);
  net.mark_last(*loop, *seen);
  Loaded loaded(net.plan_bytes(), net.logger);
  ASSERT_NE(loaded.context, nullptr) << net.logger.text();
  const auto run = [&](int32_t trips) { return loaded.run({array_of(DataType::kINT32, {}, std::vector{trips})}); };
  ASSERT_EQ(run(1000).size(), 2u) << net.logger.text();
  const int64_t before = resident_kb();
  const auto out = run(kTrips);
  const int64_t after = resident_kb();
  ASSERT_EQ(out.size(), 2u) << net.logger.text();
  for (const float value : out[0].floats()) EXPECT_NEAR(value, 2.F / 3, 1e-6F);
  EXPECT_EQ(out[1].as<int32_t>(), std::vector<int32_t>{kTrips});
  ASSERT_GT(before, 0);
  EXPECT_LT(after - before, 4096) << "kB from " << before << " to " << after;
}

}  // namespace
}  // namespace rondo::test
