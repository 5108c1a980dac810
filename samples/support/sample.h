// reason: one header shared by all samples: logger, device memory, build-save-load, check and timing lines.
#pragma once

#include <NvInfer.h>
#include <cuda_runtime_api.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

/// What the samples share. Everything here is written the way programs for TensorRT are written; nothing needs a GPU.
namespace sample {

/// Prints warnings and errors; `--verbose` on the command line raises it to every message.
class Logger : public nvinfer1::ILogger {
 public:
  explicit Logger(Severity limit) : limit_(limit) {}
  void log(Severity severity, char const* message) noexcept override {
    if (severity <= limit_) std::fprintf(stderr, "[%d] %s\n", static_cast<int>(severity), message);
  }

 private:
  Severity limit_;
};

/// Ends the sample with a message when something that must work did not.
inline void require(bool ok, char const* what) {
  if (ok) return;
  std::printf("check: FAILED (%s)\n", what);
  std::exit(1);
}

inline int64_t volume(nvinfer1::Dims const& dims) {
  int64_t count = 1;
  for (int i = 0; i < dims.nbDims; ++i) count *= dims.d[i];
  return count;
}

inline nvinfer1::Dims dims(std::initializer_list<int64_t> extents) {
  nvinfer1::Dims result{};
  result.nbDims = static_cast<int32_t>(extents.size());
  int i = 0;
  for (int64_t e : extents) result.d[i++] = e;
  return result;
}

/// Device memory of `count` floats, freed at the end of the scope.
class DeviceFloats {
 public:
  explicit DeviceFloats(int64_t count) : count_(count) {
    require(cudaMalloc(&memory_, static_cast<size_t>(count) * sizeof(float)) == cudaSuccess, "cudaMalloc");
  }
  explicit DeviceFloats(std::vector<float> const& host) : DeviceFloats(static_cast<int64_t>(host.size())) {
    cudaMemcpy(memory_, host.data(), host.size() * sizeof(float), cudaMemcpyHostToDevice);
  }
  DeviceFloats(DeviceFloats const&) = delete;
  DeviceFloats& operator=(DeviceFloats const&) = delete;
  ~DeviceFloats() { cudaFree(memory_); }

  void* get() const { return memory_; }
  std::vector<float> to_host() const {
    std::vector<float> host(static_cast<size_t>(count_));
    cudaMemcpy(host.data(), memory_, host.size() * sizeof(float), cudaMemcpyDeviceToHost);
    return host;
  }

 private:
  void* memory_ = nullptr;
  int64_t count_ = 0;
};

/// Keeps weights alive until the engine is built, as the API requires.
class WeightStore {
 public:
  nvinfer1::Weights floats(int64_t count, float value) {
    floats_.push_back(std::make_unique<std::vector<float>>(static_cast<size_t>(count), value));
    return {nvinfer1::DataType::kFLOAT, floats_.back()->data(), count};
  }
  nvinfer1::Weights scalar(int32_t value) {
    scalars_.push_back(std::make_unique<int32_t>(value));
    return {nvinfer1::DataType::kINT32, scalars_.back().get(), 1};
  }

 private:
  std::vector<std::unique_ptr<std::vector<float>>> floats_;
  std::vector<std::unique_ptr<int32_t>> scalars_;
};

/// The whole life of an engine: describe, optimize, save as a plan file, load the file again, make a context.
class Session {
 public:
  using Describe =
      std::function<void(nvinfer1::IBuilder&, nvinfer1::INetworkDefinition&, nvinfer1::IBuilderConfig&, WeightStore&)>;

