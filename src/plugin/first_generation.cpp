#include "plugin/first_generation.h"

#include <cstring>

namespace rondo::plugin {

bool FirstGeneration::supportsFormat(DataType type, PluginFormat format) const {
  return ext_ != nullptr ? ext_->supportsFormat(type, format)
                         : type == DataType::kFLOAT && format == PluginFormat::kLINEAR;
}

void FirstGeneration::configureWithFormat(Dims const* inputs, int32_t input_count, Dims const* outputs,
                                          int32_t output_count, DataType type, PluginFormat format, int32_t batch) {
  if (ext_ != nullptr) {
    ext_->configureWithFormat(inputs, input_count, outputs, output_count, type, format, batch);
  } else {
    plugin_.configure(inputs, input_count, outputs, output_count, batch);
  }
}

// Bytes in the plan: length of the layer's name as u32, the name, what the plugin wrote.

size_t FirstGeneration::getSerializationSize() const {
  return sizeof(uint32_t) + layer_.size() + plugin_.getSerializationSize();
}

void FirstGeneration::serialize(void* buffer) const {
  auto* to = static_cast<char*>(buffer);
  const auto length = static_cast<uint32_t>(layer_.size());
  std::memcpy(to, &length, sizeof length);
  std::memcpy(to + sizeof length, layer_.data(), length);
  plugin_.serialize(to + sizeof length + length);
}

FirstGeneration* FirstGeneration::load(const Record& record, IPluginFactory* factory) {
  uint32_t length = 0;
  const std::string& bytes = record.data;
  if (bytes.size() >= sizeof length) std::memcpy(&length, bytes.data(), sizeof length);
  if (bytes.size() < sizeof length || bytes.size() - sizeof length < length) {
    fail(Code::kFailedInitialization, "plugin ", record.identity.text(),
         ": its bytes in the plan are damaged; build the plan again");
  }
  const std::string layer = bytes.substr(sizeof length, length);
  const std::string who = "plugin of layer '" + layer + "'";
  if (factory == nullptr) {
    fail(Code::kFailedInitialization, "the plan needs the ", who,
         ", an IPlugin, which no creator can make; give an IPluginFactory to IRuntime::deserializeCudaEngine");
  }
  const char* data = bytes.data() + sizeof length + length;
  const size_t size = bytes.size() - sizeof length - length;
  IPlugin* plugin = ask(who, "createPlugin", [&] { return factory->createPlugin(layer.c_str(), data, size); });
  if (plugin == nullptr) {
    fail(Code::kFailedInitialization, who,
         ": IPluginFactory::createPlugin returned null; it does not know the layer, or "
         "does not accept what the plan holds");
  }
  auto* loaded = new FirstGeneration(*plugin);
  loaded->set_layer(layer);
  return loaded;
}

}  // namespace rondo::plugin
