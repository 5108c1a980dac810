#include "api/layers/plugin/plugin_libraries.h"

#include <filesystem>
#include <fstream>

namespace rondo::api {

std::vector<plan::Library> plugin_libraries(const Config& config) {
  std::vector<plan::Library> libraries;
  for (const std::string& path : config.settings().plugin_libraries) {
    std::ifstream file(path, std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (!file.good() && !file.eof()) {
      fail(Code::kInvalidConfig, "setPluginsToSerialize: library '", path, "' cannot be read");
    }
    if (bytes.empty()) fail(Code::kInvalidConfig, "setPluginsToSerialize: library '", path, "' is empty or not there");
    libraries.push_back({std::filesystem::path(path).filename().string(), Bytes(bytes.begin(), bytes.end())});
  }
  return libraries;
}

void Config::setPluginsToSerialize(char const* const* paths, int32_t nbPaths) noexcept {
  guarded(sink_, "IBuilderConfig::setPluginsToSerialize", [&] {
    require(nbPaths >= 0 && (nbPaths == 0 || paths != nullptr), "setPluginsToSerialize: ", nbPaths,
            " paths and no list");
    std::vector<std::string> all;
    for (int32_t i = 0; i < nbPaths; ++i) {
      require(paths[i] != nullptr, "setPluginsToSerialize: path ", i, " is null");
      all.emplace_back(paths[i]);
    }
    settings_.plugin_libraries = std::move(all);
  });
}

char const* Config::getPluginToSerialize(int32_t index) const noexcept {
  const auto& all = settings_.plugin_libraries;
  return index >= 0 && static_cast<size_t>(index) < all.size() ? all[static_cast<size_t>(index)].c_str() : nullptr;
}

}  // namespace rondo::api
