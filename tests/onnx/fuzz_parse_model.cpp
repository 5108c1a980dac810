// libFuzzer's entry: any bytes are a model, or an error that is not the parser's own fault. hostile_test.cpp keeps it
// alive. To fuzz from a folder of models:
//   cmake --preset fuzz && cmake --build --preset fuzz && mkdir -p build-fuzz/models
//   build-fuzz/tests/rondo_fuzz_parse_model -max_len=8000 -timeout=10 -rss_limit_mb=2048 build-fuzz/models <folder>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "rondo/onnx_parser.h"
#include "rondo/rondo.h"

namespace {

class Silence : public rondo::ILogger {
 public:
  void log(Severity, char const*) noexcept override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(uint8_t const* data, size_t size) {
  Silence logger;
  std::unique_ptr<rondo::IBuilder> const builder(rondo::createInferBuilder(logger));
  std::unique_ptr<rondo::INetworkDefinition> const network(builder->createNetworkV2(0));
  std::unique_ptr<rondo::onnx::IParser> const parser(rondo::onnx::createParser(*network, logger));
  if (parser->parse(data, size)) return 0;
  for (int32_t i = 0; i < parser->getNbErrors(); ++i) {
    if (parser->getError(i)->code() != rondo::onnx::ErrorCode::kINTERNAL_ERROR) continue;
    std::fprintf(stderr, "%s\n", parser->getError(i)->desc());
    std::abort();
  }
  return 0;
}
