#pragma once

#include <string>

#include "bert/model.h"
#include "bert/session.h"

namespace bert {

/// What the helper functions need of an exported BertForMaskedLM.
struct OnnxModel {
  Config config;
  WeightMap weights;
};

/// Reads sizes and weights from the initializers of an ONNX file. An exporter that folds constants leaves the weight of a linear layer
/// without its name, as [in, out] of some `onnx::MatMul_123`: it is found from the layer's bias, over the Add to the MatMul before it.
/// `heads` 0: as many as there are 64 hidden units, which is BERT's own rule. Throws std::invalid_argument.
OnnxModel read_onnx(const std::string& path, int64_t heads);

/// The engine of the file's graph, by the ONNX parser. Throws std::invalid_argument with the parser's errors.
Session parse_onnx(const std::string& path, int64_t longest, nvinfer1::ILogger& logger);

}  // namespace bert
