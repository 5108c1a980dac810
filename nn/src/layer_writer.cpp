#include "layer_writer.h"

#include "rondo/nn/error.h"

namespace rondo::nn {

namespace {

// The engine's formula for each of CellFunction, which it lists in the same order. Affine has none, and is written with
// scale and shift.
constexpr ActivationType kFormula[] = {
    ActivationType::kSIGMOID,     ActivationType::kTANH,         ActivationType::kRELU,
    ActivationType::kCLIP,        ActivationType::kLEAKY_RELU,   ActivationType::kTHRESHOLDED_RELU,
    ActivationType::kSCALED_TANH, ActivationType::kHARD_SIGMOID, ActivationType::kELU,
    ActivationType::kSOFTSIGN,    ActivationType::kSOFTPLUS,
};

}  // namespace

Dims dims_of(const std::vector<int64_t>& extents) {
  Dims dims{};
  dims.nbDims = static_cast<int32_t>(extents.size());
  for (size_t i = 0; i < extents.size(); ++i) dims.d[i] = extents[i];
  return dims;
}

LayerWriter LayerWriter::below(const std::string& part) const {
  return {network_, store_, type_, name_.empty() ? name_ : name_ + "." + part};
}

ITensor& LayerWriter::result(ILayer* layer, const char* role) {
  if (!layer) {
    throw NnError((name_.empty() ? "recurrent" : name_) + ": the network refused the layer '" +
                  (role ? role : "unnamed") + "'; its logger has the reason");
  }
  if (role && !name_.empty()) layer->setName((name_ + "." + role).c_str());
  return *layer->getOutput(0);
}

ITensor& LayerWriter::numbers(const std::vector<int64_t>& dims, std::vector<float> values, const char* role) {
  ITensor& floats = result(network_.addConstant(dims_of(dims), store_.keep(std::move(values))), role);
  return type_ == DataType::kFLOAT ? floats : cast(floats, type_);
}

ITensor& LayerWriter::integers(const std::vector<int64_t>& dims, std::vector<int32_t> values) {
  return result(network_.addConstant(dims_of(dims), store_.keep(std::move(values))), nullptr);
}

ITensor& LayerWriter::elementwise(ITensor& a, ITensor& b, ElementWiseOperation op, const char* role) {
  return result(network_.addElementWise(a, b, op), role);
}

ITensor& LayerWriter::select(ITensor& condition, ITensor& then, ITensor& otherwise) {
  return result(network_.addSelect(condition, then, otherwise), nullptr);
}

ITensor& LayerWriter::cast(ITensor& x, DataType type) { return result(network_.addCast(x, type), nullptr); }

ITensor& LayerWriter::product(ITensor& a, ITensor& b, const char* role) {
  return result(network_.addMatrixMultiply(a, MatrixOperation::kNONE, b, MatrixOperation::kTRANSPOSE), role);
}

ITensor& LayerWriter::activate(ITensor& x, const CellActivation& activation) {
  if (activation.function == CellFunction::kAffine) {
    return add(mul(x, number(activation.alpha)), number(activation.beta));
  }
  const bool softplus = activation.function == CellFunction::kSoftplus;
  IActivationLayer* layer = network_.addActivation(x, kFormula[static_cast<size_t>(activation.function)]);
  ITensor& y = result(layer, nullptr);
  layer->setAlpha(softplus ? 1 : activation.alpha);
  layer->setBeta(softplus ? 1 : activation.beta);
  return y;
}

ITensor& LayerWriter::clip(ITensor& x, float bound) {
  IActivationLayer* layer = network_.addActivation(x, ActivationType::kCLIP);
  ITensor& y = result(layer, nullptr);
  layer->setAlpha(-bound);
  layer->setBeta(bound);
  return y;
}

ITensor& LayerWriter::part(ITensor& x, int32_t axis, int64_t start, int64_t count) {
  ISliceLayer* layer = network_.addSlice(x, dims_of({start}), dims_of({count}), dims_of({1}));
  ITensor& y = result(layer, nullptr);
  layer->setAxes(dims_of({axis}));
  return y;
}

ITensor& LayerWriter::unsqueeze(ITensor& x, int32_t axis) {
  return result(network_.addUnsqueeze(x, integers({1}, {axis})), nullptr);
}

ITensor& LayerWriter::squeeze(ITensor& x, int32_t axis) {
  return result(network_.addSqueeze(x, integers({1}, {axis})), nullptr);
}

ITensor& LayerWriter::concat(const std::vector<ITensor*>& parts, int32_t axis) {
  if (parts.size() == 1) return *parts[0];
  IConcatenationLayer* layer = network_.addConcatenation(parts.data(), static_cast<int32_t>(parts.size()));
  ITensor& y = result(layer, nullptr);
  layer->setAxis(axis);
  return y;
}

ITensor& LayerWriter::extent(ITensor& x, int32_t axis) {
  const Dims dims = x.getDimensions();
  if (dims.nbDims > axis && dims.d[axis] >= 0) return integers({1}, {static_cast<int32_t>(dims.d[axis])});
  ITensor& shape = part(result(network_.addShape(x), nullptr), 0, axis, 1);
  return shape.getType() == DataType::kINT32 ? shape : cast(shape, DataType::kINT32);
}

ITensor& LayerWriter::scalar(ITensor& x) {
  IShuffleLayer* layer = network_.addShuffle(x);
  ITensor& y = result(layer, nullptr);
  layer->setReshapeDimensions(Dims{});
  return y;
}

ITensor& LayerWriter::zeros(ITensor& x, int32_t axis, int64_t width) {
  // One zero, read with strides of 0: a view, and the same for a batch that only the run knows.
  ISliceLayer* layer = network_.addSlice(number(0), dims_of({0, 0}), dims_of({1, width}), dims_of({0, 0}));
  ITensor& y = result(layer, "zero_state");
  layer->setInput(2, concat({&extent(x, axis), &integers({1}, {static_cast<int32_t>(width)})}, 0));
  return y;
}

}  // namespace rondo::nn
