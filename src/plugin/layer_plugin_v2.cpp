// The second generation at build time. IPluginV2, IPluginV2Ext and IPluginV2IOExt know shapes without the batch:
// dimension 0 of every tensor is taken off before they are asked and put on again, and all other dimensions must be
// constants.
#include <algorithm>
#include <cstring>

#include "plugin/layer_plugin.h"

namespace rondo::plugin {
namespace {

using Descs = std::span<const DynamicPluginTensorDesc>;

Dims without_batch(const Dims& dims) {
  Dims rest{dims.nbDims > 0 ? dims.nbDims - 1 : dims.nbDims, {}};
  for (int32_t i = 0; i < rest.nbDims; ++i) rest.d[i] = dims.d[i + 1];
  return rest;
}

std::vector<PluginTensorDesc> without_batch(Descs descs) {
  std::vector<PluginTensorDesc> rest;
  for (const DynamicPluginTensorDesc& d : descs) {
    rest.push_back(d.desc);
    rest.back().dims = without_batch(d.desc.dims);
  }
  return rest;
}

class V2Plugin : public LayerPlugin {
 public:
  V2Plugin(const IPluginV2& plugin, uint8_t generation)
      : plugin_(clone_of(plugin)), generation_(generation), identity_(identity_of(plugin)) {
    who_ = "plugin " + identity_.text();
    outputs_ = ask(who_, "getNbOutputs", [&] { return plugin_->getNbOutputs(); });
  }
  Identity identity() const override { return identity_; }
  int32_t outputs() const override { return outputs_; }
  IPluginV2* v2() override { return plugin_.get(); }

  std::vector<DataType> output_types(const std::vector<DataType>& inputs) const override {
    std::vector<DataType> types;
    const bool plain = class_of(*plugin_) == PluginVersion::kV2;
    for (int32_t i = 0; i < outputs(); ++i) {
      types.push_back(plain ? inputs.at(0) : ask(who_, "getOutputDataType", [&] {
        const auto& ext = static_cast<const IPluginV2Ext&>(*plugin_);
        return ext.getOutputDataType(i, inputs.data(), static_cast<int32_t>(inputs.size()));
      }));
    }
    return types;
  }

  Record record(Descs in, Descs out) override {
    const PluginV2Ptr plugin = clone_of(*plugin_);
    ask(who_, "configurePlugin", [&] { configure(*plugin, in, out); });
    Record record;
    record.identity = identity_of(*plugin);
    record.generation = generation_;
    record.data = serialized(*plugin);
    return record;
  }

 protected:
  virtual void configure(IPluginV2& plugin, Descs in, Descs out) const = 0;

  /// What the plugin writes, with a margin behind it that shows whether it writes more than it said.
  std::string serialized(const IPluginV2& plugin) const {
    constexpr size_t kMost = size_t{1} << 40, kMargin = 4096;
    constexpr char kUntouched = '\x5A';
    const size_t size = ask(who_, "getSerializationSize", [&] { return plugin.getSerializationSize(); });
    if (size > kMost) fail(Code::kInvalidArgument, who_, ": getSerializationSize gives ", size, " bytes");
    std::string bytes(size + kMargin, '\0');
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(size), bytes.end(), kUntouched);
    ask(who_, "serialize", [&] { plugin.serialize(bytes.data()); });
    if (bytes.find_first_not_of(kUntouched, size) != std::string::npos) {
      fail(Code::kInvalidArgument, who_, ": serialize wrote more than the ", size, " bytes of getSerializationSize");
    }
    bytes.resize(size);
    return bytes;
  }

  PluginV2Ptr plugin_;
  uint8_t generation_;
  Identity identity_;
  int32_t outputs_ = 0;
  std::string who_;
};

/// IPluginV2, IPluginV2Ext, IPluginV2IOExt.
class BatchPlugin final : public V2Plugin {
 public:
  using V2Plugin::V2Plugin;

