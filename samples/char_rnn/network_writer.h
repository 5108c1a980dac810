#pragma once

#include <NvInfer.h>

#include <deque>
#include <string>
#include <vector>

#include "char_rnn/char_model.h"

namespace sample::char_rnn {

/// Adds layers to a network, and keeps their weights until it is built. The first layer that the network refuses ends the sample.
class NetworkWriter {
 public:
  explicit NetworkWriter(nvinfer1::INetworkDefinition& network) : network_(network) {}

  nvinfer1::INetworkDefinition& network() { return network_; }

  nvinfer1::ITensor& constant(std::vector<int64_t> dims, std::vector<float> values);
  nvinfer1::ITensor& integers(std::vector<int64_t> dims, std::vector<int32_t> values);
  nvinfer1::ITensor& wide_integer(int64_t value);

  nvinfer1::ITensor& elementwise(nvinfer1::ITensor& a, nvinfer1::ITensor& b, nvinfer1::ElementWiseOperation op);
  nvinfer1::ITensor& sum(nvinfer1::ITensor& a, nvinfer1::ITensor& b);
  nvinfer1::ITensor& product(nvinfer1::ITensor& a, nvinfer1::ITensor& b);
  nvinfer1::ITensor& activation(nvinfer1::ITensor& x, nvinfer1::ActivationType type);
  nvinfer1::ITensor& cast(nvinfer1::ITensor& x, nvinfer1::DataType type);
  nvinfer1::ITensor& reshape(nvinfer1::ITensor& x, std::vector<int64_t> dims);
  nvinfer1::ITensor& concat(const std::vector<nvinfer1::ITensor*>& parts, int axis);
  /// Rows of `table`, picked along its first dimension.
  nvinfer1::ITensor& gather(nvinfer1::ITensor& table, nvinfer1::ITensor& indices);
  /// x W^T for x [.., K] (a vector, or rows) and W [N, K].
  nvinfer1::ITensor& dense(nvinfer1::ITensor& x, nvinfer1::ITensor& weights);
  /// Columns [start, start + count) of x [count'] or [rows, count'].
  nvinfer1::ITensor& columns(nvinfer1::ITensor& x, int64_t start, int64_t count);

  nvinfer1::ITensor& output(nvinfer1::ILayer* layer, int index = 0);
  void mark(nvinfer1::ITensor& tensor, const char* name);

 private:
  nvinfer1::INetworkDefinition& network_;
  std::deque<std::vector<float>> floats_;
  std::deque<std::vector<int32_t>> integers_;
  std::deque<int64_t> wide_;
};

/// The weights of one LSTM layer as constants: W [4H, I], R [4H, H], both biases in one [4H]; gates i, f, g, o.
class LstmCell {
 public:
  LstmCell(NetworkWriter& writer, const rondo::importers::CellWeights& weights);

  struct States {
    nvinfer1::ITensor* hidden;
    nvinfer1::ITensor* cell;
  };
  /// One step: x [I], h and c [H], or x [B, I], h and c [B, H].
  States step(nvinfer1::ITensor& x, States old) const;

 private:
  NetworkWriter& writer_;
  int64_t hidden_;
  nvinfer1::ITensor* w_;
  nvinfer1::ITensor* r_;
  std::vector<float> bias_;
};

}  // namespace sample::char_rnn
