#include <rondo/rondo.h>

#include <cstdio>
#include <memory>

struct Logger : rondo::ILogger {
  void log(Severity severity, char const* text) noexcept override {
    if (severity <= Severity::kWARNING) std::fprintf(stderr, "%s\n", text);
  }
};

int main() {
  Logger logger;
  std::unique_ptr<rondo::IBuilder> builder{rondo::createInferBuilder(logger)};
  std::unique_ptr<rondo::IBuilderConfig> config{builder ? builder->createBuilderConfig() : nullptr};
  std::unique_ptr<rondo::IRuntime> runtime{rondo::createInferRuntime(logger)};
  bool const ok = builder && config && runtime;
  std::puts(ok ? "native: linked and running" : "native: a factory returned null");
  return ok ? 0 : 1;
}
