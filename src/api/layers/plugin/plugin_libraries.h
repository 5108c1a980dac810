#pragma once

#include <vector>

#include "api/config.h"
#include "plan/program.h"

namespace rondo::api {

/// Reads the libraries of IBuilderConfig::setPluginsToSerialize.
/// Errors    kInvalidConfig naming a file that cannot be read
std::vector<plan::Library> plugin_libraries(const Config& config);

}  // namespace rondo::api
