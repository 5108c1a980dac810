// Calibration: the network runs in fp32 over the calibrator's batches, and every float tensor is watched.
//
// The observed program is an ordinary one whose tensors are all hidden outputs, so nothing is fused across them and
// nothing of the runtime is special. Shapes are the kOPT shapes of the calibration profile, as in TensorRT: one shape,
// so that a calibrator need not know of ranges. Histograms see the batches in order; the result is the same for any
// number of threads, since runs are.

#include "api/int8/calibrate.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "NvInferVersion.h"
#include "api/build_watch.h"
#include "api/lower_network.h"
#include "api/running/plugins/plugin_set.h"
#include "api/settings_check.h"
#include "api/user_call.h"
#include "base/checked.h"
#include "ir/verify.h"
#include "passes/pass.h"
#include "quant/calibration_cache.h"
#include "runtime/context.h"

namespace rondo::api {

namespace {

constexpr char kHistogramHead[] = "Rondo-Histograms-1";

template <class Call>
auto ask(const char* method, Call call) {
  return call_user("the int8 calibrator", method, call);
}

std::unique_ptr<Profile> at_opt(const Profile& from, const ErrorSink& sink) {
  auto profile = std::make_unique<Profile>(sink);
  constexpr OptProfileSelector kAll[] = {OptProfileSelector::kMIN, OptProfileSelector::kOPT, OptProfileSelector::kMAX};
  for (const auto& [name, shape] : from.shapes()) {
    require(shape.dims[1].has_value(), "the calibration profile lacks kOPT of input '", name, "'");
    for (const OptProfileSelector select : kAll) profile->setDimensions(name.c_str(), select, *shape.dims[1]);
  }
  for (const auto& [name, values] : from.values()) {
    const auto count = static_cast<int32_t>(values.wide[1].size());
    for (const OptProfileSelector select : kAll)
      profile->setShapeValuesV2(name.c_str(), select, values.wide[1].data(), count);
  }
  return profile;
}

/// The network as a program that shows all its float tensors, at one shape.
plan::Program observed_program(const Network& network, const Config& config, int32_t threads) {
  Config own(network.sink());
  own.setMaxThreads(std::max(config.settings().max_threads, 0));
  const Profile* profile = config.calibration_profile();
  if (profile == nullptr && !config.profiles().empty()) profile = config.profiles()[0].get();
  const std::unique_ptr<Profile> fixed = profile == nullptr ? nullptr : at_opt(*profile, network.sink());
  if (fixed != nullptr) own.addOptimizationProfile(fixed.get());
  BuildWatch watch(network.sink(), own);
  LoweredNetwork lowered = lower_network(network, own, {.observe_floats = true});
  ir::verify_structure(lowered.graph, "lower_network");
  const passes::PassOptions options = pass_options(own, threads, watch);
  passes::run_pipeline(lowered.graph, options);
  return schedule::make_program({.graph = lowered.graph,
                                 .name = network.getName(),
                                 .profiles = lowered.profiles,
                                 .inputs = lowered.inputs,
                                 .outputs = lowered.outputs,
                                 .graph_text = {},
                                 .plugins = lowered.plugins},
                                options);
}

/// Runs batches through the observed program and keeps a histogram per float tensor.
class Observer : private runtime::OutputPlacer {
 public:
  Observer(plan::Program program, int32_t threads)
      : engine_(std::make_shared<runtime::Engine>(std::move(program))),
        plugins_(std::make_shared<const PluginSet>(
            engine_->program(), PluginPolicy{std::make_shared<plugin::Registry>(::getPluginRegistry()), false, 0, {}})),
        context_(engine_, options(threads)),
        memory_(bindings().size()),
        histograms_(bindings().size()) {
    for (uint32_t b = 0; b < bindings().size(); ++b) set_input(b);
  }

  void run_all(IInt8Calibrator& calibrator) {
    std::vector<const char*> names;
    for (const uint32_t b : fed_) names.push_back(bindings()[b].name.c_str());
    std::vector<void*> addresses(names.size());
    size_t batches = 0;
    const auto next = [&] {
      std::fill(addresses.begin(), addresses.end(), nullptr);
      return calibrator.getBatch(addresses.data(), names.data(), static_cast<int32_t>(names.size()));
    };
    while (ask("getBatch", next)) {
      for (size_t i = 0; i < fed_.size(); ++i) {
        require(addresses[i] != nullptr, "the int8 calibrator gave no address for input '", names[i], "' in batch ",
                batches);
        context_.set_address(fed_[i], addresses[i]);
      }
      run_batch();
      ++batches;
    }
    require(batches > 0,
            "the int8 calibrator gave no batch: getBatch was false at once, and there is no cache to read");
  }

