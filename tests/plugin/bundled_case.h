#pragma once

#include "plugin_case.h"

namespace rondo::test {

inline PluginField field(const char* name, const Values& values) {
  return {name, values.data(), PluginFieldType::kFLOAT32, static_cast<int32_t>(values.size())};
}
inline PluginField field(const char* name, const int32_t& value) { return {name, &value, PluginFieldType::kINT32, 1}; }

inline PluginFieldCollection collection_of(const std::vector<PluginField>& fields) {
  return {static_cast<int32_t>(fields.size()), fields.data()};
}

inline Array ints(std::vector<int64_t> dims, const std::vector<int32_t>& values) {
  return array_of(DataType::kINT32, std::move(dims), values);
}

/// A bundled plugin of these fields; ended with the object.
struct Made {
  Made(const char* name, const char* version, const std::vector<PluginField>& fields) {
    initLibNvInferPlugins(nullptr, "");
    const PluginFieldCollection all = collection_of(fields);
    IPluginCreator* creator = getPluginRegistry()->getPluginCreator(name, version);
    if (creator != nullptr) plugin = creator->createPlugin(name, &all);
  }
  ~Made() {
    if (plugin != nullptr) plugin->destroy();
  }
  IPluginV2* plugin = nullptr;
};

/// The creator of a bundled plugin of the third generation, or null.
inline IPluginCreatorV3One* creator_v3(const char* name, const char* version, const char* name_space = "") {
  initLibNvInferPlugins(nullptr, name_space);
  IPluginCreatorInterface* creator = getPluginRegistry()->getCreator(name, version, name_space);
  const bool third = creator != nullptr && std::strcmp(creator->getInterfaceInfo().kind, "PLUGIN CREATOR_V3ONE") == 0;
  return third ? static_cast<IPluginCreatorV3One*>(creator) : nullptr;
}

/// Such a plugin, or null.
inline std::unique_ptr<IPluginV3> made_v3(const char* name, const char* version, const std::vector<PluginField>& fields,
                                          TensorRTPhase phase = TensorRTPhase::kBUILD) {
  IPluginCreatorV3One* creator = creator_v3(name, version);
  const PluginFieldCollection all = collection_of(fields);
  return std::unique_ptr<IPluginV3>(creator == nullptr ? nullptr : creator->createPlugin(name, &all, phase));
}

template <class Capability>
Capability& capability(IPluginV3& plugin, PluginCapabilityType type) {
  return *static_cast<Capability*>(plugin.getCapabilityInterface(type));
}

/// Tables of 10 words, 2 types and 6 positions, 8 wide.
struct Tables {
  explicit Tables(Random& r)
      : beta(r.floats(8)), gamma(r.floats(8)), word(r.floats(80)), type(r.floats(16)), position(r.floats(48)) {}
  std::vector<PluginField> fields() const {
    return {field("bert_embeddings_layernorm_beta", beta), field("bert_embeddings_layernorm_gamma", gamma),
            field("bert_embeddings_word_embeddings", word), field("bert_embeddings_token_type_embeddings", type),
            field("bert_embeddings_position_embeddings", position)};
  }
  void add(int32_t token, int32_t segment, size_t at, std::vector<double>* to) const {
    for (size_t i = 0; i < 8; ++i) {
      to->push_back(static_cast<double>(word[static_cast<size_t>(token) * 8 + i]) +
                    type[static_cast<size_t>(segment) * 8 + i] + position[at * 8 + i]);
    }
  }
  Values beta, gamma, word, type, position;
};

}  // namespace rondo::test
