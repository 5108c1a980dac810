// The networks of bench/layers.py: one layer, or a short chain, between input "x" and output "y". A form is a row of
// kForms: a function from the case's sizes and weights to the layers. What the numbers mean stands at the class of the
// case in layers.py.

#include <NvInfer.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <thread>
#include <vector>

#include "session.h"

using namespace nvinfer1;

namespace {

struct LayerCase {
  int64_t const* sizes;
  float const* const* weights;
};

Weights floats(float const* values, int64_t count) { return {DataType::kFLOAT, values, count}; }

Dims repeated(int64_t count, int64_t value) {
  Dims d{};
  d.nbDims = static_cast<int32_t>(count);
  for (int32_t i = 0; i < d.nbDims; ++i) d.d[i] = value;
  return d;
}

/// sizes: spatial axes, then transposed, n, channels, extent of each spatial axis, outputs, kernel, stride, padding, dilation, groups;
/// weights: kernel, bias
ITensor* describe_convolution(INetworkDefinition& network, LayerCase const& c) {
  int64_t const axes = c.sizes[0], transposed = c.sizes[1], channels = c.sizes[3], outputs = c.sizes[5];
  int64_t const kernel = c.sizes[6], groups = c.sizes[10];
  Dims shape = repeated(axes + 2, c.sizes[4]);
  shape.d[0] = c.sizes[2];
  shape.d[1] = channels;
  ITensor* x = network.addInput("x", DataType::kFLOAT, shape);
  int64_t taps = 1;
  for (int64_t i = 0; i < axes; ++i) taps *= kernel;
  Weights const w = floats(c.weights[0], channels * outputs / groups * taps), bias = floats(c.weights[1], outputs);
  auto const set = [&](auto* layer) -> ITensor* {
    if (layer == nullptr) return nullptr;
    layer->setStrideNd(repeated(axes, c.sizes[7]));
    layer->setPaddingNd(repeated(axes, c.sizes[8]));
    layer->setDilationNd(repeated(axes, c.sizes[9]));
    layer->setNbGroups(groups);
    return layer->getOutput(0);
  };
  if (transposed != 0) return set(network.addDeconvolutionNd(*x, outputs, repeated(axes, kernel), w, bias));
  return set(network.addConvolutionNd(*x, outputs, repeated(axes, kernel), w, bias));
}

ITensor* add_input(INetworkDefinition& network, LayerCase const& c) {
  Dims shape = repeated(2, c.sizes[0]);
  shape.d[1] = c.sizes[1];
  return network.addInput("x", DataType::kFLOAT, shape);
}

/// sizes: rows, columns; weights: the eight constants
ITensor* describe_chain(INetworkDefinition& network, LayerCase const& c) {
  using Op = ElementWiseOperation;
  ITensor* x = add_input(network, c);
  int64_t i = 0;
  for (Op op : {Op::kPROD, Op::kSUM, Op::kPROD, Op::kSUM, Op::kMAX, Op::kMIN, Op::kPROD, Op::kSUM}) {
    ITensor* constant = network.addConstant(repeated(2, 1), floats(c.weights[0] + i++, 1))->getOutput(0);
    x = network.addElementWise(*x, *constant, op)->getOutput(0);
  }
  return x;
}

/// sizes: rows, columns
ITensor* describe_softmax(INetworkDefinition& network, LayerCase const& c) {
  ISoftMaxLayer* layer = network.addSoftMax(*add_input(network, c));
  layer->setAxes(1U << 1);
  return layer->getOutput(0);
}

/// sizes: rows, columns; weights: scale, bias
ITensor* describe_layer_norm(INetworkDefinition& network, LayerCase const& c) {
  Dims shape = repeated(2, 1);
  shape.d[1] = c.sizes[1];
  ITensor* scale = network.addConstant(shape, floats(c.weights[0], c.sizes[1]))->getOutput(0);
  ITensor* bias = network.addConstant(shape, floats(c.weights[1], c.sizes[1]))->getOutput(0);
  return network.addNormalization(*add_input(network, c), *scale, *bias, 1U << 1)->getOutput(0);
}

struct Form {
  char const* name;
  ITensor* (*describe)(INetworkDefinition& network, LayerCase const& c);
};
constexpr Form kForms[] = {
    {"convolution", describe_convolution},
    {"chain", describe_chain},
    {"softmax", describe_softmax},
    {"layer norm", describe_layer_norm},
};

}  // namespace

/// Returns null (with a message on stderr) on failure.
extern "C" __attribute__((visibility("default"))) void* rondo_bench_create_layer(char const* form, int64_t const* sizes,
                                                                                 float const* const* weights,
                                                                                 int32_t threads) {
  LayerCase const c{sizes, weights};
  return make_session(threads,
                      [&](INetworkDefinition& network) -> ITensor* {
                        for (Form const& f : kForms) {
                          if (std::strcmp(form, f.name) == 0) return f.describe(network, c);
                        }
                        return nullptr;
                      })
      .release();
}

/// Copies `bytes` bytes once, each of `threads` threads its share, and returns the microseconds from when all were ready.
extern "C" __attribute__((visibility("default"))) double rondo_bench_copy_us(void* to, void const* from, int64_t bytes,
                                                                             int32_t threads) {
  std::atomic<int32_t> ready{0}, done{0};
  auto const share = [&](int32_t rank) {
    for (++ready; ready < threads;) {
    }
    int64_t const begin = bytes * rank / threads, end = bytes * (rank + 1) / threads;
    std::memcpy(static_cast<char*>(to) + begin, static_cast<char const*>(from) + begin, end - begin);
    ++done;
  };
  std::vector<std::thread> others;
  for (int32_t rank = 1; rank < threads; ++rank) others.emplace_back(share, rank);
  while (ready + 1 < threads) {
  }
  auto const start = std::chrono::steady_clock::now();
  share(0);
  while (done < threads) {
  }
  auto const end = std::chrono::steady_clock::now();
  for (std::thread& other : others) other.join();
  return std::chrono::duration<double, std::micro>(end - start).count();
}
