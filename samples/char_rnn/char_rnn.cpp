// Character-level text from a trained LSTM, in the six steps of TensorRT's sampleCharRNN: weights from a file, an empty
// network, its layers, the plan, the engine, inference. Then what that sample could not do: the loop over characters
// inside the engine (--generate), and perplexity (--evaluate).

#include <filesystem>
#include <nlohmann/json.hpp>

#include "char_rnn/engine.h"
#include "char_rnn/networks.h"
#include "char_rnn/options.h"
#include "support/sample.h"

using namespace sample::char_rnn;

namespace {

/// The first of the folders that has the file.
std::string locate(const std::string& file, const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) {
    const std::string path = folder + "/" + file;
    if (std::filesystem::exists(path)) return path;
  }
  throw rondo::importers::ImportError("'" + file + "' is in none of the folders; name one with --datadir");
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw rondo::importers::ImportError("cannot read '" + path + "'");
  return std::string(std::istreambuf_iterator<char>(file), {});
}

void write_file(const std::string& path, const std::vector<char>& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) throw rondo::importers::ImportError("cannot write '" + path + "'");
}

/// A text to start from, and how it must go on.
struct Example {
  std::string warmup, expected;
};

/// The sample's own examples; with a prompt, the one that starts with it or none.
Example choose_example(const Options& options) {
  if (!options.prompt.empty()) return {options.prompt, ""};
  const auto json = nlohmann::json::parse(read_file(locate("examples.json", options.folders)), nullptr, false);
  sample::require(json.is_array() && !json.empty(), "examples.json is a list of [warmup, expected]");
  const auto& chosen = json[static_cast<size_t>(options.seed) % json.size()];
  return {chosen.at(0).get<std::string>(), chosen.at(1).get<std::string>()};
}

using Clock = std::chrono::steady_clock;

