#include "api/network/shape_tensors.h"

#include <algorithm>
#include <vector>

#include "api/network/network.h"
#include "ops/contents.h"

namespace rondo::api {

namespace {

// What may have elements that are known before the network runs: small integer and bool tensors of static extents.
bool may_be_known(const Tensor& tensor) {
  const DataType type = tensor.getType();
  if (type != DataType::kINT32 && type != DataType::kINT64 && type != DataType::kBOOL) return false;
  const Dims dims = tensor.getDimensions();
  int64_t volume = dims.nbDims < 0 ? -1 : 1;
  for (int32_t i = 0; i < dims.nbDims; ++i) {
    if (dims.d[i] < 0 || dims.d[i] > ops::kMaxContents) return false;
    volume *= dims.d[i];
  }
  return volume >= 0 && volume <= ops::kMaxContents;
}

bool all_may_be_known(const LayerNode& layer) {
  return std::all_of(layer.inputs().begin(), layer.inputs().end(),
                     [](const Tensor* input) { return !input || may_be_known(*input); });
}

}  // namespace

ShapeTensors::ShapeTensors(const Network& network) {
  std::vector<const Tensor*> open;
  const auto reach = [&](const Tensor* tensor) {
    const bool shape = tensor && (tensor->producer() || may_be_known(*tensor));
    if (shape && shape_.insert(tensor).second) open.push_back(tensor);
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
    // The extents of a tensor do not depend on its value. A value computed from data is data itself: the network reads
    // it while it runs.
    if (!producer || producer->type() == LayerType::kSHAPE || !all_may_be_known(*producer)) continue;
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
