#include "rondo/tuning/refitter.h"

#include "NvInferVersion.h"
#include "api/running/error_sink.h"
#include "base/error.h"

namespace rondo {

IRefitter* createInferRefitter(ICudaEngine& engine, ILogger& logger) noexcept {
  const api::ErrorSink sink(&logger);
  return api::guarded(sink, "createInferRefitter", static_cast<IRefitter*>(nullptr), [&]() -> IRefitter* {
    fail(Code::kUnsupportedState, "engine '", engine.getName(),
         "' cannot be refitted: its weights were folded and packed when the plan was built; build the network again "
         "with the new "
         "weights");
  });
}

}  // namespace rondo

void* createInferRefitter_INTERNAL(void* engine, void* logger, int32_t version) noexcept {
  if (engine == nullptr || logger == nullptr || version / 1000 != NV_TENSORRT_MAJOR) return nullptr;
  return rondo::createInferRefitter(*static_cast<rondo::ICudaEngine*>(engine), *static_cast<rondo::ILogger*>(logger));
}
