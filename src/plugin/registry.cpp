// Creators by (name, version, namespace), and the libraries they come from.
//
// A library brings creators in two ways: it exports a function that lists them, or its static objects register in the
// registry of the process while it is being loaded. The second way is seen by comparing that registry before and after.
// A library is unloaded only after all its creators are out.
#include "plugin/registry.h"

#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>

#include "base/error.h"
#include "plugin/record.h"

namespace rondo::plugin {
namespace {

constexpr size_t kMaxName = 1023;

using ListCreators = IPluginCreatorInterface* const* (*)(int32_t&);
using ListOldCreators = IPluginCreator* const* (*)(int32_t&);

/// Static registration runs inside dlopen, so one load at a time tells whose creators are new.
std::recursive_mutex& loading() {
  static std::recursive_mutex mutex;
  return mutex;
}

bool has_kind(const IPluginCreatorInterface& creator, const char* kind) {
  const char* own = creator.getInterfaceInfo().kind;
  return own != nullptr && std::strcmp(own, kind) == 0;
}

std::vector<IPluginCreatorInterface*> creators_of(const IPluginRegistry& registry) {
  int32_t count = 0;
  IPluginCreatorInterface* const* list = registry.getAllCreators(&count);
  return {list, list + count};
}

/// A static creator of a library that was in the process before.
bool lives_in(void* library, const IPluginCreatorInterface* creator) {
  Dl_info info;
  link_map* map = nullptr;
  return dladdr(creator, &info) != 0 && dlinfo(library, RTLD_DI_LINKMAP, &map) == 0 &&
         info.dli_fbase == reinterpret_cast<void*>(map->l_addr);
}

template <class Creator>
std::pair<std::string, std::string> names_of(const Creator& creator) {
  const char *name = creator.getPluginName(), *version = creator.getPluginVersion();
  if (name == nullptr || version == nullptr) fail(Code::kInvalidArgument, "a plugin creator has no name or no version");
  return {name, version};
}

}  // namespace

bool is_v1(const IPluginCreatorInterface& creator) { return has_kind(creator, "PLUGIN CREATOR_V1"); }
bool is_v3(const IPluginCreatorInterface& creator) { return has_kind(creator, "PLUGIN CREATOR_V3ONE"); }

struct Registry::Library {
  std::string path;
  void* handle = nullptr;
  std::vector<IPluginCreatorInterface*> own;      ///< registered here
  std::vector<IPluginCreatorInterface*> process;  ///< registered by its static objects
  ~Library() {
    if (handle != nullptr) dlclose(handle);
  }
};

Registry::Registry(IPluginRegistry* parent, ILogger* logger) : parent_(parent), logger_(logger) {}

Registry::~Registry() {
  for (auto& [key, resource] : resources_) {
    (void)key;
    resource.held->release();
    delete resource.held;
  }
  while (!libraries_.empty()) deregisterLibrary(libraries_.back().get());
  if (recorder_ != nullptr) recorder_->decRefCount();
}

void Registry::report(ErrorCode code, const char* message) const noexcept {
  try {
    if (logger_ != nullptr) logger_->log(ILogger::Severity::kERROR, message);
    if (recorder_ != nullptr) recorder_->reportError(code, message);
    if (logger_ == nullptr && recorder_ == nullptr) std::fprintf(stderr, "rondo plugin registry: %s\n", message);
  } catch (...) {
    return;  // the user's callbacks must not throw; what they throw has nowhere to go
  }
}

template <class Result, class Body>
Result Registry::guarded(const char* where, Result failure, Body body) const noexcept {
  try {
    const std::lock_guard<std::recursive_mutex> lock(mutex_);
    return body();
  } catch (const Error& error) {
    report(static_cast<ErrorCode>(error.code()), error.what());
  } catch (const std::exception& error) {
    report(ErrorCode::kINVALID_ARGUMENT, text(where, ": ", error.what()).c_str());
  } catch (...) {
    report(ErrorCode::kINVALID_ARGUMENT, where);
  }
  return failure;
}

bool Registry::add(IPluginCreatorInterface& creator, AsciiChar const* name_space) {
  if (name_space == nullptr) fail(Code::kInvalidArgument, "registerCreator: the namespace is null; give \"\" for none");
  std::pair<std::string, std::string> names;
  if (is_v1(creator)) {
    names = names_of(static_cast<const IPluginCreator&>(creator));
  } else if (is_v3(creator)) {
    names = names_of(static_cast<const IPluginCreatorV3One&>(creator));
  } else {
    fail(Code::kInvalidArgument, "registerCreator: a creator is neither an IPluginCreator nor an IPluginCreatorV3One");
  }
  const Identity identity{names.first, names.second, name_space};
  const size_t longest = std::max({names.first.size(), names.second.size(), identity.name_space.size()});
  if (longest > kMaxName) {
    fail(Code::kInvalidArgument, "registerCreator: a name of ", longest, " characters; ", kMaxName, " are allowed");
  }
  const bool is_new = creators_.emplace(Key{names.first, names.second, name_space}, &creator).second;
  if (!is_new) {
    fail(Code::kInvalidArgument, "registerCreator: a creator of ", identity.text(),
         " is registered already; give one of them another version or namespace");
  }
  return true;
}

bool Registry::registerCreator(IPluginCreator& creator, AsciiChar const* const pluginNamespace) noexcept {
  return registerCreator(static_cast<IPluginCreatorInterface&>(creator), pluginNamespace);
}

bool Registry::registerCreator(IPluginCreatorInterface& creator, AsciiChar const* const pluginNamespace) noexcept {
  return guarded("registerCreator", false, [&] { return add(creator, pluginNamespace); });
}

bool Registry::deregisterCreator(IPluginCreator const& creator) noexcept {
  return deregisterCreator(static_cast<IPluginCreatorInterface const&>(creator));
}

bool Registry::deregisterCreator(IPluginCreatorInterface const& creator) noexcept {
  return guarded("deregisterCreator", false, [&] {
    bool found = false;
    for (auto i = creators_.begin(); i != creators_.end();) {
      const bool same = i->second == &creator;
      found = found || same;
      i = same ? creators_.erase(i) : std::next(i);
    }
    return found;
  });
}

IPluginCreatorInterface* const* Registry::getAllCreators(int32_t* const numCreators) const noexcept {
  const auto list = [&]() -> IPluginCreatorInterface* const* {
    all_.clear();
    for (const auto& [key, creator] : creators_) {
      (void)key;
      all_.push_back(creator);
    }
    if (numCreators != nullptr) *numCreators = static_cast<int32_t>(all_.size());
    return all_.data();
  };
  return guarded<IPluginCreatorInterface* const*>("getAllCreators", nullptr, list);
}

IPluginCreatorInterface* const* Registry::getAllCreatorsRecursive(int32_t* const numCreators) noexcept {
  const auto list = [&]() -> IPluginCreatorInterface* const* {
    int32_t count = 0;
    IPluginCreatorInterface* const* own = getAllCreators(&count);
    recursive_.assign(own, own + count);
    if (parent_ != nullptr && parent_search_) {
      IPluginCreatorInterface* const* above = parent_->getAllCreatorsRecursive(&count);
      recursive_.insert(recursive_.end(), above, above + count);
    }
    if (numCreators != nullptr) *numCreators = static_cast<int32_t>(recursive_.size());
    return recursive_.data();
  };
  return guarded<IPluginCreatorInterface* const*>("getAllCreatorsRecursive", nullptr, list);
}

IPluginCreator* const* Registry::getPluginCreatorList(int32_t* const numCreators) const noexcept {
  const auto list = [&]() -> IPluginCreator* const* {
    list_.clear();
    int32_t count = 0;
    IPluginCreatorInterface* const* all = const_cast<Registry*>(this)->getAllCreatorsRecursive(&count);
    for (int32_t i = 0; i < count; ++i) {
      if (is_v1(*all[i])) list_.push_back(static_cast<IPluginCreator*>(all[i]));
    }
    if (numCreators != nullptr) *numCreators = static_cast<int32_t>(list_.size());
    return list_.data();
  };
  return guarded<IPluginCreator* const*>("getPluginCreatorList", nullptr, list);
}

IPluginCreatorInterface* Registry::getCreator(AsciiChar const* const pluginName, AsciiChar const* const pluginVersion,
                                              AsciiChar const* const pluginNamespace) noexcept {
  return guarded<IPluginCreatorInterface*>("getCreator", nullptr, [&]() -> IPluginCreatorInterface* {
    if (pluginName == nullptr || pluginVersion == nullptr) return nullptr;
    const auto found = creators_.find(Key{pluginName, pluginVersion, name_of(pluginNamespace)});
    if (found != creators_.end()) return found->second;
    const bool above = parent_ != nullptr && parent_search_;
    return above ? parent_->getCreator(pluginName, pluginVersion, name_of(pluginNamespace).c_str()) : nullptr;
  });
}

IPluginCreator* Registry::getPluginCreator(AsciiChar const* const pluginName, AsciiChar const* const pluginVersion,
                                           AsciiChar const* const pluginNamespace) noexcept {
  IPluginCreatorInterface* creator = getCreator(pluginName, pluginVersion, pluginNamespace);
  return creator != nullptr && is_v1(*creator) ? static_cast<IPluginCreator*>(creator) : nullptr;
}

void Registry::collect(Library& library, const std::vector<IPluginCreatorInterface*>& before) {
  for (IPluginCreatorInterface* creator : creators_of(*::getPluginRegistry())) {
    if (std::find(before.begin(), before.end(), creator) == before.end()) library.process.push_back(creator);
  }
  const auto take = [&](IPluginCreatorInterface* creator) {
    const bool known = creator == nullptr ||
                       std::find(library.process.begin(), library.process.end(), creator) != library.process.end();
    if (known) return;
    const char* space = is_v1(*creator)   ? static_cast<IPluginCreator*>(creator)->getPluginNamespace()
                        : is_v3(*creator) ? static_cast<IPluginCreatorV3One*>(creator)->getPluginNamespace()
                                          : "";
    add(*creator, name_of(space).c_str());
    library.own.push_back(creator);
  };
  int32_t count = 0;
  if (void* list = dlsym(library.handle, "getCreators")) {
    IPluginCreatorInterface* const* creators = reinterpret_cast<ListCreators>(list)(count);
    for (int32_t i = 0; i < count && creators != nullptr; ++i) take(creators[i]);
  } else if (void* old = dlsym(library.handle, "getPluginCreators")) {
    IPluginCreator* const* creators = reinterpret_cast<ListOldCreators>(old)(count);
    for (int32_t i = 0; i < count && creators != nullptr; ++i) take(creators[i]);
  } else if (library.process.empty() && std::none_of(before.begin(), before.end(), [&](const auto* creator) {
               return lives_in(library.handle, creator);
             })) {
    fail(Code::kInvalidArgument, "loadLibrary: '", library.path,
         "' brings no plugins: it neither exports getCreators nor registers by REGISTER_TENSORRT_PLUGIN");
  }
}

IPluginRegistry::PluginLibraryHandle Registry::loadLibrary(AsciiChar const* pluginPath) noexcept {
  const std::lock_guard<std::recursive_mutex> one(loading());
  return guarded<PluginLibraryHandle>("loadLibrary", nullptr, [&]() -> PluginLibraryHandle {
    if (pluginPath == nullptr) fail(Code::kInvalidArgument, "loadLibrary: the path is null");
    const std::vector<IPluginCreatorInterface*> before = creators_of(*::getPluginRegistry());
    auto library = std::make_unique<Library>();
    library->path = pluginPath;
    library->handle = dlopen(pluginPath, RTLD_NOW | RTLD_LOCAL);
    if (library->handle == nullptr) {
      const char* why = dlerror();
      fail(Code::kInvalidArgument, "loadLibrary: ", why == nullptr ? "unknown error" : why);
    }
    const auto same = [&](const auto& other) { return other->handle == library->handle; };
    const auto loaded = std::find_if(libraries_.begin(), libraries_.end(), same);
    if (loaded != libraries_.end()) return loaded->get();
    libraries_.push_back(std::move(library));
    PluginLibraryHandle handle = libraries_.back().get();
    try {
      collect(*libraries_.back(), before);
    } catch (...) {
      deregisterLibrary(handle);
      throw;
    }
    return handle;
  });
}

void Registry::deregisterLibrary(PluginLibraryHandle handle) noexcept {
  const std::lock_guard<std::recursive_mutex> one(loading());
  guarded("deregisterLibrary", false, [&] {
    const auto found =
        std::find_if(libraries_.begin(), libraries_.end(), [&](const auto& l) { return l.get() == handle; });
    if (found == libraries_.end()) fail(Code::kInvalidArgument, "deregisterLibrary: no library has this handle");
    const std::unique_ptr<Library> library = std::move(*found);
    libraries_.erase(found);
    for (IPluginCreatorInterface* creator : library->own) deregisterCreator(*creator);
    for (IPluginCreatorInterface* creator : library->process) ::getPluginRegistry()->deregisterCreator(*creator);
    return true;
  });
}

IPluginResource* Registry::acquirePluginResource(AsciiChar const* key, IPluginResource* resource) noexcept {
  return guarded<IPluginResource*>("acquirePluginResource", nullptr, [&]() -> IPluginResource* {
    if (key == nullptr || resource == nullptr) {
      fail(Code::kInvalidArgument, "acquirePluginResource: the ", key == nullptr ? "key" : "resource", " is null");
    }
    Resource& entry = resources_[key];
    if (entry.held == nullptr) entry.held = resource->clone();
    if (entry.held == nullptr) {
      resources_.erase(key);
      fail(Code::kFailedAllocation, "acquirePluginResource: resource '", key, "' cannot be cloned");
    }
    ++entry.users;
    return entry.held;
  });
}

int32_t Registry::releasePluginResource(AsciiChar const* key) noexcept {
  return guarded<int32_t>("releasePluginResource", -1, [&] {
    const auto found = key == nullptr ? resources_.end() : resources_.find(key);
    if (found == resources_.end()) {
      fail(Code::kInvalidArgument, "releasePluginResource: nobody holds '", name_of(key), "'");
    }
    if (--found->second.users > 0) return 0;
    IPluginResource* held = found->second.held;
    resources_.erase(found);
    const int32_t result = held->release();
    delete held;
    return result;
  });
}

void Registry::setErrorRecorder(IErrorRecorder* const recorder) noexcept {
  if (recorder != nullptr) recorder->incRefCount();
  if (recorder_ != nullptr) recorder_->decRefCount();
  recorder_ = recorder;
}

}  // namespace rondo::plugin

