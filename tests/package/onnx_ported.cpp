// The loop over errors that programs for TensorRT end a failed import with.
#include <NvInfer.h>
#include <NvOnnxConfig.h>
#include <NvOnnxParser.h>

#include <iostream>
#include <memory>

namespace {

class Logger : public nvinfer1::ILogger {
  void log(Severity, char const*) noexcept override {}
};

}  // namespace

int main() {
  Logger logger;
  std::unique_ptr<nvinfer1::IBuilder> builder{nvinfer1::createInferBuilder(logger)};
  std::unique_ptr<nvinfer1::INetworkDefinition> network{builder->createNetworkV2(1U)};
  std::unique_ptr<nvonnxparser::IParser> parser{nvonnxparser::createParser(*network, logger)};
  if (parser->parseFromFile("absent.onnx", static_cast<int>(nvinfer1::ILogger::Severity::kWARNING))) return 1;
  for (int i = 0; i < parser->getNbErrors(); ++i) std::cout << parser->getError(i)->desc() << std::endl;
  return parser->getError(0)->code() == nvonnxparser::ErrorCode::kMODEL_DESERIALIZE_FAILED ? 0 : 1;
}
