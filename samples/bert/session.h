#pragma once

#include <NvInfer.h>

#include <functional>
#include <memory>
#include <vector>

namespace bert {

/// An engine for sentences of 1 .. longest tokens and a context for it. Inputs input_ids, token_type_ids, position_ids [1, S], int32
/// or int64; output logits float [1, S, vocab].
class Session {
 public:
  /// `describe` fills the network; what it refers to must live until the constructor returns.
  Session(int64_t longest, nvinfer1::ILogger& logger,
          const std::function<void(nvinfer1::INetworkDefinition&)>& describe);

  /// The logits, [S, vocab].
  std::vector<float> run(const std::vector<int32_t>& ids);
  /// Runs the sentence six times and prints the median of the last five.
  void print_time(const std::vector<int32_t>& ids);

 private:
  std::unique_ptr<nvinfer1::IRuntime> runtime_;
  std::unique_ptr<nvinfer1::ICudaEngine> engine_;
  std::unique_ptr<nvinfer1::IExecutionContext> context_;
};

/// A sentence of that many tokens, the same one every time.
std::vector<int32_t> sentence(int64_t length, int64_t vocab);

}  // namespace bert
