// The networks of bench/layers.py: one layer, or a short chain, between input "x" and output "y". A form is a row of
// kForms: a function from the case's sizes and weights to the layers. What the numbers mean stands at the class of the
// case in layers.py.

#include <NvInfer.h>

#include <cstring>

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

struct Form {
  char const* name;
  ITensor* (*describe)(INetworkDefinition& network, LayerCase const& c);
};
constexpr Form kForms[] = {
    {"convolution", describe_convolution},
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
