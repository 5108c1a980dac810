#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rondo/rondo.h"

namespace rondo::test {

/// Keeps the messages of a session.
class RecordingLogger final : public ILogger {
 public:
  void log(Severity severity, AsciiChar const* msg) noexcept override {
    if (severity <= Severity::kERROR) errors.emplace_back(msg);
    if (severity == Severity::kWARNING) warnings.emplace_back(msg);
    if (severity == Severity::kINTERNAL_ERROR) internal_error = true;
    lines.emplace_back(msg);
  }
  /// Lines that begin so, in their order.
  std::vector<std::string> beginning(const std::string& part) const {
    std::vector<std::string> found;
    for (const std::string& line : lines) {
      if (line.starts_with(part)) found.push_back(line);
    }
    return found;
  }
  /// Lines that contain a part, in their order.
  std::vector<std::string> matching(const std::string& part) const {
    std::vector<std::string> found;
    for (const std::string& line : lines) {
      if (line.find(part) != std::string::npos) found.push_back(line);
    }
    return found;
  }
  /// All errors, a line each.
  std::string text() const {
    std::string all;
    for (const std::string& error : errors) all += error + "\n";
    return all;
  }
  bool has(const std::string& part) const { return text().find(part) != std::string::npos; }

  std::vector<std::string> errors, warnings, lines;  ///< lines: all severities
  bool internal_error = false;
};

/// A network with all that a build needs, and constants whose weights live as long.
struct Net {
  Net() : Net(1U << static_cast<int32_t>(NetworkDefinitionCreationFlag::kEXPLICIT_BATCH)) {}
  explicit Net(uint32_t flags)
      : builder(createInferBuilder(logger)),
        network(builder->createNetworkV2(flags)),
        config(builder->createBuilderConfig()) {}

  INetworkDefinition* operator->() const { return network.get(); }
  ITensor& input(const char* name, const Dims& dims, DataType type = DataType::kFLOAT) {
    return *network->addInput(name, type, dims);
  }
  Weights weights(int64_t count, float value = 1) {
    floats.push_back(std::vector<float>(static_cast<size_t>(count), value));
    return {DataType::kFLOAT, floats.back().data(), count};
  }
  ITensor& constant(const Dims& dims, float value = 1) {
    int64_t count = 1;
    for (int32_t i = 0; i < dims.nbDims; ++i) count *= dims.d[i];
    return *network->addConstant(dims, weights(count, value))->getOutput(0);
  }
  ITensor& integers(const Dims& dims, std::vector<int32_t> values) {
    ints.push_back(std::move(values));
    const auto count = static_cast<int64_t>(ints.back().size());
    return *network->addConstant(dims, {DataType::kINT32, ints.back().data(), count})->getOutput(0);
  }
  ITensor& scalar(int32_t value) { return integers(Dims{0, {}}, {value}); }
  ITensor& boolean(bool value) {
    bools.push_back(std::make_unique<bool>(value));
    return *network->addConstant(Dims{0, {}}, {DataType::kBOOL, bools.back().get(), 1})->getOutput(0);
  }
  ITensor& add(ITensor& a, ITensor& b) {
    return *network->addElementWise(a, b, ElementWiseOperation::kSUM)->getOutput(0);
  }
  /// Null where the build refuses.
  std::unique_ptr<IHostMemory> build() {
    return std::unique_ptr<IHostMemory>(builder->buildSerializedNetwork(*network, *config));
  }

  RecordingLogger logger;
  std::unique_ptr<IBuilder> builder;
  std::unique_ptr<INetworkDefinition> network;
  std::unique_ptr<IBuilderConfig> config;
  std::vector<std::vector<float>> floats;
  std::vector<std::vector<int32_t>> ints;
  std::vector<std::unique_ptr<bool>> bools;
};

inline std::vector<int64_t> to_vector(const Dims& dims) { return {dims.d, dims.d + std::max(0, dims.nbDims)}; }

}  // namespace rondo::test
