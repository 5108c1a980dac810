/// Versions: Rondo's own, and the TensorRT version whose face it shows.
///
/// TensorRT programs compare getInferLibVersion with the macros of NvInferVersion.h; both say the face.
#pragma once

#include "rondo/platform.h"

/// Rondo's own version.
#define RONDO_VERSION_MAJOR 0
#define RONDO_VERSION_MINOR 1
#define RONDO_VERSION_PATCH 0

namespace rondo {

/// Returns Rondo's own version as text, for example "0.1.0".
RONDO_API char const* getRondoVersion() noexcept;

}  // namespace rondo

/// The face of the library that is linked: 1000 major + 100 minor + patch, and its parts.
extern "C" RONDO_API int32_t getInferLibVersion() noexcept;
extern "C" RONDO_API int32_t getInferLibMajorVersion() noexcept;
extern "C" RONDO_API int32_t getInferLibMinorVersion() noexcept;
extern "C" RONDO_API int32_t getInferLibPatchVersion() noexcept;
extern "C" RONDO_API int32_t getInferLibBuildVersion() noexcept;