  void each(const std::function<void(const std::string&, const quant::Histogram&)>& take) const {
    for (size_t b = 0; b < bindings().size(); ++b) {
      if (is_observed(b)) take(bindings()[b].name, histograms_[b]);
    }
  }

 private:
  const std::vector<plan::Binding>& bindings() const { return engine_->program().bindings; }
  bool is_observed(size_t b) const { return bindings()[b].dtype == DType::kFloat32; }

  runtime::ContextOptions options(int32_t threads) {
    runtime::ContextOptions result;
    result.threads = threads;
    result.placer = this;
    result.plugins = attach(plugins_, nullptr, nullptr);
    return result;
  }

  void set_input(uint32_t b) {
    if (!bindings()[b].is_input) return;
    const plan::Profile::Input& range = engine_->program().profiles[0].inputs[b];
    context_.set_dims(b, range.opt);
    if (range.value_opt.empty()) return fed_.push_back(b);
    context_.set_values(b, range.value_opt);
  }

  void run_batch() {
    context_.bind();
    for (uint32_t b = 0; b < bindings().size(); ++b) {
      if (bindings()[b].is_input || context_.is_placed_by_run(b)) continue;
      place(b, {}, bytes_of(b));
    }
    context_.run();
    for (uint32_t b = 0; b < bindings().size(); ++b) {
      if (!is_observed(b)) continue;
      const auto* values = static_cast<const float*>(context_.address(b));
      histograms_[b].add({values, bytes_of(b) / sizeof(float)});
    }
  }

  size_t bytes_of(uint32_t b) const {
    const int64_t volume = volume_or_fail(context_.dims(b), bindings()[b].name.c_str());
    return static_cast<size_t>(volume) * dtype_bytes(bindings()[b].dtype);
  }

  void* place(uint32_t b, std::span<const int64_t>, size_t bytes) override {
    if (memory_[b].size() < bytes + runtime::kDeviceAlignment) memory_[b] = Bytes(bytes + runtime::kDeviceAlignment);
    const size_t off = reinterpret_cast<uintptr_t>(memory_[b].data()) % runtime::kDeviceAlignment;
    void* address = memory_[b].data() + (runtime::kDeviceAlignment - off) % runtime::kDeviceAlignment;
    context_.set_address(b, address);
    return address;
  }

  std::shared_ptr<const runtime::Engine> engine_;
  std::shared_ptr<const PluginSet> plugins_;
  runtime::Context context_;
  std::vector<uint32_t> fed_;
  std::vector<Bytes> memory_;
  std::vector<quant::Histogram> histograms_;
};

/// One calibration: the calibrator, its method, and where messages go.
class Calibration {
 public:
  Calibration(const Network& network, const Config& config, int32_t threads)
      : network_(network),
        config_(config),
        threads_(threads),
        calibrator_(*config.settings().calibrator),
        legacy_(dynamic_cast<IInt8LegacyCalibrator*>(&calibrator_)) {
    const CalibrationAlgoType type = ask("getAlgorithm", [&] { return calibrator_.getAlgorithm(); });
    require_enum(type, "the calibrator's CalibrationAlgoType");
    cache_.method = static_cast<quant::Method>(type);
    if (legacy_ == nullptr) return;
    cache_.parameters.quantile = share("getQuantile", [&] { return legacy_->getQuantile(); });
    cache_.parameters.cutoff = share("getRegressionCutoff", [&] { return legacy_->getRegressionCutoff(); });
  }

  quant::NamedScales run() {
    const int32_t batch = ask("getBatchSize", [&] { return calibrator_.getBatchSize(); });
    require(batch >= 1, "the int8 calibrator's batch size is ", batch, ", must be at least 1");
    if (read_cache()) return cache_.scales;
    if (!read_histograms()) observe();
    const std::string text = quant::write_cache(NV_TENSORRT_VERSION, cache_);
    ask("writeCalibrationCache", [&] { calibrator_.writeCalibrationCache(text.data(), text.size()); });
    return cache_.scales;
  }

 private:
  template <class Call>
  static double share(const char* method, Call call) {
    const double value = ask(method, call);
    require(value >= 0 && value <= 1, "the int8 calibrator's ", method, " gave ", value, ", outside 0 .. 1");
    return value;
  }

  void warn(const std::string& message) const { network_.sink().log(ILogger::Severity::kWARNING, message.c_str()); }

