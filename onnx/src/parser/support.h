/// Which nodes of a model can be imported.
#pragma once

#include <functional>

#include "import/context.h"

namespace rondo::onnx {

struct Support {
  bool graph = true;           ///< inputs, outputs and initializers
  std::vector<int64_t> order;  ///< nodes of the main graph as they would be imported
  std::vector<bool> nodes;     ///< whether that node can be; as long as order
};

/// Imports a model, node by node, into a scratch network made by the builder of `network`. A node that fails leaves its outputs
/// without a value; the nodes that need them count as importable if their operator is known.
Support find_support(INetworkDefinition& network, proto::ModelProto const& model,
                     std::shared_ptr<TensorSource const> const& source, bool plugins_override,
                     std::function<void(ImportError const&)> const& report);

}  // namespace rondo::onnx
