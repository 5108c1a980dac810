// reason: plugins of the third generation, one per feature that only it has.
#pragma once

#include <algorithm>

#include "test_plugins.h"

namespace rondo::test {

/// What a V3 plugin must have and these leave as it is.
class BasicV3 : public IPluginV3, public IPluginV3OneCore, public IPluginV3OneBuildV2, public IPluginV3OneRuntime {
 public:
  IPluginCapability* getCapabilityInterface(PluginCapabilityType type) noexcept override {
    if (type == PluginCapabilityType::kBUILD) return static_cast<IPluginV3OneBuild*>(this);
    if (type == PluginCapabilityType::kRUNTIME) return static_cast<IPluginV3OneRuntime*>(this);
    return static_cast<IPluginV3OneCore*>(this);
  }
  char const* getPluginVersion() const noexcept override { return "1"; }
  char const* getPluginNamespace() const noexcept override { return "tests"; }
  int32_t getNbOutputs() const noexcept override { return 1; }
  int32_t configurePlugin(DynamicPluginTensorDesc const*, int32_t, DynamicPluginTensorDesc const*,
                          int32_t) noexcept override {
    return 0;
  }
  int32_t getOutputDataTypes(DataType* out, int32_t, DataType const* in, int32_t) const noexcept override {
    out[0] = in[0];
    return 0;
  }
  bool supportsFormatCombination(int32_t pos, DynamicPluginTensorDesc const* d, int32_t, int32_t) noexcept override {
    return d[pos].desc.type == DataType::kFLOAT && d[pos].desc.format == TensorFormat::kLINEAR;
  }
  int32_t onShapeChange(PluginTensorDesc const*, int32_t, PluginTensorDesc const*, int32_t) noexcept override {
    ++witness().shape_changes;
    return 0;
  }
  int32_t setTactic(int32_t tactic) noexcept override {
    witness().tactic = tactic;
    return 0;
  }
  IPluginV3* attachToContext(IPluginResourceContext*) noexcept override { return clone(); }
  PluginFieldCollection const* getFieldsToSerialize() noexcept override { return &none_; }

 private:
  PluginFieldCollection none_{0, nullptr};
};

/// The elements of x above a threshold, in order: output 0 [n], n as a size tensor: output 1.
class Above final : public BasicV3 {
 public:
  explicit Above(float threshold) : threshold_(threshold) {}
  char const* getPluginName() const noexcept override { return "TestAbove"; }
  Above* clone() noexcept override { return new Above(threshold_); }
  int32_t getNbOutputs() const noexcept override { return 2; }
  int32_t getOutputDataTypes(DataType* out, int32_t, DataType const* in, int32_t) const noexcept override {
    out[0] = in[0];
    out[1] = DataType::kINT32;
    return 0;
  }
  int32_t getOutputShapes(DimsExprs const* in, int32_t, DimsExprs const*, int32_t, DimsExprs* out, int32_t,
                          IExprBuilder& e) noexcept override {
    IDimensionExpr const* most = in[0].d[0];
    out[0].nbDims = 1;
    out[0].d[0] = e.declareSizeTensor(1, *e.operation(DimensionOperation::kCEIL_DIV, *most, *e.constant(2)), *most);
    out[1].nbDims = 0;
    return 0;
  }
  bool supportsFormatCombination(int32_t pos, DynamicPluginTensorDesc const* d, int32_t, int32_t) noexcept override {
    return d[pos].desc.type == (pos == 2 ? DataType::kINT32 : DataType::kFLOAT);
  }
  int32_t getNbTactics() noexcept override { return 2; }
  int32_t getValidTactics(int32_t* tactics, int32_t) noexcept override {
    tactics[0] = 7;
    tactics[1] = 3;
    return 0;
  }
  int32_t enqueue(PluginTensorDesc const* d, PluginTensorDesc const* out, void const* const* inputs,
                  void* const* outputs, void*, cudaStream_t) noexcept override {
    if (out[0].dims.d[0] != -1) return 1;
    int32_t& count = *static_cast<int32_t*>(outputs[1]);
    count = 0;
    for (int64_t i = 0; i < d[0].dims.d[0]; ++i) {
      const float x = static_cast<float const*>(inputs[0])[i];
      if (x > threshold_) static_cast<float*>(outputs[0])[count++] = x;
    }
    return 0;
  }
  PluginFieldCollection const* getFieldsToSerialize() noexcept override { return &fields_; }

 private:
  float threshold_;
  PluginField field_{"threshold", &threshold_, PluginFieldType::kFLOAT32, 1};
  PluginFieldCollection fields_{1, &field_};
};

/// X [1] repeated to the shape that its shape input holds.
class Spread final : public BasicV3 {
 public:
  char const* getPluginName() const noexcept override { return "TestSpread"; }
  Spread* clone() noexcept override { return new Spread(); }
  int32_t getOutputShapes(DimsExprs const*, int32_t, DimsExprs const* shapes, int32_t count, DimsExprs* out, int32_t,
                          IExprBuilder&) noexcept override {
    if (count != 1) return 1;
    out[0] = shapes[0];
    return 0;
  }
  int32_t enqueue(PluginTensorDesc const*, PluginTensorDesc const* out, void const* const* inputs, void* const* outputs,
                  void*, cudaStream_t) noexcept override {
    std::fill_n(static_cast<float*>(outputs[0]), volume_of(out[0].dims), *static_cast<float const*>(inputs[0]));
    return 0;
  }
};

/// X[0] += 1 in place: the output is the input's memory.
class Bump final : public BasicV3 {
 public:
  char const* getPluginName() const noexcept override { return "TestBump"; }
  Bump* clone() noexcept override { return new Bump(); }
  int32_t getOutputShapes(DimsExprs const* in, int32_t, DimsExprs const*, int32_t, DimsExprs* out, int32_t,
                          IExprBuilder&) noexcept override {
    out[0] = in[0];
    return 0;
  }
  int32_t getAliasedInput(int32_t) noexcept override { return 0; }
  int32_t enqueue(PluginTensorDesc const*, PluginTensorDesc const*, void const* const* inputs, void* const* outputs,
                  void*, cudaStream_t) noexcept override {
    if (inputs[0] != outputs[0]) return 1;
    *static_cast<float*>(outputs[0]) += 1;
    return 0;
  }
};

template <class Plugin>
class CreatorV3 final : public IPluginCreatorV3One {
 public:
  explicit CreatorV3(char const* name) : name_(name) {}
  IPluginV3* createPlugin(char const*, PluginFieldCollection const* fc, TensorRTPhase phase) noexcept override {
    witness().phase = static_cast<int32_t>(phase);
    if constexpr (std::is_same_v<Plugin, Above>) {
      const bool fits = fc->nbFields == 1 && std::strcmp(fc->fields[0].name, "threshold") == 0;
      return fits ? new Above(*static_cast<float const*>(fc->fields[0].data)) : nullptr;
    } else {
      return fc->nbFields == 0 ? new Plugin() : nullptr;
    }
  }
  PluginFieldCollection const* getFieldNames() noexcept override { return &none_; }
  char const* getPluginName() const noexcept override { return name_; }
  char const* getPluginVersion() const noexcept override { return "1"; }
  char const* getPluginNamespace() const noexcept override { return "tests"; }

 private:
  char const* name_;
  PluginFieldCollection none_{0, nullptr};
};

}  // namespace rondo::test
