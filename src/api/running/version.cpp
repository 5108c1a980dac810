#include "rondo/version.h"

#include "NvInferVersion.h"

#define RONDO_TEXT_OF(x) #x
#define RONDO_VERSION_TEXT(major, minor, patch) RONDO_TEXT_OF(major) "." RONDO_TEXT_OF(minor) "." RONDO_TEXT_OF(patch)

char const* rondo::getRondoVersion() noexcept {
  return RONDO_VERSION_TEXT(RONDO_VERSION_MAJOR, RONDO_VERSION_MINOR, RONDO_VERSION_PATCH);
}

int32_t getInferLibVersion() noexcept { return NV_TENSORRT_VERSION; }
int32_t getInferLibMajorVersion() noexcept { return NV_TENSORRT_MAJOR; }
int32_t getInferLibMinorVersion() noexcept { return NV_TENSORRT_MINOR; }
int32_t getInferLibPatchVersion() noexcept { return NV_TENSORRT_PATCH; }
int32_t getInferLibBuildVersion() noexcept { return NV_TENSORRT_BUILD; }
