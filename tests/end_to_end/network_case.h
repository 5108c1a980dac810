// reason: one fixture for all programs of this folder, from the description of a network to its outputs.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/net.h"

namespace rondo::test {

/// The value of a network input or output: shape, type and bytes.
struct Array {
  std::vector<int64_t> dims;
  DataType type = DataType::kFLOAT;
  std::vector<std::byte> bytes;

  template <class T>
  std::vector<T> as() const {
    std::vector<T> values(bytes.size() / sizeof(T));
    if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
  }
  std::vector<float> floats() const { return as<float>(); }
};

inline Dims dims_of(const std::vector<int64_t>& extents) {
  Dims dims{static_cast<int32_t>(extents.size()), {}};
  for (size_t i = 0; i < extents.size(); ++i) dims.d[i] = extents[i];
  return dims;
}

inline size_t volume_of(const std::vector<int64_t>& extents) {
  size_t volume = 1;
  for (const int64_t extent : extents) volume *= static_cast<size_t>(extent);
  return volume;
}

template <class T>
Array array_of(DataType type, std::vector<int64_t> dims, const std::vector<T>& values) {
  Array array{std::move(dims), type, std::vector<std::byte>(values.size() * sizeof(T))};
  if (!values.empty()) std::memcpy(array.bytes.data(), values.data(), array.bytes.size());
  return array;
}

inline Array floats_of(std::vector<int64_t> dims, const std::vector<float>& values) {
  return array_of(DataType::kFLOAT, std::move(dims), values);
}

/// Pseudo-random floats in -1 .. 1, the same on every machine.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 2654435761U + 1) {}
  float next(float scale = 1) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return (static_cast<float>(state_ >> 40) / static_cast<float>(1 << 23) - 1.F) * scale;
  }
  std::vector<float> floats(size_t count, float scale = 1) {
    std::vector<float> values(count);
    for (float& value : values) value = next(scale);
    return values;
  }

 private:
  uint64_t state_;
};

/// A plan loaded from its bytes, with one context.
class Loaded {
 public:
  Loaded(const std::string& plan, ILogger& logger) : runtime(createInferRuntime(logger)) {
    engine.reset(runtime->deserializeCudaEngine(plan.data(), plan.size()));
    if (engine) context.reset(engine->createExecutionContext());
  }

  /// Inputs in the order of addInput to outputs in the order of markOutput. Every output is bounded by guard bytes.
  std::vector<Array> run(const std::vector<Array>& inputs, int threads = 0) {
    std::vector<Array> outputs;
    if (!context || !context->setMaxThreads(threads)) return outputs;
    for (size_t i = 0; i < inputs.size(); ++i) {
      const char* name = engine->getIOTensorName(static_cast<int32_t>(i));
      EXPECT_TRUE(context->setInputShape(name, dims_of(inputs[i].dims))) << name;
      EXPECT_TRUE(context->setInputTensorAddress(name, address_of(inputs[i]))) << name;
    }
    for (int32_t i = static_cast<int32_t>(inputs.size()); i < engine->getNbIOTensors(); ++i) {
      const char* name = engine->getIOTensorName(i);
      Array output{to_vector(context->getTensorShape(name)), engine->getTensorDataType(name), {}};
      const auto width = static_cast<size_t>(engine->getTensorBytesPerComponent(name));
      output.bytes.assign(volume_of(output.dims) * width + kGuardBytes, kGuard);
      outputs.push_back(std::move(output));
      EXPECT_TRUE(context->setTensorAddress(name, outputs.back().bytes.data())) << name;
    }
    if (!context->enqueueV3(nullptr)) return {};
    for (Array& output : outputs) {
      const auto end = output.bytes.end() - kGuardBytes;
      EXPECT_EQ(std::vector<std::byte>(end, output.bytes.end()), std::vector<std::byte>(kGuardBytes, kGuard));
      output.bytes.erase(end, output.bytes.end());
    }
    return outputs;
  }

  std::unique_ptr<IRuntime> runtime;
  std::unique_ptr<ICudaEngine> engine;
  std::unique_ptr<IExecutionContext> context;

 private:
  static constexpr ptrdiff_t kGuardBytes = 64;
  static constexpr std::byte kGuard{0xA5};

  /// An empty input still needs an address.
  const void* address_of(const Array& input) const { return input.bytes.empty() ? &kGuard : input.bytes.data(); }
};

/// A network under test: described by the public API, built to plan bytes, loaded from them and run.
struct NetworkCase : Net {
  static Dims scalar_dims() { return Dims{0, {}}; }

  ITensor& values(const std::vector<int64_t>& dims, std::vector<float> data) {
    floats.push_back(std::move(data));
    const Weights weights{DataType::kFLOAT, floats.back().data(), static_cast<int64_t>(floats.back().size())};
    return *network->addConstant(dims_of(dims), weights)->getOutput(0);
  }
  ITensor& binary(ITensor& a, ITensor& b, ElementWiseOperation op) {
    return *network->addElementWise(a, b, op)->getOutput(0);
  }
  ITensor& product(ITensor& a, ITensor& b) { return binary(a, b, ElementWiseOperation::kPROD); }
  ITensor& matmul(ITensor& a, ITensor& b) {
    return *network->addMatrixMultiply(a, MatrixOperation::kNONE, b, MatrixOperation::kNONE)->getOutput(0);
  }
  ITensor& activation(ITensor& x, ActivationType type) { return *network->addActivation(x, type)->getOutput(0); }
  void mark(ITensor& tensor) { network->markOutput(tensor); }
  void mark_last(ILoop& loop, IRecurrenceLayer& state) {
    mark(*loop.addLoopOutput(*state.getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0));
  }
  ITensor& collect(ILoop& loop, ITensor& value, LoopOutput kind, ITensor& length, int32_t axis = 0) {
    ILoopOutputLayer* output = loop.addLoopOutput(value, kind, axis);
    output->setInput(1, length);
    return *output->getOutput(0);
  }

  /// Empty where the build refuses; the messages are in `logger`.
  std::string plan_bytes() {
    const auto plan = build();
    return plan ? std::string(static_cast<const char*>(plan->data()), plan->size()) : std::string();
  }
  /// Builds, loads and runs.
  std::vector<Array> run(const std::vector<Array>& inputs = {}, int threads = 0) {
    const std::string plan = plan_bytes();
    EXPECT_FALSE(plan.empty()) << logger.text();
    Loaded loaded(plan, logger);
    auto outputs = loaded.run(inputs, threads);
    EXPECT_FALSE(outputs.empty()) << logger.text();
    return outputs;
  }
};

}  // namespace rondo::test
