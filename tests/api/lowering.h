#pragma once

#include <string>
#include <vector>

#include "api/lower_network.h"
#include "net.h"
#include "ops/interpreter.h"

namespace rondo::test {

inline api::LoweredNetwork lowered(Net& net) {
  return api::lower_network(static_cast<const api::Network&>(*net.network),
                            static_cast<const api::Config&>(*net.config));
}

/// A float tensor of the interpreter.
inline ops::Tensor filled(std::vector<int64_t> dims, double value) {
  ops::Tensor tensor{DType::kFloat32, std::move(dims), {}};
  tensor.data.assign(static_cast<size_t>(tensor.volume()), value);
  return tensor;
}

/// Runs the lowered network, no pass applied.
inline std::vector<ops::Tensor> interpreted(Net& net, const std::vector<ops::Tensor>& inputs = {}) {
  return ops::interpret(lowered(net).graph, inputs);
}

}  // namespace rondo::test
