#include "onnx/budget.h"

#include <gtest/gtest.h>

#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

namespace rondo::onnx_test {
namespace {

int64_t status_bytes(std::string const& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind(key, 0) != 0) continue;
    std::istringstream rest(line.substr(key.size() + 1));
    int64_t kilobytes = 0;
    rest >> kilobytes;
    return kilobytes * 1024;
  }
  return -1;
}

}  // namespace

Cost measure(std::function<void()> const& call) {
  std::ofstream("/proc/self/clear_refs") << "5";  // the peak starts again from here
  const int64_t before = status_bytes("VmRSS");
  const std::clock_t start = std::clock();
  call();
  Cost cost;
  cost.cpu_ms = 1000.0 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  const int64_t peak = status_bytes("VmHWM");
  cost.growth_bytes = before < 0 || peak < 0 ? -1 : peak - before;
  return cost;
}

void expect_cheap(Cost const& cost) {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(cost.cpu_ms, 100);
  EXPECT_LT(cost.growth_bytes, int64_t{64} << 20);
#else
  (void)cost;
#endif
}

}  // namespace rondo::onnx_test