  Session(std::string const& name, int argc, char** argv, Describe const& describe)
      : logger_(has_flag(argc, argv, "--verbose") ? Logger::Severity::kVERBOSE : Logger::Severity::kWARNING) {
    auto const start = Clock::now();
    std::unique_ptr<nvinfer1::IBuilder> builder(nvinfer1::createInferBuilder(logger_));
    require(builder != nullptr, "createInferBuilder");
    std::unique_ptr<nvinfer1::INetworkDefinition> network(builder->createNetworkV2(
        1U << static_cast<uint32_t>(nvinfer1::NetworkDefinitionCreationFlag::kEXPLICIT_BATCH)));
    std::unique_ptr<nvinfer1::IBuilderConfig> config(builder->createBuilderConfig());
    config->setMemoryPoolLimit(nvinfer1::MemoryPoolType::kWORKSPACE, size_t{1} << 30);
    if (char const* folder = value_of(argc, argv, "--dump")) config->setGraphDumpPath(folder);
    WeightStore weights;
    describe(*builder, *network, *config, weights);
    std::unique_ptr<nvinfer1::IHostMemory> plan(builder->buildSerializedNetwork(*network, *config));
    require(plan != nullptr, "buildSerializedNetwork");
    build_us_ = elapsed_us(start);

    std::string const path = name + ".plan";
    std::ofstream(path, std::ios::binary)
        .write(static_cast<char const*>(plan->data()), static_cast<std::streamsize>(plan->size()));
    std::ifstream file(path, std::ios::binary);
    std::vector<char> bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    std::remove(path.c_str());
    require(bytes.size() == plan->size(), "write and read back the plan file");

    auto const load = Clock::now();
    runtime_.reset(nvinfer1::createInferRuntime(logger_));
    engine_.reset(runtime_->deserializeCudaEngine(bytes.data(), bytes.size()));
    require(engine_ != nullptr, "deserializeCudaEngine");
    context_.reset(engine_->createExecutionContext());
    require(context_ != nullptr, "createExecutionContext");
    load_us_ = elapsed_us(load);
    std::printf("plan: %zu bytes\n", bytes.size());
  }

  nvinfer1::ICudaEngine& engine() { return *engine_; }
  nvinfer1::IExecutionContext& context() { return *context_; }

  /// Runs `enqueue` once, then repeatedly for about 20 ms, and prints the timing line that the demo collects.
  void time(std::function<bool()> const& enqueue) {
    require(enqueue(), "enqueue");
    std::vector<double> runs_us;
    auto const start = Clock::now();
    while (runs_us.size() < 5 || (elapsed_us(start) < 20000 && runs_us.size() < 2000)) {
      auto const begin = Clock::now();
      require(enqueue(), "enqueue");
      runs_us.push_back(elapsed_us(begin));
    }
    std::nth_element(runs_us.begin(), runs_us.begin() + static_cast<std::ptrdiff_t>(runs_us.size() / 2), runs_us.end());
    std::printf("time: build %.2f ms, load %.2f ms, run %.2f us\n", build_us_ / 1000, load_us_ / 1000,
                runs_us[runs_us.size() / 2]);
  }

 private:
  using Clock = std::chrono::steady_clock;
  static double elapsed_us(Clock::time_point since) {
    return std::chrono::duration<double, std::micro>(Clock::now() - since).count();
  }
  static bool has_flag(int argc, char** argv, std::string const& flag) {
    for (int i = 1; i < argc; ++i) {
      if (flag == argv[i]) return true;
    }
    return false;
  }
  static char const* value_of(int argc, char** argv, std::string const& flag) {
    for (int i = 1; i + 1 < argc; ++i) {
      if (flag == argv[i]) return argv[i + 1];
    }
    return nullptr;
  }

  Logger logger_;
  std::unique_ptr<nvinfer1::IRuntime> runtime_;
  std::unique_ptr<nvinfer1::ICudaEngine> engine_;
  std::unique_ptr<nvinfer1::IExecutionContext> context_;
  double build_us_ = 0;
  double load_us_ = 0;
};

/// Collects comparisons and prints the verdict line that the demo reads.
class Check {
 public:
  /// Every element of row r of `values` [rows, width] must be expected[r] within a relative tolerance.
  void rows(char const* name, std::vector<float> const& values, std::vector<double> const& expected, double tolerance) {
    size_t const width = expected.empty() ? 0 : values.size() / expected.size();
    std::printf("%s:", name);
    for (size_t r = 0; r < expected.size(); ++r) {
      std::printf(" %.8g", static_cast<double>(values[r * width]));
      for (size_t i = 0; i < width; ++i) near(values[r * width + i], expected[r], tolerance);
    }
    std::printf("\n");
  }
  void near(double value, double expected, double tolerance) {
    double const error = std::fabs(value - expected) / std::fmax(1.0, std::fabs(expected));
    worst_ = std::fmax(worst_, error);
    if (!(error <= tolerance)) failed_ = true;
  }
  void that(bool condition, char const* what) {
    if (!condition) {
      std::printf("wrong: %s\n", what);
      failed_ = true;
    }
  }
  /// Exit status of the sample.
  int verdict() const {
    std::printf("check: %s (largest relative error %.1e)\n", failed_ ? "FAILED" : "passed", worst_);
    return failed_ ? 1 : 0;
  }

 private:
  bool failed_ = false;
  double worst_ = 0;
};

}  // namespace sample