  std::vector<DimsExprs> output_shapes(std::vector<DimsExprs> inputs, std::vector<DimsExprs>,
                                       IExprBuilder& builder) override {
    std::vector<Dims> rest;
    for (size_t i = 0; i < inputs.size(); ++i) rest.push_back(constant_rest(inputs[i], i));
    if (inputs.empty()) fail(Code::kInvalidArgument, who_, " has no input to take the batch from");
    std::vector<DimsExprs> shapes;
    for (int32_t i = 0; i < outputs(); ++i) {
      const Dims dims = ask(who_, "getOutputDimensions", [&] {
        return plugin_->getOutputDimensions(i, rest.data(), static_cast<int32_t>(rest.size()));
      });
      if (dims.nbDims < 0 || dims.nbDims >= Dims::MAX_DIMS) {
        fail(Code::kInvalidArgument, who_, ": getOutputDimensions gives rank ", dims.nbDims, " for output ", i);
      }
      DimsExprs shape{};
      shape.nbDims = dims.nbDims + 1;
      shape.d[0] = inputs[0].d[0];
      for (int32_t axis = 0; axis < dims.nbDims; ++axis) shape.d[axis + 1] = builder.constant(dims.d[axis]);
      shapes.push_back(shape);
    }
    return shapes;
  }

  bool supports(int32_t pos, Descs all, int32_t inputs) override {
    const PluginVersion kind = class_of(*plugin_);
    const DataType type = all[static_cast<size_t>(pos)].desc.type;
    if (kind == PluginVersion::kV2_IOEXT) {
      const std::vector<PluginTensorDesc> rest = without_batch(all);
      const auto& io = static_cast<const IPluginV2IOExt&>(*plugin_);
      const auto outputs = static_cast<int32_t>(all.size()) - inputs;
      return ask(who_, "supportsFormatCombination",
                 [&] { return io.supportsFormatCombination(pos, rest.data(), inputs, outputs); });
    }
    const bool fits = ask(who_, "supportsFormat", [&] { return plugin_->supportsFormat(type, TensorFormat::kLINEAR); });
    if (!fits) return false;
    if (kind == PluginVersion::kV2) return type == all[0].desc.type;
    if (pos < inputs) return true;
    std::vector<DataType> types;
    for (int32_t i = 0; i < inputs; ++i) types.push_back(all[static_cast<size_t>(i)].desc.type);
    return output_types(types)[static_cast<size_t>(pos - inputs)] == type;
  }

 protected:
  void configure(IPluginV2& plugin, Descs in, Descs out) const override {
    const PluginVersion kind = class_of(plugin);
    const auto inputs = static_cast<int32_t>(in.size()), outputs = static_cast<int32_t>(out.size());
    if (kind == PluginVersion::kV2_IOEXT) {
      const auto a = without_batch(in), b = without_batch(out);
      return static_cast<IPluginV2IOExt&>(plugin).configurePlugin(a.data(), inputs, b.data(), outputs);
    }
    std::vector<Dims> dims[2];
    std::vector<DataType> types[2];
    for (const bool output : {false, true}) {
      for (const DynamicPluginTensorDesc& d : output ? out : in) {
        dims[output].push_back(without_batch(d.desc.dims));
        types[output].push_back(d.desc.type);
      }
    }
    const auto batch = static_cast<int32_t>(in[0].max.d[0]);
    if (kind == PluginVersion::kV2) {
      return plugin.configureWithFormat(dims[0].data(), inputs, dims[1].data(), outputs, types[0][0],
                                        TensorFormat::kLINEAR, batch);
    }
    const std::unique_ptr<bool[]> none(new bool[in.size() + out.size()]());
    static_cast<IPluginV2Ext&>(plugin).configurePlugin(dims[0].data(), inputs, dims[1].data(), outputs, types[0].data(),
                                                       types[1].data(), none.get(), none.get(), TensorFormat::kLINEAR,
                                                       batch);
  }

