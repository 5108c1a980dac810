#include "api/network/shape_tensors.h"

#include <vector>

#include "api/network/network.h"

namespace rondo::api {

ShapeTensors::ShapeTensors(const Network& network) {
  std::vector<const Tensor*> open;
  const auto reach = [&](const Tensor* tensor) {
    if (tensor && shape_.insert(tensor).second) open.push_back(tensor);
  };
  for (const auto& layer : network.layers()) {
    for (size_t i = 0; i < layer->inputs().size(); ++i) {
      if (layer->is_shape_input(i)) reach(layer->input(i));
    }
  }
  for (const Tensor* output : network.shape_outputs()) reach(output);
  while (!open.empty()) {
    const Tensor* tensor = open.back();
    open.pop_back();
    const LayerNode* producer = tensor->producer();
    // The extents of a tensor do not depend on its value.
    if (!producer || producer->type() == LayerType::kSHAPE) continue;
    for (const Tensor* input : producer->inputs()) reach(input);
  }
  for (const auto& layer : network.layers()) {
    const bool shape_only = !layer->outputs().empty() && contains(*layer->outputs()[0]);
    for (size_t i = 0; i < layer->inputs().size(); ++i) {
      const bool executes = layer->type() != LayerType::kSHAPE && !layer->is_shape_input(i) && !shape_only;
      if (layer->input(i) && executes) executed_.insert(layer->input(i));
    }
  }
  for (const Tensor* output : network.outputs()) {
    if (network.shape_outputs().count(output) == 0) executed_.insert(output);
  }
}

}  // namespace rondo::api
