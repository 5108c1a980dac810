/// What a call costs, for tests of hostile input.
#pragma once

#include <cstdint>
#include <functional>

namespace rondo::onnx_test {

/// Processor time and the growth of the largest resident size during a call. growth is -1 where the system does not tell.
struct Cost {
  double cpu_ms = 0;
  int64_t growth_bytes = 0;
};

Cost measure(std::function<void()> const& call);

/// Expects that a refusal took less than 100 ms and 64 MB. Sanitizers slow everything down and are not asked.
void expect_cheap(Cost const& cost);

}  // namespace rondo::onnx_test
