/// The forms of bundled plugins, written once for all of them: IPluginV2DynamicExt and IPluginV3 around a Computation, each with
/// its creator. A form knows no plugin; what it needs of one is a Kind.
#pragma once

#include <cstdio>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "computation.h"

namespace rondo::bundled {

/// A class of computations.
struct Kind {
  char const* name;
  std::span<FieldName const> fields;
  std::shared_ptr<Computation const> (*of_fields)(int32_t version, Fields const& fields);
  std::shared_ptr<Computation const> (*of_bytes)(int32_t version, Reader& reader);
};

template <class Plugin, class From>
std::shared_ptr<Computation const> made_of(int32_t version, From& from) {
  return std::make_shared<Plugin const>(version, from);
}

template <class Plugin>
constexpr Kind kind_of() {
  return {Plugin::kType, Plugin::kFields, made_of<Plugin, Fields const>, made_of<Plugin, Reader>};
}

/// Who the plugins of a creator are.
struct Identity {
  Kind kind;
  std::string version;
  std::string name_space;
};

/// The fields that a creator lists.
class FieldList {
 public:
  explicit FieldList(Kind const& kind) {
    for (auto const& [name, type] : kind.fields) fields_.emplace_back(name, nullptr, type, 1);
    collection_ = {static_cast<int32_t>(fields_.size()), fields_.data()};
  }
  PluginFieldCollection const* collection() const { return &collection_; }

 private:
  std::vector<PluginField> fields_;
  PluginFieldCollection collection_{};
};

/// The pointer that body returns, or null and a message about `layer`: on stderr, as no logger is known to live as long as
/// the creators.
template <class Body>
auto attempt(Identity const& id, char const* layer, Body body) noexcept -> decltype(body()) {
  try {
    return body();
  } catch (std::exception const& error) {
    std::fprintf(stderr, "%s version %s '%s': %s\n", id.kind.name, id.version.c_str(), layer == nullptr ? "" : layer,
                 error.what());
    return nullptr;
  }
}

/// Whether a layer has the inputs that it needs; says so on stderr where not.
inline bool has_inputs(Identity const& id, Computation const& computation, int32_t count) noexcept {
  if (count >= computation.inputs()) return true;
  std::fprintf(stderr, "%s version %s: a layer has %d inputs; at least %d are needed\n", id.kind.name,
               id.version.c_str(), count, computation.inputs());
  return false;
}

/// Creators of one version each; what the plugins compute is that version of the second generation which `stands_for` names.
std::unique_ptr<IPluginCreatorInterface> make_creator_v2(Identity id, int32_t stands_for);
std::unique_ptr<IPluginCreatorInterface> make_creator_v3(Identity id, int32_t stands_for);

}  // namespace rondo::bundled
