/// Plugins: this version knows no plugin layer, so the only call is the one that registers the library's own.
#pragma once

#include "rondo/platform.h"

/// Registers the plugins that come with Rondo under namespace libNamespace. There are none, so it succeeds: programs that
/// call it before they build or load go on unchanged, and a network or plan that needs a plugin is refused by name.
/// logger is an ILogger* or null. Threads: safe
extern "C" RONDO_API bool initLibNvInferPlugins(void* logger, char const* libNamespace) noexcept;
