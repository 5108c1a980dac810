#pragma once

#include <NvInfer.h>

#include <cstdint>
#include <functional>
#include <memory>

/// What the driver hands out: a network built, serialized, loaded and ready to run.
struct Session {
  std::unique_ptr<nvinfer1::IRuntime> runtime;
  std::unique_ptr<nvinfer1::ICudaEngine> engine;
  std::unique_ptr<nvinfer1::IExecutionContext> context;
  double build_us = 0;
  double load_us = 0;
};

/// Builds the network that `describe` adds layers to; it returns the output, or null if it cannot. The output is named "y".
/// Errors    null, with a message on stderr
std::unique_ptr<Session> make_session(int32_t threads,
                                      std::function<nvinfer1::ITensor*(nvinfer1::INetworkDefinition&)> const& describe);