 private:
  Dims constant_rest(const DimsExprs& shape, size_t input) const {
    if (shape.nbDims < 1) {
      fail(Code::kInvalidArgument, who_, ": input ", input,
           " has no batch dimension; the plugin's class counts dimension 0 as the batch (plugin C3)");
    }
    Dims rest{shape.nbDims - 1, {}};
    for (int32_t i = 0; i < rest.nbDims; ++i) {
      if (!shape.d[i + 1]->isConstant()) {
        fail(Code::kInvalidArgument, who_, ": dimension ", i + 1, " of input ", input,
             " comes at run time, which this class of plugin cannot be told; derive it from IPluginV2DynamicExt or "
             "IPluginV3 (plugin C3)");
      }
      rest.d[i] = shape.d[i + 1]->getConstantValue();
    }
    return rest;
  }
};

class DynamicPlugin final : public V2Plugin {
 public:
  using V2Plugin::V2Plugin;

  std::vector<DimsExprs> output_shapes(std::vector<DimsExprs> inputs, std::vector<DimsExprs>,
                                       IExprBuilder& builder) override {
    std::vector<DimsExprs> shapes;
    for (int32_t i = 0; i < outputs(); ++i) {
      shapes.push_back(ask(who_, "getOutputDimensions", [&] {
        return dynamic().getOutputDimensions(i, inputs.data(), static_cast<int32_t>(inputs.size()), builder);
      }));
    }
    return shapes;
  }

  bool supports(int32_t pos, Descs all, int32_t inputs) override {
    std::vector<PluginTensorDesc> descs;
    for (const DynamicPluginTensorDesc& d : all) descs.push_back(d.desc);
    return ask(who_, "supportsFormatCombination", [&] {
      return dynamic().supportsFormatCombination(pos, descs.data(), inputs, static_cast<int32_t>(all.size()) - inputs);
    });
  }

 protected:
  void configure(IPluginV2& plugin, Descs in, Descs out) const override {
    static_cast<IPluginV2DynamicExt&>(plugin).configurePlugin(in.data(), static_cast<int32_t>(in.size()), out.data(),
                                                              static_cast<int32_t>(out.size()));
  }

 private:
  IPluginV2DynamicExt& dynamic() { return static_cast<IPluginV2DynamicExt&>(*plugin_); }
};

}  // namespace

void DestroyV2::operator()(IPluginV2* plugin) const noexcept {
  try {
    plugin->destroy();
  } catch (...) {
    return;  // nothing is left that could be told of it
  }
}

PluginVersion class_of(const IPluginV2& plugin) {
  const int32_t kind = (plugin.getTensorRTVersion() >> 24) & ~kPLUGIN_VERSION_PYTHON_BIT & 0xFF;
  return static_cast<PluginVersion>(kind);
}

Identity identity_of(const IPluginV2& plugin) {
  const char *type = plugin.getPluginType(), *version = plugin.getPluginVersion();
  if (type == nullptr || version == nullptr) {
    fail(Code::kInvalidArgument,
         "a plugin has no type or no version; getPluginType and getPluginVersion must not be null");
  }
  return {type, version, name_of(plugin.getPluginNamespace())};
}

PluginV2Ptr clone_of(const IPluginV2& plugin) {
  const std::string who = "plugin " + identity_of(plugin).text();
  PluginV2Ptr clone(ask(who, "clone", [&] { return plugin.clone(); }));
  if (clone == nullptr) fail(Code::kInvalidArgument, who, " cannot be cloned: clone() returned null");
  return clone;
}

void require_zero(int32_t result, const std::string& who, const char* method) {
  if (result != 0) fail(Code::kInvalidArgument, who, ": ", method, " returned ", result);
}

std::unique_ptr<LayerPlugin> LayerPlugin::of(IPluginV2& plugin, uint8_t generation) {
  switch (class_of(plugin)) {
    case PluginVersion::kV2:
    case PluginVersion::kV2_EXT:
    case PluginVersion::kV2_IOEXT:
      return std::make_unique<BatchPlugin>(plugin, generation);
    case PluginVersion::kV2_DYNAMICEXT:
      return std::make_unique<DynamicPlugin>(plugin, generation);
    default:
      fail(Code::kInvalidArgument, "plugin ", identity_of(plugin).text(),
           " is of an unknown class: getTensorRTVersion ", "is not to be overridden");
  }
}

}  // namespace rondo::plugin
