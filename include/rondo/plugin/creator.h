/// Creators: what a plugin library registers, and what makes plugins for networks and for plans.
///
/// Methods of IPluginCreator carry no `noexcept`, so that overriders with and without it compile; they must not throw.
#pragma once

#include "rondo/plugin/v2.h"  // IPluginV2 and what derives from it
#include "rondo/plugin/v3.h"  // IPluginV3 and its capabilities

namespace rondo {

/// Base of all creators. getInterfaceInfo tells which class it is: "PLUGIN CREATOR_V1" or "PLUGIN CREATOR_V3ONE".
class IPluginCreatorInterface : public IVersionedInterface {
 public:
  ~IPluginCreatorInterface() noexcept override = default;

 protected:
  IPluginCreatorInterface() = default;
  IPluginCreatorInterface(IPluginCreatorInterface const&) = default;
  IPluginCreatorInterface(IPluginCreatorInterface&&) = default;
  IPluginCreatorInterface& operator=(IPluginCreatorInterface const&) & = default;
  IPluginCreatorInterface& operator=(IPluginCreatorInterface&&) & = default;
};

/// Creator of plugins of the second generation.
/// Memory    outlives its registration, and every network and engine with a plugin of it
/// Threads   all methods are called from any thread
class IPluginCreator : public IPluginCreatorInterface {
 public:
  /// The library it was compiled with. Not to be overridden.
  virtual int32_t getTensorRTVersion() const { return kFACE_VERSION; }

  InterfaceInfo getInterfaceInfo() const noexcept override { return {"PLUGIN CREATOR_V1", 1, 0}; }

  /// Name and version, by which it is found.
  virtual AsciiChar const* getPluginName() const = 0;
  virtual AsciiChar const* getPluginVersion() const = 0;

  /// The fields that createPlugin takes: names, types and lengths; data is null.
  virtual PluginFieldCollection const* getFieldNames() = 0;

  /// Makes a plugin for layer `name`; null if the fields do not fit. The caller ends it with destroy().
  virtual IPluginV2* createPlugin(AsciiChar const* name, PluginFieldCollection const* fc) = 0;

  /// Makes a plugin of what IPluginV2::serialize wrote; null if the bytes do not fit: they come from a file.
  virtual IPluginV2* deserializePlugin(AsciiChar const* name, void const* serialData, size_t serialLength) = 0;

  /// Namespace of its plugins.
  virtual void setPluginNamespace(AsciiChar const* pluginNamespace) = 0;
  virtual AsciiChar const* getPluginNamespace() const = 0;

  IPluginCreator() = default;
  ~IPluginCreator() noexcept override = default;

 protected:
  IPluginCreator(IPluginCreator const&) = default;
  IPluginCreator(IPluginCreator&&) = default;
  IPluginCreator& operator=(IPluginCreator const&) & = default;
  IPluginCreator& operator=(IPluginCreator&&) & = default;
};

/// Creator of plugins of the third generation.
/// Memory    outlives its registration, and every network and engine with a plugin of it
/// Threads   all methods are called from any thread
class IPluginCreatorV3One : public IPluginCreatorInterface {
 public:
  InterfaceInfo getInterfaceInfo() const noexcept override { return {"PLUGIN CREATOR_V3ONE", 1, 0}; }

  /// Makes a plugin for layer `name`, of the fields of a program (kBUILD) or of a plan (kRUNTIME, where they come from a
  /// file); null if they do not fit. The caller ends it with delete.
  virtual IPluginV3* createPlugin(AsciiChar const* name, PluginFieldCollection const* fc,
                                  TensorRTPhase phase) noexcept = 0;

  /// The fields that createPlugin takes: names, types and lengths; data is null.
  virtual PluginFieldCollection const* getFieldNames() noexcept = 0;

  /// Name, version and namespace, by which it is found.
  virtual AsciiChar const* getPluginName() const noexcept = 0;
  virtual AsciiChar const* getPluginVersion() const noexcept = 0;
  virtual AsciiChar const* getPluginNamespace() const noexcept = 0;

  IPluginCreatorV3One() = default;
  ~IPluginCreatorV3One() noexcept override = default;

 protected:
  IPluginCreatorV3One(IPluginCreatorV3One const&) = default;
  IPluginCreatorV3One(IPluginCreatorV3One&&) = default;
  IPluginCreatorV3One& operator=(IPluginCreatorV3One const&) & = default;
  IPluginCreatorV3One& operator=(IPluginCreatorV3One&&) & = default;
};

/// The names under which later versions of TensorRT nest these classes.
namespace v_1_0 {
using rondo::IPluginCreator;           // second generation
using rondo::IPluginCreatorInterface;  // all generations
using rondo::IPluginCreatorV3One;      // third generation
}  // namespace v_1_0

}  // namespace rondo