double us_since(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

class Sample {
 public:
  explicit Sample(const Options& options)
      : options_(options),
        logger_(options.verbose ? nvinfer1::ILogger::Severity::kVERBOSE : nvinfer1::ILogger::Severity::kWARNING),
        vocabulary_(Vocabulary::load(locate("vocab.json", options.folders))),
        model_(load_model(options.weights.empty() ? weight_files() : options.weights)) {
    sample::require(vocabulary_.size() == model_.vocab, "the vocabulary has as many characters as the model");
  }

  bool step_by_step();
  bool generate();
  bool evaluate();

 private:
  /// char-rnn.wts, or its parts char-rnn.<n>.wts.
  std::vector<std::string> weight_files() const;
  Engine make_engine(const std::function<void(NetworkWriter&)>& describe, int32_t most_steps);
  std::vector<float> no_states(int64_t batch) const {
    return std::vector<float>(static_cast<size_t>(model_.layer_count() * batch * model_.hidden()), 0.F);
  }
  std::vector<int32_t> encode(const std::string& text) const;
  void print_times(double run_us) const {
    std::printf("time: build %.2f ms, load %.2f ms, run %.2f us\n", build_us_ / 1000, load_us_ / 1000, run_us);
  }

  const Options& options_;
  sample::Logger logger_;
  Vocabulary vocabulary_;
  CharModel model_;
  double build_us_ = 0, load_us_ = 0;
};

std::vector<std::string> Sample::weight_files() const {
  std::vector<std::string> parts;
  for (const std::string& folder : options_.folders) {
    for (int part = 0; std::filesystem::exists(folder + "/char-rnn." + std::to_string(part) + ".wts"); ++part) {
      parts.push_back(folder + "/char-rnn." + std::to_string(part) + ".wts");
    }
    if (!parts.empty()) return parts;
  }
  return {locate("char-rnn.wts", options_.folders)};
}

Engine Sample::make_engine(const std::function<void(NetworkWriter&)>& describe, int32_t most_steps) {
  const auto build = Clock::now();
  std::vector<char> plan;
  if (!options_.load_engine.empty()) {
    const std::string bytes = read_file(options_.load_engine);
    plan.assign(bytes.begin(), bytes.end());
  } else {
    plan = build_plan(logger_, options_.threads, most_steps, describe);
  }
  build_us_ = us_since(build);
  if (!options_.save_engine.empty()) write_file(options_.save_engine, plan);
  const auto load = Clock::now();
  Engine engine(logger_, plan, options_.threads);
  load_us_ = us_since(load);
  return engine;
}

std::vector<int32_t> Sample::encode(const std::string& text) const {
  int64_t unknown = 0;
  std::vector<int32_t> ids = vocabulary_.encode(text, &unknown);
  if (unknown > 0) std::printf("[W] %lld characters are not in the vocabulary\n", static_cast<long long>(unknown));
  sample::require(!ids.empty(), "a text of one character at least");
  return ids;
}

/// The six steps: one call for each character, states copied back from outside.
bool Sample::step_by_step() {
  const Example example = choose_example(options_);
  Engine engine = make_engine(
      [&](NetworkWriter& writer) {
        describe_step(writer, model_, options_.use_loop ? StepForm::kLoop : StepForm::kRnnV2,
                      options_.embedding_outside);
      },
      1);
  std::printf("[I] RNN warmup sentence: %s\n[I] Expected output: %s\n", example.warmup.c_str(),
              example.expected.c_str());
  engine.set("hiddenIn", no_states(1));
  engine.set("cellIn", no_states(1));
  engine.set("seqLen", std::vector<int32_t>{1});
  double run_us = 0;
  int64_t runs = 0;
  const auto step = [&](int32_t id) {
    if (options_.embedding_outside) {
      const float* row = model_.embedding.data() + id * model_.input;
      engine.set("data", std::vector<float>(row, row + model_.input));
    } else {
      engine.set("data", std::vector<int32_t>{id});
    }
    const auto start = Clock::now();
    engine.run();
    run_us += us_since(start);
    ++runs;
    engine.carry("hiddenOut", "hiddenIn");
    engine.carry("cellOut", "cellIn");
    return engine.get<int32_t>("pred")[0];
  };
  int32_t next = 0;
  for (const int32_t id : encode(example.warmup)) next = step(id);
  const size_t wanted = example.expected.empty() ? 100 : vocabulary_.encode(example.expected).size();
  std::vector<int32_t> received = {next};
  while (received.size() < wanted) received.push_back(step(received.back()));
  std::printf("[I] Received: %s\n", vocabulary_.decode(received).c_str());
  print_times(run_us / static_cast<double>(runs));
  return example.expected.empty() || vocabulary_.decode(received) == example.expected;
}

/// One call for many characters. The prompt goes through the same engine, a character at a time, and its choices are dropped.
bool Sample::generate() {
  const Choice choice = options_.temperature > 0 ? Choice::kSample : Choice::kGreedy;
  const Example example = choose_example(options_);
  const size_t batch = static_cast<size_t>(options_.streams);
  Engine engine =
      make_engine([&](NetworkWriter& writer) { describe_generation(writer, model_, choice, options_.streams); },
                  static_cast<int32_t>(std::max<int64_t>(options_.generate, 1)));
  engine.set("hiddenIn", no_states(options_.streams));
  engine.set("cellIn", no_states(options_.streams));
  engine.set("count", std::vector<int32_t>{1});
  if (choice == Choice::kSample) {
    engine.set("temperature", std::vector<float>{static_cast<float>(options_.temperature)});
    engine.set("topK", std::vector<int32_t>{options_.top_k > 0 ? options_.top_k : static_cast<int32_t>(model_.vocab)});
    engine.set("topP", std::vector<float>{static_cast<float>(options_.top_p)});
    engine.set("random", std::vector<int64_t>{options_.seed << 32});
  }
  const std::vector<int32_t> prompt = encode(example.warmup);
  const auto go_on = [&](bool with_choice) {
    engine.run();
    engine.carry("hiddenOut", "hiddenIn");
    engine.carry("cellOut", "cellIn");
    if (!with_choice) return;
    engine.carry("tokenOut", "token");
    if (choice == Choice::kSample) engine.carry("randomOut", "random");
  };
  for (size_t i = 0; i + 1 < prompt.size(); ++i) {
    engine.set("token", std::vector<int32_t>(batch, prompt[i]));
    go_on(false);
  }
  engine.set("token", std::vector<int32_t>(batch, prompt.back()));
  engine.set("count", std::vector<int32_t>{static_cast<int32_t>(options_.generate)});
  std::vector<std::vector<int32_t>> texts(batch);
  const auto start = Clock::now();
  for (int64_t call = 0; call < options_.calls; ++call) {
    go_on(true);
    const std::vector<int32_t> text = engine.get<int32_t>("text");
    for (size_t i = 0; i < text.size(); ++i) texts[i % batch].push_back(text[i]);
  }
  const double total_us = us_since(start);
  for (size_t b = 0; b < batch; ++b) {
    if (batch > 1) std::printf("[I] Text %zu:\n", b);
    std::printf("%s%s\n", example.warmup.c_str(), vocabulary_.decode(texts[b]).c_str());
  }
  print_times(total_us / static_cast<double>(std::max<int64_t>(1, options_.generate * options_.calls)));
  const std::string text = vocabulary_.decode(texts[0]);
  const size_t common = std::min(text.size(), example.expected.size());
  return choice == Choice::kSample || text.compare(0, common, example.expected, 0, common) == 0;
}

/// exp of the mean cross entropy of each character given those before it; the last one foresees the first.
bool Sample::evaluate() {
  constexpr size_t kChunk = 4096;
  Engine engine = make_engine([&](NetworkWriter& writer) { describe_reading(writer, model_, 1); }, kChunk);
  const std::vector<int32_t> ids = encode(read_file(options_.evaluate));
  engine.set("hiddenIn", no_states(1));
  engine.set("cellIn", no_states(1));
  double nats = 0;
  const auto start = Clock::now();
  for (size_t from = 0; from < ids.size(); from += kChunk) {
    const size_t count = std::min(kChunk, ids.size() - from);
    std::vector<int32_t> here(ids.begin() + static_cast<std::ptrdiff_t>(from),
                              ids.begin() + static_cast<std::ptrdiff_t>(from + count));
    std::vector<int32_t> next(here.begin() + 1, here.end());
    next.push_back(ids[(from + count) % ids.size()]);
    engine.set("ids", here, {static_cast<int64_t>(count), 1});
    engine.set("next", next, {static_cast<int64_t>(count), 1});
    engine.run();
    engine.carry("hiddenOut", "hiddenIn");
    engine.carry("cellOut", "cellIn");
    for (const float x : engine.get<float>("nats")) nats += static_cast<double>(x);
  }
  print_times(us_since(start) / static_cast<double>(ids.size()));
  std::printf("[I] Perplexity: %.8f over %zu characters\n", std::exp(nats / static_cast<double>(ids.size())),
              ids.size());
  return std::isfinite(nats);
}

std::string command_line(int argc, char** argv) {
  std::string text;
  for (int i = 0; i < argc; ++i) text.append(i > 0 ? " " : "").append(argv[i]);
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, &options)) return 1;
  if (options.help) {
    std::printf("%s", usage());
    return 0;
  }
  const std::string title = "TensorRT.sample_char_rnn # " + command_line(argc, argv);
  std::printf("&&&& RUNNING %s\n", title.c_str());
  bool passed = false;
  try {
    Sample run(options);
    passed = !options.evaluate.empty() ? run.evaluate() : options.generate > 0 ? run.generate() : run.step_by_step();
  } catch (const std::exception& error) {
    std::printf("[E] %s\n", error.what());
  }
  std::printf("check: %s\n&&&& %s %s\n", passed ? "passed" : "FAILED", passed ? "PASSED" : "FAILED", title.c_str());
  return passed ? 0 : 1;
}
