#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "rondo/plugin.h"

namespace rondo::plugin {

/// IPluginRegistry: the one of the process has no parent, those of builders and runtimes have it as theirs.
class Registry final : public IPluginRegistry {
 public:
  /// The logger, which outlives the registry, gets errors; without one they go to the recorder, or else to stderr.
  explicit Registry(IPluginRegistry* parent, ILogger* logger = nullptr);
  ~Registry() noexcept override;

  bool registerCreator(IPluginCreator& creator, AsciiChar const* const pluginNamespace) noexcept override;
  bool registerCreator(IPluginCreatorInterface& creator, AsciiChar const* const pluginNamespace) noexcept override;
  bool deregisterCreator(IPluginCreator const& creator) noexcept override;
  bool deregisterCreator(IPluginCreatorInterface const& creator) noexcept override;
  IPluginCreator* const* getPluginCreatorList(int32_t* const numCreators) const noexcept override;
  IPluginCreatorInterface* const* getAllCreators(int32_t* const numCreators) const noexcept override;
  IPluginCreatorInterface* const* getAllCreatorsRecursive(int32_t* const numCreators) noexcept override;
  IPluginCreator* getPluginCreator(AsciiChar const* const pluginName, AsciiChar const* const pluginVersion,
                                   AsciiChar const* const pluginNamespace) noexcept override;
  IPluginCreatorInterface* getCreator(AsciiChar const* const pluginName, AsciiChar const* const pluginVersion,
                                      AsciiChar const* const pluginNamespace) noexcept override;
  bool isParentSearchEnabled() const override { return parent_search_; }
  void setParentSearchEnabled(bool const enabled) override { parent_search_ = enabled; }
  PluginLibraryHandle loadLibrary(AsciiChar const* pluginPath) noexcept override;
  void deregisterLibrary(PluginLibraryHandle handle) noexcept override;
  IPluginResource* acquirePluginResource(AsciiChar const* key, IPluginResource* resource) noexcept override;
  int32_t releasePluginResource(AsciiChar const* key) noexcept override;
  void setErrorRecorder(IErrorRecorder* const recorder) noexcept override;
  IErrorRecorder* getErrorRecorder() const noexcept override { return recorder_; }

 private:
  using Key = std::tuple<std::string, std::string, std::string>;  ///< name, version, namespace
  struct Resource {
    IPluginResource* held = nullptr;
    int32_t users = 0;
  };
  struct Library;

  template <class Result, class Body>
  Result guarded(const char* where, Result failure, Body body) const noexcept;
  bool add(IPluginCreatorInterface& creator, AsciiChar const* name_space);
  void collect(Library& library, const std::vector<IPluginCreatorInterface*>& before);
  void report(ErrorCode code, const char* message) const noexcept;

  IPluginRegistry* parent_;
  ILogger* logger_;
  bool parent_search_ = true;
  IErrorRecorder* recorder_ = nullptr;
  mutable std::recursive_mutex mutex_;
  std::map<Key, IPluginCreatorInterface*> creators_;
  std::map<std::string, Resource> resources_;
  std::vector<std::unique_ptr<Library>> libraries_;
  mutable std::vector<IPluginCreator*> list_;
  mutable std::vector<IPluginCreatorInterface*> all_, recursive_;
};

/// Name, version and namespace of a creator of any generation; the older class is told from the newer by getInterfaceInfo.
bool is_v1(const IPluginCreatorInterface& creator);
bool is_v3(const IPluginCreatorInterface& creator);

}  // namespace rondo::plugin
