#pragma once

#include <functional>
#include <string>
#include <vector>

#include "runtime/context.h"
#include "runtime/program_builder.h"

namespace rondo::runtime::testing {

/// A program, its inputs, and the outputs that plain loops compute from them.
struct Sample {
  std::string name;
  plan::Program program;
  std::vector<std::vector<int64_t>> input_dims;  ///< by input
  std::vector<std::vector<std::byte>> inputs;    ///< by input
  std::vector<std::vector<std::byte>> expected;  ///< by output
  double tolerance = 0;                          ///< for f32 outputs; others are exact
};

/// One sample per structure: pointwise, GEMM loop, in-place state, nested loops, while, conditional, parallel, zero trips, …
std::vector<Sample> all_samples();

/// Runs a sample as a user would and returns the bytes of its outputs.
std::vector<std::vector<std::byte>> run_sample(const Sample& sample, int threads, TeamPolicy policy, int runs = 1);

/// y[t] = tanh(x[t] + W y[t-1]) with y[-1] = h0, collected; h = y[T-1] as second output. Sizes small.
Sample rnn_sample(int64_t steps, int64_t batch, int64_t hidden);

template <class T>
std::vector<std::byte> bytes_of(const std::vector<T>& values) {
  const auto* begin = reinterpret_cast<const std::byte*>(values.data());
  return {begin, begin + values.size() * sizeof(T)};
}

}  // namespace rondo::runtime::testing
