// BERT for masked words through the network API. Without options: a small one, sentences of 1 to 200 tokens through one
// engine, both forms of GELU, compared with double precision. `--base`: BERT-base at full size, random weights, times
// at S = 128 and 384. `--onnx FILE [--heads N] [--logits PREFIX]`: an exported model on both roads, its weights through
// the helper functions and its graph through the parser, compared with each other; the logits are written to PREFIX.S.

#include <cmath>
#include <cstring>
#include <stdexcept>

#include "bert/model.h"
#ifdef SAMPLE_HAS_ONNX
#include "bert/onnx_model.h"
#endif
#include "bert/session.h"
#include "support/sample.h"

using namespace nvinfer1;

namespace {

/// What follows the flag, or the flag itself where it is the last; null if it is not there.
const char* find_flag(int argc, char** argv, const char* flag) {
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], flag) == 0) return i + 1 < argc ? argv[i + 1] : argv[i];
  }
  return nullptr;
}

/// The engine of the network that the helper functions build.
bert::Session build(const bert::Config& config, const bert::WeightMap& weights, ILogger& logger) {
  std::unique_ptr<bert::LayerBuilder> net;  // owns scalars that the network refers to: it goes after the build
  return bert::Session(config.positions, logger, [&](INetworkDefinition& network) {
    net = std::make_unique<bert::LayerBuilder>(network, logger);
    net->markOutput(bert::add_bert(*net, config, weights), "logits");
  });
}

void check_lengths(bool tanh_gelu, ILogger& logger, sample::Check& check) {
  bert::Config config{2, 32, 4, 64, 101, 200, 2};
  config.tanh_gelu = tanh_gelu;
  const bert::WeightMap weights = bert::random_weights(config, 1);
  bert::Session session = build(config, weights, logger);
  for (int64_t length = 1; length <= config.positions; ++length) {
    const std::vector<int32_t> ids = bert::sentence(length, config.vocab);
    const std::vector<float> logits = session.run(ids);
    const std::vector<double> expected = bert::reference_logits(config, weights, ids);
    for (size_t i = 0; i < logits.size(); ++i) check.near(static_cast<double>(logits[i]), expected[i], 1e-5);
  }
  std::printf("%s GELU: 1 .. %lld tokens compared\n", tanh_gelu ? "tanh" : "erf",
              static_cast<long long>(config.positions));
}

/// A layer added with a weight of the wrong shape must be refused where it is added.
bool refuses_wrong_weight(ILogger& logger) {
  std::unique_ptr<IBuilder> builder(createInferBuilder(logger));
  std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(0));
  bert::LayerBuilder net(*network, logger);
  ITensor& x = net.addInput("x", DataType::kFLOAT, Dims3(1, 4, 8));
  const std::vector<float> values(70, 0.0F);
  try {
    net.addLinear(x, {{10, 7}, values.data()}, {{10}, values.data()}, "nn.Linear.wrong", true);
  } catch (const std::invalid_argument& error) {
    return std::strstr(error.what(), "nn.Linear.wrong") != nullptr;
  }
  return false;
}

int run_base(ILogger& logger) {
  const bert::Config config;
  const bert::WeightMap weights = bert::random_weights(config, 1);
  bert::Session session = build(config, weights, logger);
  for (const int64_t length : {128, 384}) session.print_time(bert::sentence(length, config.vocab));
  return 0;
}

/// The weights of an exported model through the helper functions, and the model itself through the parser: equal logits?
int run_onnx(const char* path, int64_t heads, const char* logits_path, ILogger& logger) {
#ifdef SAMPLE_HAS_ONNX
  const auto [config, weights] = bert::read_onnx(path, heads);
  bert::Session layers = build(config, weights, logger);
  bert::Session parsed = bert::parse_onnx(path, config.positions, logger);
  sample::Check check;
  for (const int64_t length :
       {int64_t{1}, int64_t{2}, int64_t{15}, int64_t{64}, int64_t{128}, int64_t{200}, config.positions}) {
    if (length > config.positions) continue;
    const std::vector<int32_t> ids = bert::sentence(length, config.vocab);
    const std::vector<float> a = layers.run(ids), b = parsed.run(ids);
    check.that(a.size() == b.size(), "the roads give logits of different shapes");
    for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
      check.near(static_cast<double>(a[i]), static_cast<double>(b[i]), 1e-3);
    if (length > 1) layers.print_time(ids);
    if (length > 1) parsed.print_time(ids);
    if (logits_path) {
      const std::string file = logits_path + std::string(".") + std::to_string(length);
      std::ofstream(file, std::ios::binary)
          .write(reinterpret_cast<const char*>(a.data()), static_cast<std::streamsize>(a.size() * sizeof(float)));
    }
  }
  return check.verdict();
#else
  static_cast<void>(heads), static_cast<void>(logits_path), static_cast<void>(logger);
  std::printf("%s: this sample was built without the ONNX parser\n", path);
  return 1;
#endif
}

}  // namespace

int main(int argc, char** argv) {
  const bool verbose = find_flag(argc, argv, "--verbose");
  sample::Logger logger(verbose ? ILogger::Severity::kVERBOSE : ILogger::Severity::kWARNING);
  try {
    if (find_flag(argc, argv, "--base")) return run_base(logger);
    if (const char* path = find_flag(argc, argv, "--onnx")) {
      const char* heads = find_flag(argc, argv, "--heads");
      return run_onnx(path, heads ? std::atoll(heads) : 0, find_flag(argc, argv, "--logits"), logger);
    }
  } catch (const std::exception& error) {
    std::printf("check: FAILED (%s)\n", error.what());
    return 1;
  }
  sample::Check check;
  check_lengths(false, logger, check);
  check_lengths(true, logger, check);
  check.that(refuses_wrong_weight(logger), "addLinear takes a weight that does not fit");
  return check.verdict();
}
