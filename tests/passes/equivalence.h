#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/error.h"
#include "ir/verify.h"
#include "ops/interpreter.h"
#include "ops/op_def.h"
#include "passes/pass.h"

namespace rondo::passes {

/// "" if the outputs agree: same types, elements within `tolerance` of the larger of 1 and the expected magnitude, NaN where NaN is
/// expected; else what differs first.
inline std::string difference(const std::vector<ops::Tensor>& expected, const std::vector<ops::Tensor>& actual,
                              double tolerance) {
  if (expected.size() != actual.size()) return text(actual.size(), " outputs instead of ", expected.size());
  for (size_t k = 0; k < expected.size(); ++k) {
    const ops::Tensor &a = expected[k], &b = actual[k];
    if (a.dtype != b.dtype || a.dims != b.dims) return text("output ", k, " has another type");
    for (size_t i = 0; i < a.data.size(); ++i) {
      const double x = a.data[i], y = b.data[i];
      if (x == y || (std::isnan(x) && std::isnan(y))) continue;
      if (std::abs(x - y) <= tolerance * std::max(1.0, std::abs(x))) continue;
      return text("output ", k, " element ", i, " is ", y, " instead of ", x);
    }
  }
  return "";
}

/// Options with one pass switched off; "" switches none off.
inline PassOptions without(const std::string& pass) {
  PassOptions options;
  if (!pass.empty()) options.disabled.insert(pass);
  return options;
}

/// Runs the pipeline on a copy and compares with the graph as written, on the interpreter. "" or what went wrong.
inline std::string check_pipeline(const ir::Graph& graph, const std::vector<ops::Tensor>& inputs,
                                  const std::vector<ops::Tensor>& expected, const PassOptions& options,
                                  double tolerance) {
  try {
    ir::Graph optimised = graph;
    run_pipeline(optimised, options);
    ir::verify_structure(optimised, "the pipeline");
    ops::verify_types(optimised, "the pipeline");
    return difference(expected, ops::interpret(optimised, inputs), tolerance);
  } catch (const std::exception& error) {
    return error.what();
  }
}

/// The pipeline with all passes on, then with each one off. "" or what went wrong first.
inline std::string check_all_pipelines(const ir::Graph& graph, const std::vector<ops::Tensor>& inputs,
                                       double tolerance = 1e-5) {
  const std::vector<ops::Tensor> expected = ops::interpret(graph, inputs);
  std::vector<std::string> switched_off{""};
  for (const Pass& pass : pipeline()) {
    if (!pass.required) switched_off.push_back(pass.name);
  }
  for (const std::string& pass : switched_off) {
    const std::string problem = check_pipeline(graph, inputs, expected, without(pass), tolerance);
    if (!problem.empty()) return pass.empty() ? problem : text("without ", pass, ": ", problem);
  }
  return "";
}

/// A tensor with elements that look random, in [-1, 1].
inline ops::Tensor example_input(std::vector<int64_t> dims, uint32_t seed) {
  ops::Tensor tensor{DType::kFloat32, std::move(dims), {}};
  uint32_t state = seed * 2654435761u + 12345;
  for (int64_t i = 0, n = tensor.volume(); i < n; ++i) {
    state = state * 1664525u + 1013904223u;
    tensor.data.push_back((static_cast<int>(state >> 20) % 129 - 64) / 64.0);
  }
  return tensor;
}

}  // namespace rondo::passes
