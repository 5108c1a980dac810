/// Plugins: layers that a program implements itself. This header brings in all of their API.
///
/// In short: derive from IPluginV2DynamicExt or IPluginV3, write a creator, register it with REGISTER_TENSORRT_PLUGIN, and add
/// layers with INetworkDefinition::addPluginV2 or addPluginV3. A plan names the plugins that it needs; loading it finds
/// their creators in the registry. docs/plugins.md is the guide.
#pragma once

#include "rondo/layers/plugin.h"
#include "rondo/plugin/registry.h"

/// Registers the plugins that come with Rondo (library rondo_plugins) under namespace libNamespace; once per namespace, later
/// calls do nothing. A creator that has one of their names already stays. logger is an ILogger* or null; false if libNamespace is null.
/// Threads: safe
extern "C" RONDO_API bool initLibNvInferPlugins(void* logger, char const* libNamespace) noexcept;
