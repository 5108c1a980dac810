// y = x W + b through the public API, for bench/precision.py.
#include <NvInfer.h>

#include "session.h"

using namespace nvinfer1;

/// sizes: rows, inner, columns; w [inner, columns], b [columns]. Returns null (with a message on stderr) on failure.
extern "C" __attribute__((visibility("default"))) void* rondo_bench_create_product(int64_t const* sizes, float const* w,
                                                                                   float const* b, int32_t threads) {
  int64_t const rows = sizes[0], inner = sizes[1], cols = sizes[2];
  return make_session(
             threads,
             [&](INetworkDefinition& network) -> ITensor* {
               ITensor* x = network.addInput("x", DataType::kFLOAT, Dims2(rows, inner));
               Weights const weights{DataType::kFLOAT, w, inner * cols}, bias{DataType::kFLOAT, b, cols};
               ITensor* matrix = network.addConstant(Dims2(inner, cols), weights)->getOutput(0);
               ITensor* row = network.addConstant(Dims2(1, cols), bias)->getOutput(0);
               ITensor* product =
                   network.addMatrixMultiply(*x, MatrixOperation::kNONE, *matrix, MatrixOperation::kNONE)->getOutput(0);
               return network.addElementWise(*product, *row, ElementWiseOperation::kSUM)->getOutput(0);
             })
      .release();
}
