// Which plugins there are, and in which versions.
//
// TensorRT 10 gave many of its plugins a second form, an IPluginV3, under a version of its own: same fields, same
// inputs and outputs. Which version is the form of which is told by the release notes of TensorRT's open-source part,
// and is no arithmetic: 10.2 InstanceNormalization_TRT 3; 10.4 CustomSkipLayerNorm.. 1 to 4 -> 5 to 8,
// CustomEmbLayerNorm.. 2 -> 4 and 3 -> 5, CustomQKVToContext.. 1 to 3 -> 4 to 6; 10.6 CustomEmbLayerNorm.. 1 -> 6.
// CustomGelu.. and CustomFC.. have none there, hence none here.
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "forms.h"
#include "plugins.h"

namespace rondo::bundled {
namespace {

constexpr int32_t kNone = 0;

/// A version of the second generation, and that of the third which computes the same.
struct Version {
  int32_t v2, v3 = kNone;
};

struct Offer {
  Kind kind;
  std::vector<Version> versions;
};

std::vector<Offer> offers() {
  return {
      {kind_of<LayerNorm>(), {{1}}},
      {kind_of<Gelu>(), {{1}}},
      {kind_of<SkipLayerNorm>(), {{1, 5}, {2, 6}, {3, 7}, {4, 8}}},
      {kind_of<Embedding>(), {{1, 6}, {2, 4}, {3, 5}}},
      {kind_of<Attention>(), {{1, 4}, {2, 5}, {3, 6}}},
      {kind_of<FullyConnected>(), {{1}}},
      {kind_of<InstanceNorm>(), {{1}, {2, 3}}},
  };
}

/// The creators of one namespace. They live as long as the process: engines may outlive everything else.
class Creators {
 public:
  explicit Creators(std::string name_space) : namespace_(std::move(name_space)) {}

  bool enter(IPluginRegistry& registry) {
    bool all = true;
    for (auto const& [kind, versions] : offers()) {
      for (auto const& [v2, v3] : versions) {
        all = enter(registry, kind, v2, v2, make_creator_v2) && all;
        if (v3 != kNone) all = enter(registry, kind, v3, v2, make_creator_v3) && all;
      }
    }
    return all;
  }

 private:
  template <class Make>
  bool enter(IPluginRegistry& registry, Kind const& kind, int32_t version, int32_t stands_for, Make make) {
    const Identity id{kind, std::to_string(version), namespace_};
    if (registry.getCreator(kind.name, id.version.c_str(), namespace_.c_str()) != nullptr) return true;
    creators_.push_back(make(id, stands_for));
    return registry.registerCreator(*creators_.back(), namespace_.c_str());
  }

  std::string namespace_;
  std::deque<std::unique_ptr<IPluginCreatorInterface>> creators_;
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
