// The third generation serializes fields, and one method of the creator makes a plugin of a program's fields and of a
// plan's. The first may leave out what has a default. The second come from a file that may be damaged, and a default in
// place of a field whose name is spoiled would be a wrong result: a plugin of them is taken only if it writes the same
// fields again.
#include <cstring>

#include "forms.h"

namespace rondo::bundled {
namespace {

constexpr int32_t kRefused = 1;

class PluginV3 final : public IPluginV3, public IPluginV3OneCore, public IPluginV3OneBuild, public IPluginV3OneRuntime {
 public:
  PluginV3(Identity id, std::shared_ptr<Computation const> computation)
      : id_(std::move(id)), computation_(std::move(computation)) {}

  IPluginCapability* getCapabilityInterface(PluginCapabilityType type) noexcept override {
    switch (type) {
      case PluginCapabilityType::kCORE:
        return static_cast<IPluginV3OneCore*>(this);
      case PluginCapabilityType::kBUILD:
        return static_cast<IPluginV3OneBuild*>(this);
      case PluginCapabilityType::kRUNTIME:
        return static_cast<IPluginV3OneRuntime*>(this);
    }
    return nullptr;
  }
  IPluginV3* clone() noexcept override {
    return attempt(id_, nullptr, [&] { return new PluginV3(id_, computation_); });
  }

  char const* getPluginName() const noexcept override { return id_.kind.name; }
  char const* getPluginVersion() const noexcept override { return id_.version.c_str(); }
  char const* getPluginNamespace() const noexcept override { return id_.name_space.c_str(); }

  int32_t getNbOutputs() const noexcept override { return computation_->outputs(); }
  int32_t getOutputDataTypes(DataType* outputTypes, int32_t nbOutputs, DataType const* inputTypes,
                             int32_t nbInputs) const noexcept override {
    if (!computation_->fits(nbInputs, nbOutputs)) return kRefused;
    for (int32_t i = 0; i < nbOutputs; ++i) outputTypes[i] = computation_->output_type(i, inputTypes);
    return 0;
  }
  int32_t getOutputShapes(DimsExprs const* inputs, int32_t nbInputs, DimsExprs const*, int32_t, DimsExprs* outputs,
                          int32_t nbOutputs, IExprBuilder& builder) noexcept override {
    if (!has_inputs(id_, *computation_, nbInputs) || nbOutputs != computation_->outputs()) return kRefused;
    for (int32_t i = 0; i < nbOutputs; ++i) outputs[i] = computation_->output_shape(i, inputs, builder);
    return 0;
  }
  bool supportsFormatCombination(int32_t pos, DynamicPluginTensorDesc const* inOut, int32_t nbInputs,
                                 int32_t) noexcept override {
    PluginTensorDesc const& desc = inOut[pos].desc;
    return desc.format == TensorFormat::kLINEAR && computation_->accepts(pos, desc.type, inOut[0].desc.type, nbInputs);
  }
  int32_t configurePlugin(DynamicPluginTensorDesc const*, int32_t nbInputs, DynamicPluginTensorDesc const*,
                          int32_t nbOutputs) noexcept override {
    return computation_->fits(nbInputs, nbOutputs) ? 0 : kRefused;
  }

  int32_t onShapeChange(PluginTensorDesc const*, int32_t nbInputs, PluginTensorDesc const*,
                        int32_t nbOutputs) noexcept override {
    input_count_ = nbInputs;
    output_count_ = nbOutputs;
    return computation_->fits(nbInputs, nbOutputs) ? 0 : kRefused;
  }
  int32_t enqueue(PluginTensorDesc const* in, PluginTensorDesc const* out, void const* const* inputs,
                  void* const* outputs, void*, cudaStream_t) noexcept override {
    return computation_->run({in, out, input_count_, output_count_, inputs, outputs});
  }
  IPluginV3* attachToContext(IPluginResourceContext*) noexcept override { return clone(); }
  PluginFieldCollection const* getFieldsToSerialize() noexcept override {
    return attempt(id_, nullptr, [&] {
      written_.emplace();
      computation_->write(*written_);
      return written_->fields();
    });
  }

 private:
  Identity id_;
  std::shared_ptr<Computation const> computation_;
  int32_t input_count_ = 0, output_count_ = 0;
  std::optional<Writer> written_;
};

bool same(PluginField const& a, PluginField const& b) {
  if (a.name == nullptr || std::strcmp(a.name, b.name) != 0 || a.type != b.type || a.length != b.length) return false;
  constexpr size_t kBytes = 4;  // of int32 and float32, which is all that Writer has
  return b.length == 0 || std::memcmp(a.data, b.data, static_cast<size_t>(b.length) * kBytes) == 0;
}

/// BadParameter unless `fields` are what the computation writes.
void require_written_by(Computation const& computation, PluginFieldCollection const* fields) {
  Writer again;
  computation.write(again);
  PluginFieldCollection const& want = *again.fields();
  bool all = fields != nullptr && fields->nbFields == want.nbFields;
  for (int32_t i = 0; all && i < want.nbFields; ++i) all = same(fields->fields[i], want.fields[i]);
  if (!all) throw BadParameter("the parameters in the plan are damaged");
}

class CreatorV3 final : public IPluginCreatorV3One {
 public:
  CreatorV3(Identity id, int32_t stands_for) : id_(std::move(id)), stands_for_(stands_for), fields_(id_.kind) {}
  char const* getPluginName() const noexcept override { return id_.kind.name; }
  char const* getPluginVersion() const noexcept override { return id_.version.c_str(); }
  char const* getPluginNamespace() const noexcept override { return id_.name_space.c_str(); }
  PluginFieldCollection const* getFieldNames() noexcept override { return fields_.collection(); }
  IPluginV3* createPlugin(char const* name, PluginFieldCollection const* fc, TensorRTPhase phase) noexcept override {
    return attempt(id_, name, [&] {
      std::shared_ptr<Computation const> computation = id_.kind.of_fields(stands_for_, Fields(fc));
      if (phase == TensorRTPhase::kRUNTIME) require_written_by(*computation, fc);
      return new PluginV3(id_, std::move(computation));
    });
  }

 private:
  Identity id_;
  int32_t stands_for_;
  FieldList fields_;
};

}  // namespace

std::unique_ptr<IPluginCreatorInterface> make_creator_v3(Identity id, int32_t stands_for) {
  return std::make_unique<CreatorV3>(std::move(id), stands_for);
}

}  // namespace rondo::bundled