// One registry per process, though several libraries in it may contain this file (a program's, a plugin library's,
// Python's extension): the member of an exported template is a unique symbol, which the dynamic linker joins however
// they were loaded. The number is that of the interface, so that versions that would misunderstand each other stay
// apart. It is never destroyed: static objects of plugin libraries may outlive any order we choose.
template <int kInterface>
struct __attribute__((visibility("default"))) RondoProcessRegistry {
  static std::atomic<rondo::IPluginRegistry*> instance;
};
template <int kInterface>
std::atomic<rondo::IPluginRegistry*> RondoProcessRegistry<kInterface>::instance{nullptr};

rondo::IPluginRegistry* getPluginRegistry() noexcept {
  std::atomic<rondo::IPluginRegistry*>& instance = RondoProcessRegistry<1>::instance;
  rondo::IPluginRegistry* registry = instance.load(std::memory_order_acquire);
  if (registry != nullptr) return registry;
  auto* made = new rondo::plugin::Registry(nullptr);
  if (instance.compare_exchange_strong(registry, made, std::memory_order_acq_rel)) return made;
  delete made;
  return registry;
}

rondo::IPluginRegistry* rondo::getBuilderPluginRegistry(EngineCapability capability) noexcept {
  return capability == EngineCapability::kSTANDARD ? ::getPluginRegistry() : nullptr;
}
