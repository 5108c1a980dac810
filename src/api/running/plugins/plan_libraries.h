#pragma once

#include "api/running/plugins/plugin_set.h"

namespace rondo::api {

/// Loads a library that a plan brings, from memory or through a file that is gone when the call returns.
/// Requires  the application's permission: the caller has checked it
/// Errors    kFailedInitialization naming the library
void load_library(const plan::Library& library, const PluginPolicy& policy);

}  // namespace rondo::api
