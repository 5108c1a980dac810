#include <cstring>

#include "forms.h"

namespace rondo::bundled {
namespace {

class PluginV2 final : public IPluginV2DynamicExt {
 public:
  PluginV2(Identity id, std::shared_ptr<Computation const> computation)
      : id_(std::move(id)),
        computation_(std::move(computation)),
        input_count_(computation_->inputs()),
        output_count_(computation_->outputs()) {}

  char const* getPluginType() const noexcept override { return id_.kind.name; }
  char const* getPluginVersion() const noexcept override { return id_.version.c_str(); }
  int32_t getNbOutputs() const noexcept override { return computation_->outputs(); }
  DimsExprs getOutputDimensions(int32_t output, DimsExprs const* inputs, int32_t nbInputs,
                                IExprBuilder& builder) noexcept override {
    constexpr int32_t kNoRank = -1;  // refuses the layer
    if (!has_inputs(id_, *computation_, nbInputs)) return DimsExprs{kNoRank, {}};
    return computation_->output_shape(output, inputs, builder);
  }
  DataType getOutputDataType(int32_t output, DataType const* inputTypes, int32_t nbInputs) const noexcept override {
    if (nbInputs < computation_->inputs()) return DataType::kFLOAT;  // its shape refuses the layer
    return computation_->output_type(output, inputTypes);
  }
  bool supportsFormatCombination(int32_t pos, PluginTensorDesc const* inOut, int32_t nbInputs,
                                 int32_t) noexcept override {
    return inOut[pos].format == TensorFormat::kLINEAR &&
           computation_->accepts(pos, inOut[pos].type, inOut[0].type, nbInputs);
  }
  void configurePlugin(DynamicPluginTensorDesc const*, int32_t nbInputs, DynamicPluginTensorDesc const*,
                       int32_t nbOutputs) noexcept override {
    input_count_ = nbInputs;
    output_count_ = nbOutputs;
  }
  size_t getWorkspaceSize(PluginTensorDesc const*, int32_t, PluginTensorDesc const*, int32_t) const noexcept override {
    return 0;
  }
  int32_t enqueue(PluginTensorDesc const* in, PluginTensorDesc const* out, void const* const* inputs,
                  void* const* outputs, void*, cudaStream_t) noexcept override {
    return computation_->run({in, out, input_count_, output_count_, inputs, outputs});
  }
  int32_t initialize() noexcept override { return 0; }
  void terminate() noexcept override {}
  void destroy() noexcept override { delete this; }
  IPluginV2DynamicExt* clone() const noexcept override {
    return attempt(id_, nullptr, [&] { return new PluginV2(*this); });
  }
  size_t getSerializationSize() const noexcept override { return bytes().size(); }
  void serialize(void* buffer) const noexcept override {
    const std::string all = bytes();
    std::memcpy(buffer, all.data(), all.size());
  }
  void setPluginNamespace(char const* pluginNamespace) noexcept override { id_.name_space = pluginNamespace; }
  char const* getPluginNamespace() const noexcept override { return id_.name_space.c_str(); }

 private:
  PluginV2(PluginV2 const&) = default;
  std::string bytes() const {
    Writer writer;
    computation_->write(writer);
    return writer.bytes();
  }

  Identity id_;
  std::shared_ptr<Computation const> computation_;
  int32_t input_count_, output_count_;
};

class CreatorV2 final : public IPluginCreator {
 public:
  CreatorV2(Identity id, int32_t stands_for) : id_(std::move(id)), stands_for_(stands_for), fields_(id_.kind) {}
  char const* getPluginName() const noexcept override { return id_.kind.name; }
  char const* getPluginVersion() const noexcept override { return id_.version.c_str(); }
  PluginFieldCollection const* getFieldNames() noexcept override { return fields_.collection(); }
  IPluginV2* createPlugin(char const* name, PluginFieldCollection const* fc) noexcept override {
    return attempt(id_, name, [&] { return new PluginV2(id_, id_.kind.of_fields(stands_for_, Fields(fc))); });
  }
  IPluginV2* deserializePlugin(char const* name, void const* data, size_t length) noexcept override {
    return attempt(id_, name, [&] {
      Reader reader(data, length);
      return new PluginV2(id_, id_.kind.of_bytes(stands_for_, reader));
    });
  }
  void setPluginNamespace(char const* pluginNamespace) noexcept override { id_.name_space = pluginNamespace; }
  char const* getPluginNamespace() const noexcept override { return id_.name_space.c_str(); }

 private:
  Identity id_;
  int32_t stands_for_;
  FieldList fields_;
};

}  // namespace

std::unique_ptr<IPluginCreatorInterface> make_creator_v2(Identity id, int32_t stands_for) {
  return std::make_unique<CreatorV2>(std::move(id), stands_for);
}

}  // namespace rondo::bundled
