#pragma once

#include <cstdint>
#include <vector>

#include "api/config.h"
#include "api/network/network.h"
#include "base/bulk_memory.h"

namespace rondo::api {

/// Compiles a network into the bytes of a plan. threads is the largest team the builder may plan for.
/// Errors    Error for what breaks a rule of the network or the settings, InternalError for a bug of ours
Bytes build_plan(const Network& network, const Config& config, int32_t threads);

/// The checks of a build without the compilation.
void check_network(const Network& network, const Config& config);

}  // namespace rondo::api
