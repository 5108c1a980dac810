// Which plugins there are, and in which versions.
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "plugins.h"

namespace rondo::bundled {
namespace {

/// The creators of one namespace. They live as long as the process: engines may outlive everything else.
class Creators {
 public:
  explicit Creators(std::string name_space) : namespace_(std::move(name_space)) {
    add<LayerNorm>({"1"});
    add<Gelu>({"1"});
    add<SkipLayerNorm>({"1", "2", "3", "4"});
    add<Embedding>({"1", "2", "3"});
    add<Attention>({"1", "2", "3"});
    add<FullyConnected>({"1"});
    add<InstanceNorm>({"1", "2"});
  }

  bool enter(IPluginRegistry& registry) {
    bool all = true;
    for (auto const& creator : creators_) {
      creator->setPluginNamespace(namespace_.c_str());
      const bool taken =
          registry.getCreator(creator->getPluginName(), creator->getPluginVersion(), namespace_.c_str()) != nullptr;
      if (!taken) all = registry.registerCreator(*creator, namespace_.c_str()) && all;
    }
    return all;
  }

 private:
  template <class Plugin>
  void add(std::initializer_list<char const*> versions) {
    for (char const* version : versions) creators_.push_back(std::make_unique<Creator<Plugin>>(version));
  }

  std::string namespace_;
  std::deque<std::unique_ptr<IPluginCreator>> creators_;
};

}  // namespace
}  // namespace rondo::bundled

bool initLibNvInferPlugins(void*, char const* libNamespace) noexcept {
  static auto* const mutex = new std::mutex();
  static auto* const entered = new std::map<std::string, std::unique_ptr<rondo::bundled::Creators>>();
  try {
    const std::lock_guard<std::mutex> lock(*mutex);
    if (libNamespace == nullptr) return false;
    auto& creators = (*entered)[libNamespace];
    if (creators != nullptr) return true;
    creators = std::make_unique<rondo::bundled::Creators>(libNamespace);
    return creators->enter(*getPluginRegistry());
  } catch (...) {
    return false;  // memory is out
  }
}
