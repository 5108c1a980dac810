#include "char_rnn/network_writer.h"

#include "support/sample.h"

namespace sample::char_rnn {

using namespace nvinfer1;

namespace {

Dims dims_of(const std::vector<int64_t>& extents) {
  Dims result{};
  result.nbDims = static_cast<int32_t>(extents.size());
  for (size_t i = 0; i < extents.size(); ++i) result.d[i] = extents[i];
  return result;
}

}  // namespace

ITensor& NetworkWriter::output(ILayer* layer, int index) {
  require(layer != nullptr, "a layer was refused");
  return *layer->getOutput(index);
}

ITensor& NetworkWriter::constant(std::vector<int64_t> dims, std::vector<float> values) {
  floats_.push_back(std::move(values));
  const Weights weights{DataType::kFLOAT, floats_.back().data(), static_cast<int64_t>(floats_.back().size())};
  return output(network_.addConstant(dims_of(dims), weights));
}

ITensor& NetworkWriter::integers(std::vector<int64_t> dims, std::vector<int32_t> values) {
  integers_.push_back(std::move(values));
  const Weights weights{DataType::kINT32, integers_.back().data(), static_cast<int64_t>(integers_.back().size())};
  return output(network_.addConstant(dims_of(dims), weights));
}

ITensor& NetworkWriter::wide_integer(int64_t value) {
  wide_.push_back(value);
  return output(network_.addConstant(Dims{}, {DataType::kINT64, &wide_.back(), 1}));
}

ITensor& NetworkWriter::elementwise(ITensor& a, ITensor& b, ElementWiseOperation op) {
  return output(network_.addElementWise(a, b, op));
}

ITensor& NetworkWriter::sum(ITensor& a, ITensor& b) { return elementwise(a, b, ElementWiseOperation::kSUM); }

ITensor& NetworkWriter::product(ITensor& a, ITensor& b) { return elementwise(a, b, ElementWiseOperation::kPROD); }

ITensor& NetworkWriter::activation(ITensor& x, ActivationType type) { return output(network_.addActivation(x, type)); }

ITensor& NetworkWriter::cast(ITensor& x, DataType type) { return output(network_.addCast(x, type)); }

ITensor& NetworkWriter::reshape(ITensor& x, std::vector<int64_t> dims) {
  IShuffleLayer* layer = network_.addShuffle(x);
  layer->setReshapeDimensions(dims_of(dims));
  return output(layer);
}

ITensor& NetworkWriter::concat(const std::vector<ITensor*>& parts, int axis) {
  IConcatenationLayer* layer = network_.addConcatenation(parts.data(), static_cast<int32_t>(parts.size()));
  require(layer != nullptr, "a concatenation was refused");
  layer->setAxis(axis);
  return output(layer);
}

ITensor& NetworkWriter::gather(ITensor& table, ITensor& indices) {
  return output(network_.addGather(table, indices, 0));
}

ITensor& NetworkWriter::dense(ITensor& x, ITensor& weights) {
  const MatrixOperation form = x.getDimensions().nbDims == 1 ? MatrixOperation::kVECTOR : MatrixOperation::kNONE;
  return output(network_.addMatrixMultiply(x, form, weights, MatrixOperation::kTRANSPOSE));
}

ITensor& NetworkWriter::columns(ITensor& x, int64_t start, int64_t count) {
  const Dims dims = x.getDimensions();
  if (dims.nbDims == 1) return output(network_.addSlice(x, dims_of({start}), dims_of({count}), dims_of({1})));
  return output(network_.addSlice(x, dims_of({0, start}), dims_of({dims.d[0], count}), dims_of({1, 1})));
}

void NetworkWriter::mark(ITensor& tensor, const char* name) {
  tensor.setName(name);
  network_.markOutput(tensor);
}

LstmCell::LstmCell(NetworkWriter& writer, const rondo::importers::CellWeights& weights)
    : writer_(writer),
      hidden_(weights.hidden),
      w_(&writer.constant({4 * weights.hidden, weights.input}, weights.w)),
      r_(&writer.constant({4 * weights.hidden, weights.hidden}, weights.r)),
      bias_(weights.wb) {
  for (size_t i = 0; i < bias_.size(); ++i) bias_[i] += weights.rb[i];
}

LstmCell::States LstmCell::step(ITensor& x, States old) const {
  const int rank = x.getDimensions().nbDims;
  ITensor& bias =
      writer_.constant(rank == 1 ? std::vector<int64_t>{4 * hidden_} : std::vector<int64_t>{1, 4 * hidden_}, bias_);
  ITensor& gates = writer_.sum(writer_.sum(writer_.dense(x, *w_), writer_.dense(*old.hidden, *r_)), bias);
  const auto gate = [&](int64_t index, ActivationType type) -> ITensor& {
    return writer_.activation(writer_.columns(gates, index * hidden_, hidden_), type);
  };
  ITensor& i = gate(0, ActivationType::kSIGMOID);
  ITensor& f = gate(1, ActivationType::kSIGMOID);
  ITensor& g = gate(2, ActivationType::kTANH);
  ITensor& o = gate(3, ActivationType::kSIGMOID);
  ITensor& cell = writer_.sum(writer_.product(f, *old.cell), writer_.product(i, g));
  ITensor& hidden = writer_.product(o, writer_.activation(cell, ActivationType::kTANH));
  return {&hidden, &cell};
}

}  // namespace sample::char_rnn
