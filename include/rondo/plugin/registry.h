/// IPluginRegistry: where creators are registered and found, and plugin libraries are loaded.
#pragma once

#include "rondo/logger.h"
#include "rondo/plugin/creator.h"

namespace rondo {

/// A table of creators by name, version and namespace.
///
/// getPluginRegistry is the one of the process. A builder and a runtime have one each whose parent is that one: what is
/// registered there is seen by their networks and engines alone, what is not found there is looked for in the parent.
/// Memory    owned by the library. Creators are referenced; those of a library loaded here end with it
/// Threads   all methods are safe together
class IPluginRegistry {
 public:
  /// What loadLibrary returns.
  using PluginLibraryHandle = void*;

  /// Registers a creator under a namespace; its name, version and namespace must be new.
  /// Errors    false: one is registered under these already, or a name is null or longer than 1023 characters
  virtual bool registerCreator(IPluginCreator& creator, AsciiChar const* const pluginNamespace) noexcept = 0;
  virtual bool registerCreator(IPluginCreatorInterface& creator, AsciiChar const* const pluginNamespace) noexcept = 0;

  /// Takes a creator out; false if it is not registered here.
  virtual bool deregisterCreator(IPluginCreator const& creator) noexcept = 0;
  virtual bool deregisterCreator(IPluginCreatorInterface const& creator) noexcept = 0;

  /// Creators of the second generation, those of the parent included while parent search is on.
  /// Memory    valid until creators are registered or taken out
  virtual IPluginCreator* const* getPluginCreatorList(int32_t* const numCreators) const noexcept = 0;

  /// Creators of all generations in this registry alone, and with those of its parents.
  virtual IPluginCreatorInterface* const* getAllCreators(int32_t* const numCreators) const noexcept = 0;
  virtual IPluginCreatorInterface* const* getAllCreatorsRecursive(int32_t* const numCreators) noexcept = 0;

  /// Finds a creator; null if there is none, of the second generation for getPluginCreator.
  virtual IPluginCreator* getPluginCreator(AsciiChar const* const pluginName, AsciiChar const* const pluginVersion,
                                           AsciiChar const* const pluginNamespace = "") noexcept = 0;
  virtual IPluginCreatorInterface* getCreator(AsciiChar const* const pluginName, AsciiChar const* const pluginVersion,
                                              AsciiChar const* const pluginNamespace = "") noexcept = 0;

  /// Whether the parent is searched too; true at first. The registry of the process has no parent.
  virtual bool isParentSearchEnabled() const = 0;
  virtual void setParentSearchEnabled(bool const enabled) = 0;

  /// Loads a shared library and registers its creators here: those that its function
  /// `extern "C" IPluginCreatorInterface* const* getCreators(int32_t& nbCreators)` (or, older, `getPluginCreators` with
  /// IPluginCreator) returns, and those that REGISTER_TENSORRT_PLUGIN brings, in the registry of the process.
  /// Errors    null with the loader's message: no such library, or one with neither
  virtual PluginLibraryHandle loadLibrary(AsciiChar const* pluginPath) noexcept = 0;

  /// Takes out the creators that a library brought and unloads it; nothing made by them may be left.
  virtual void deregisterLibrary(PluginLibraryHandle handle) noexcept = 0;

  /// Returns the resource kept under a key, counting its users; the first call clones `resource` and keeps the clone.
  /// Errors    null if a name or resource is null, or cloning fails
  virtual IPluginResource* acquirePluginResource(AsciiChar const* key, IPluginResource* resource) noexcept = 0;

  /// Gives up one use; the last frees the resource. 0, or -1 for a key that nobody holds, or what release() returned.
  virtual int32_t releasePluginResource(AsciiChar const* key) noexcept = 0;

  /// Receives errors of these calls; null to detach.
  virtual void setErrorRecorder(IErrorRecorder* const recorder) noexcept = 0;
  virtual IErrorRecorder* getErrorRecorder() const noexcept = 0;

 protected:
  IPluginRegistry() = default;
  virtual ~IPluginRegistry() noexcept = default;
};

}  // namespace rondo

/// The registry of the process.
extern "C" RONDO_API rondo::IPluginRegistry* getPluginRegistry() noexcept;

namespace rondo {

/// The same for kSTANDARD; null for capabilities that Rondo does not build for.
RONDO_API IPluginRegistry* getBuilderPluginRegistry(EngineCapability capability) noexcept;

/// Registers a creator of type T in the registry of the process for as long as the object lives.
template <typename T>
class PluginRegistrar {
 public:
  PluginRegistrar() { getPluginRegistry()->registerCreator(instance, ""); }

 private:
  T instance{};
};

}  // namespace rondo

/// Put at namespace scope of a .cpp file: registers creator class `name` when the program or library starts.
#define REGISTER_TENSORRT_PLUGIN(name) \
  static ::rondo::PluginRegistrar<name> pluginRegistrar##name {}
