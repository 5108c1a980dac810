// Types of a network under construction.
//
// The walk is a post-order over the layers that a tensor depends on, with a stack of its own: networks that unroll time
// are tens of thousands of layers deep. A recurrence is typed by its initial value alone, which makes the one legal
// back edge invisible here; any other cycle meets a layer that is still open and gets no answer. A layer without an
// answer keeps it until something it depends on may have changed, so a broken network is not walked again for each
// question.

#include "api/network/inference.h"

#include "api/network/conditional.h"
#include "api/network/loop.h"
#include "api/network/network.h"
#include "ops/contents.h"

namespace rondo::api {

using Ref = Emitter::Ref;

const ir::ValueInfo* Inference::find(const Tensor& tensor) {
  infer_with_inputs(tensor);
  const auto ref = ref_of(tensor);
  return ref ? &types_.info(*ref) : nullptr;
}

Dims Inference::dims(const Tensor& tensor) {
  Dims result{-1, {}};
  const ir::ValueInfo* info = find(tensor);
  if (!info) return result;
  result.nbDims = info->type.rank();
  for (int32_t i = 0; i < result.nbDims; ++i) {
    result.d[i] = types_.dims().value_or_unknown(types_.dims().resolve(info->type.dims[static_cast<size_t>(i)]));
  }
  return result;
}

void Inference::layer_changed(const LayerNode& layer) {
  if (layers_.count(&layer) != 0) forget();
}

void Inference::forget() {
  layers_.clear();
  inputs_.clear();
  types_.clear();
}

std::optional<Ref> Inference::ref_of(const Tensor& tensor) {
  if (!tensor.producer()) return input_ref(tensor);
  const auto found = layers_.find(tensor.producer());
  const auto index = static_cast<size_t>(tensor.index());
  if (found == layers_.end() || index >= found->second.size()) return std::nullopt;
  return found->second[index];
}

Ref Inference::input_ref(const Tensor& tensor) {
  const auto found = inputs_.find(&tensor);
  if (found != inputs_.end()) return found->second;
  ir::ValueInfo info;
  info.type.dtype = to_dtype(tensor.declared_type(), tensor.who());
  const Dims& dims = tensor.declared_dims();
  for (int32_t i = 0; i < dims.nbDims; ++i) {
    info.type.dims.push_back(dims.d[i] < 0 ? types_.unknown_dim() : types_.dims().constant(dims.d[i]));
  }
  if (const auto extents = ops::content_dims(types_.dims(), info.type)) {
    info.contents.emplace();
    int64_t volume = 1;
    for (int64_t extent : *extents) volume *= extent;
    for (int64_t i = 0; i < volume; ++i) info.contents->push_back(types_.unknown_dim());
  }
  return inputs_[&tensor] = types_.value(std::move(info));
}

void Inference::infer_with_inputs(const Tensor& tensor) {
  struct Open {
    const LayerNode* layer;
    size_t next_input = 0;
  };
  std::vector<Open> stack;
  const auto open = [&](const Tensor* wanted) {
    const LayerNode* layer = wanted ? wanted->producer() : nullptr;
    // Until its inputs are known a layer has no answer, which is what a cycle back to it finds.
    if (layer && layers_.try_emplace(layer).second) stack.push_back({layer});
  };
  open(&tensor);
  while (!stack.empty()) {
    Open& top = stack.back();
    const bool initial_only = top.layer->type() == LayerType::kRECURRENCE;
    const size_t inputs = initial_only ? 1 : top.layer->inputs().size();
    if (top.next_input < inputs) {
      open(top.layer->input(top.next_input++));
    } else {
      const LayerNode* layer = top.layer;
      stack.pop_back();
      infer_layer(*layer);
    }
  }
}

void Inference::infer_layer(const LayerNode& layer) {
  std::vector<Ref> in;
  for (const Tensor* input : layer.inputs()) {
    const auto ref = input ? ref_of(*input) : std::optional<Ref>(Emitter::kNoRef);
    if (!ref && !(layer.type() == LayerType::kRECURRENCE && !in.empty())) return;
    in.push_back(ref.value_or(Emitter::kNoRef));
  }
  try {
    const bool border = dynamic_cast<const LoopBorder*>(&layer) || dynamic_cast<const ConditionalBorder*>(&layer);
    layers_[&layer] = border ? border_outputs(layer, in) : emit_layer(layer, types_, in);
  } catch (const Error&) {
    layers_[&layer].clear();  // the build tells what is wrong
  }
}

std::vector<Ref> Inference::border_outputs(const LayerNode& layer, const std::vector<Ref>& in) {
  if (layer.outputs().empty()) return {};
  ir::ValueInfo info = types_.info(in[0]);
  info.contents.reset();
  ir::Dims& dims = info.type.dims;
  if (const auto* iterator = dynamic_cast<const IteratorLayer*>(&layer)) {
    const int64_t axis = iterator->getAxis();
    require(axis >= 0 && axis < info.type.rank(), layer.who(), ": axis ", axis);
    dims.erase(dims.begin() + axis);
  } else if (const auto* output = dynamic_cast<const LoopOutputLayer*>(&layer); output && output->collects()) {
    const int64_t axis = output->getAxis();
    require(axis >= 0 && axis <= info.type.rank(), layer.who(), ": axis ", axis);
    const bool known = in.size() > 1 && in[1] != Emitter::kNoRef && types_.info(in[1]).contents &&
                       types_.info(in[1]).contents->size() == 1;
    dims.insert(dims.begin() + axis, known ? (*types_.info(in[1]).contents)[0] : types_.unknown_dim());
  } else if (layer.type() == LayerType::kCONDITIONAL_OUTPUT) {
    const ir::Dims& other = types_.type(in[1]).dims;
    require(other.size() == dims.size(), layer.who(), ": ranks differ");
    for (size_t i = 0; i < dims.size(); ++i) {
      if (!types_.dims().same(dims[i], other[i])) dims[i] = types_.unknown_dim();
    }
  }
  return {types_.value(std::move(info))};
}

}  // namespace rondo::api
