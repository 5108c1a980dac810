// What bench/char_rnn.py loads: the generation network of samples/char_rnn as plain C functions.

#include <chrono>
#include <cstdio>
#include <memory>

#include "char_rnn/engine.h"
#include "char_rnn/networks.h"
#include "support/sample.h"

using namespace sample::char_rnn;

namespace {

struct Generator {
  explicit Generator(Engine&& engine_) : engine(std::move(engine_)) {}
  Engine engine;
  std::vector<float> no_states;
};

sample::Logger g_logger(nvinfer1::ILogger::Severity::kWARNING);

}  // namespace

extern "C" {

/// Weights as samples/char_rnn reads them; null with a message on stderr.
__attribute__((visibility("default"))) void* rondo_char_rnn_create(char const* weights, int32_t batch, int32_t steps,
                                                                   int32_t threads) {
  try {
    CharModel const model = load_model({weights});
    std::vector<char> const plan = build_plan(g_logger, threads, steps, [&](NetworkWriter& writer) {
      describe_generation(writer, model, Choice::kGreedy, batch);
    });
    auto generator = std::make_unique<Generator>(Engine(g_logger, plan, threads));
    generator->no_states.assign(static_cast<size_t>(model.layer_count() * batch * model.hidden()), 0.F);
    generator->engine.set("count", std::vector<int32_t>{steps});
    return generator.release();
  } catch (std::exception const& error) {
    std::fprintf(stderr, "rondo: %s\n", error.what());
    return nullptr;
  }
}

/// Generates from zero states: token [batch] -> text [steps, batch]. Returns the microseconds of the call.
__attribute__((visibility("default"))) double rondo_char_rnn_generate(void* handle, int32_t const* token, int32_t batch,
                                                                      int32_t* text) {
  Generator& generator = *static_cast<Generator*>(handle);
  Engine& engine = generator.engine;
  auto const start = std::chrono::steady_clock::now();
  engine.set("token", std::vector<int32_t>(token, token + batch));
  engine.set("hiddenIn", generator.no_states);
  engine.set("cellIn", generator.no_states);
  engine.run();
  std::vector<int32_t> const result = engine.get<int32_t>("text");
  auto const end = std::chrono::steady_clock::now();
  std::copy(result.begin(), result.end(), text);
  return std::chrono::duration<double, std::micro>(end - start).count();
}

__attribute__((visibility("default"))) void rondo_char_rnn_destroy(void* handle) {
  delete static_cast<Generator*>(handle);
}

}  // extern "C"