  bool read_cache() {
    size_t length = 0;
    const auto* text =
        static_cast<const char*>(ask("readCalibrationCache", [&] { return calibrator_.readCalibrationCache(length); }));
    if (text == nullptr || length == 0) return false;
    std::string error;
    const auto found = quant::read_cache({text, length}, &error);
    if (!found) {
      warn("the calibration cache is not used, the network is calibrated again: " + error);
      return false;
    }
    const bool same = found->method == cache_.method &&
                      (legacy_ == nullptr || (found->parameters.quantile == cache_.parameters.quantile &&
                                              found->parameters.cutoff == cache_.parameters.cutoff));
    if (!same) {
      warn(rondo::text("the calibration cache is not used, the network is calibrated again: the cache is of ",
                       quant::method_name(found->method), ", the calibrator asks for ",
                       quant::method_name(cache_.method), legacy_ == nullptr ? "" : " with its quantile and cutoff"));
      return false;
    }
    cache_.scales = found->scales;
    return true;
  }

  void add_scale(const std::string& name, const quant::Histogram& histogram) {
    if (histogram.not_finite() > 0) {
      warn(rondo::text("calibration: tensor '", name, "' had ", histogram.not_finite(),
                       " values that are not finite; they are left out of its range"));
    }
    cache_.scales.emplace_back(name, quant::scale_of(histogram, cache_.method, cache_.parameters));
  }

  void observe() {
    const int32_t most = config_.settings().max_threads;
    Observer observer(observed_program(network_, config_, threads_), most > 0 ? most : threads_);
    observer.run_all(calibrator_);
    std::string text = std::string(kHistogramHead) + "\n";
    observer.each([&](const std::string& name, const quant::Histogram& histogram) {
      add_scale(name, histogram);
      if (legacy_ != nullptr) text += name + ": " + histogram.to_text() + "\n";
    });
    if (legacy_ == nullptr) return;
    ask("writeHistogramCache", [&] { legacy_->writeHistogramCache(text.data(), text.size()); });
  }

  bool read_histograms() {
    if (legacy_ == nullptr) return false;
    size_t length = 0;
    const auto* bytes =
        static_cast<const char*>(ask("readHistogramCache", [&] { return legacy_->readHistogramCache(length); }));
    if (bytes == nullptr || length == 0) return false;
    std::vector<std::pair<std::string, quant::Histogram>> found;
    const std::string all(bytes, length);
    size_t from = all.find('\n');
    bool good = all.compare(0, from, kHistogramHead) == 0;
    while (good && from != std::string::npos && from + 1 < all.size()) {
      const size_t end = all.find('\n', from + 1);
      const std::string line = all.substr(from + 1, end == std::string::npos ? end : end - from - 1);
      const size_t colon = line.rfind(": ");
      auto& [name, histogram] = found.emplace_back();
      good = colon != std::string::npos && histogram.from_text(line.substr(colon + 2));
      if (good) name = line.substr(0, colon);
      from = end;
    }
    if (!good || found.empty()) {
      warn("the histogram cache is not used, the network is calibrated again: it is not of this version");
      return false;
    }
    for (const auto& [name, histogram] : found) add_scale(name, histogram);
    return true;
  }

  const Network& network_;
  const Config& config_;
  int32_t threads_;
  IInt8Calibrator& calibrator_;
  IInt8LegacyCalibrator* legacy_;
  quant::CalibrationCache cache_;
};

void add_dynamic_ranges(const Network& network, TensorScales* scales) {
  const auto add = [&](const Tensor& tensor) {
    if (!tensor.dynamicRangeIsSet()) return;
    const float amax = std::max(std::fabs(tensor.getDynamicRangeMin()), std::fabs(tensor.getDynamicRangeMax()));
    (*scales)[tensor.getName()] = amax / 127;
  };
  for (const auto& input : network.inputs()) add(*input);
  for (const auto& layer : network.layers()) {
    for (const auto& tensor : layer->outputs()) add(*tensor);
  }
}

}  // namespace

TensorScales int8_scales(const Network& network, const Config& config, int32_t threads) {
  const Settings& settings = config.settings();
  const auto warn = [&](const char* message) { network.sink().log(ILogger::Severity::kWARNING, message); };
  TensorScales scales;
  if (!settings.has(BuilderFlag::kINT8)) {
    if (settings.calibrator != nullptr) warn("the int8 calibrator is not called: kINT8 is not set");
    return scales;
  }
  const auto quantizes = [](const auto& layer) { return layer->type() == LayerType::kQUANTIZE; };
  if (std::any_of(network.layers().begin(), network.layers().end(), quantizes)) {
    if (settings.calibrator != nullptr)
      warn("the int8 calibrator is not called: the network has quantize layers, which say what is rounded");
    return scales;
  }
  if (settings.calibrator != nullptr) {
    for (const auto& [name, scale] : Calibration(network, config, threads).run()) scales[name] = scale;
  }
  add_dynamic_ranges(network, &scales);
  if (scales.empty()) warn("kINT8: there are neither a calibrator nor dynamic ranges; layers compute in fp32");
  return scales;
}

}  // namespace rondo::api
