#include "session.h"

#include <chrono>
#include <cstdio>

using namespace nvinfer1;

namespace {

class Logger : public ILogger {
 public:
  void log(Severity severity, char const* message) noexcept override {
    if (severity <= Severity::kWARNING) std::fprintf(stderr, "rondo: %s\n", message);
  }
};
Logger g_logger;
BuilderFlags g_allowed = 0;

using Clock = std::chrono::steady_clock;
double us_since(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

}  // namespace

std::unique_ptr<Session> make_session(int32_t threads, std::function<ITensor*(INetworkDefinition&)> const& describe) {
  auto const start = Clock::now();
  std::unique_ptr<IBuilder> builder(createInferBuilder(g_logger));
  std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(1U));
  std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
  config->setMaxThreads(threads);
  config->setFlags(config->getFlags() | g_allowed);
  ITensor* y = describe(*network);
  if (y == nullptr) return nullptr;
  y->setName("y");
  network->markOutput(*y);
  std::unique_ptr<IHostMemory> plan(builder->buildSerializedNetwork(*network, *config));
  if (plan == nullptr) return nullptr;
  auto session = std::make_unique<Session>();
  session->build_us = us_since(start);
  auto const load = Clock::now();
  session->runtime.reset(createInferRuntime(g_logger));
  session->runtime->setMaxThreads(threads);
  session->engine.reset(session->runtime->deserializeCudaEngine(plan->data(), plan->size()));
  if (session->engine == nullptr) return nullptr;
  session->load_us = us_since(load);
  session->context.reset(session->engine->createExecutionContext());
  return session->context == nullptr ? nullptr : std::move(session);
}

extern "C" {

/// Flags of the sessions made from now on: 1 << BuilderFlag::kFP16, 1 << kBF16, or 0.
__attribute__((visibility("default"))) void rondo_bench_allow(uint32_t flags) { g_allowed = flags; }

/// Addresses in binding order. Returns 1 on success.
__attribute__((visibility("default"))) int32_t rondo_bench_run(void* session, void* const* bindings) {
  return static_cast<Session*>(session)->context->executeV2(bindings) ? 1 : 0;
}

/// Runs once and returns the microseconds it took, or -1.
__attribute__((visibility("default"))) double rondo_bench_time_us(void* session, void* const* bindings) {
  auto const start = Clock::now();
  if (!static_cast<Session*>(session)->context->executeV2(bindings)) return -1;
  return us_since(start);
}

__attribute__((visibility("default"))) void rondo_bench_build_times(void* session, double* build_us, double* load_us) {
  *build_us = static_cast<Session*>(session)->build_us;
  *load_us = static_cast<Session*>(session)->load_us;
}

__attribute__((visibility("default"))) void rondo_bench_destroy(void* session) {
  delete static_cast<Session*>(session);
}

}  // extern "C"
