#include <NvInfer.h>
#include <cuda_runtime_api.h>

#include <cstdio>
#include <memory>

class Logger : public nvinfer1::ILogger {
  void log(Severity severity, char const* text) noexcept override {
    if (severity <= Severity::kWARNING) std::fprintf(stderr, "%s\n", text);
  }
};

int main() {
  Logger logger;
  void* buffer = nullptr;
  if (cudaMalloc(&buffer, 1024) != cudaSuccess) return 1;
  std::unique_ptr<nvinfer1::IBuilder> builder{nvinfer1::createInferBuilder(logger)};
  std::puts(builder ? "ported: linked and running" : "ported: createInferBuilder returned null");
  return cudaFree(buffer) == cudaSuccess && builder ? 0 : 1;
}
