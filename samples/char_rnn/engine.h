#pragma once

#include <NvInfer.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "char_rnn/network_writer.h"

namespace sample::char_rnn {

/// Steps 2 to 4: describes a network, optimizes it, and returns the plan.
std::vector<char> build_plan(nvinfer1::ILogger& logger, int32_t threads, int32_t most_steps,
                             const std::function<void(NetworkWriter&)>& describe);

/// Steps 5 and 6: an engine made from a plan, and the memory of its inputs and outputs by name.
class Engine {
 public:
  Engine(nvinfer1::ILogger& logger, const std::vector<char>& plan, int32_t threads);

  bool has(const std::string& name) const;
  /// Sets an input. Where its shape is dynamic, `dims` says what it is this time.
  template <class T>
  void set(const std::string& name, const std::vector<T>& values, const std::vector<int64_t>& dims = {}) {
    set_bytes(name, values.data(), values.size() * sizeof(T), dims);
  }
  /// The elements of an output, after run().
  template <class T>
  std::vector<T> get(const std::string& name) const {
    const std::vector<char>& bytes = memory_.at(name);
    const T* first = reinterpret_cast<const T*>(bytes.data());
    return std::vector<T>(first, first + bytes.size() / sizeof(T));
  }
  /// Copies an output to an input of the same size: states that the next call goes on with.
  void carry(const std::string& from, const std::string& to) { memory_.at(to) = memory_.at(from); }
  void run();

 private:
  void set_bytes(const std::string& name, const void* data, size_t bytes, const std::vector<int64_t>& dims);

  std::unique_ptr<nvinfer1::IRuntime> runtime_;
  std::unique_ptr<nvinfer1::ICudaEngine> engine_;
  std::unique_ptr<nvinfer1::IExecutionContext> context_;
  std::map<std::string, std::vector<char>> memory_;
};

}  // namespace sample::char_rnn
