// reason: one plugin of each class, as small as a plugin can be, for all tests of this folder.
#pragma once

#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "end_to_end/network_case.h"
#include "rondo/plugin.h"

namespace rondo::test {

inline int64_t volume_of(const Dims& dims) {
  int64_t product = 1;
  for (int32_t i = 0; i < dims.nbDims; ++i) product *= dims.d[i];
  return product;
}

/// What the plugins of a test saw, and how they are to behave.
struct Witness {
  int enqueued = 0, initialized = 0, terminated = 0, alive = 0, shape_changes = 0, tactic = -1;
  int32_t batch = 0, status = 0, phase = -1;  ///< phase: of the last CreatorV3::createPlugin
  bool throws = false, refuses = false;
  DataType type = DataType::kFLOAT;  ///< the only float that Scale accepts
  void* stream = nullptr;
  std::vector<int64_t> dims;  ///< of input 0 at the last enqueue
};
inline Witness& witness() {
  static Witness state;
  return state;
}

/// Y = factor x, for f32 and f16 (where it multiplies by 2 only, in the exponent). IPluginV2DynamicExt.
class Scale final : public IPluginV2DynamicExt {
 public:
  explicit Scale(float factor) : factor_(factor) { ++witness().alive; }
  Scale(const Scale& other) : IPluginV2DynamicExt(other), factor_(other.factor_) { ++witness().alive; }
  ~Scale() noexcept override { --witness().alive; }

  char const* getPluginType() const noexcept override { return "TestScale"; }
  char const* getPluginVersion() const noexcept override { return "1"; }
  int32_t getNbOutputs() const noexcept override { return 1; }
  DimsExprs getOutputDimensions(int32_t, DimsExprs const* in, int32_t, IExprBuilder&) noexcept override {
    return in[0];
  }
  DataType getOutputDataType(int32_t, DataType const* types, int32_t) const noexcept override { return types[0]; }
  bool supportsFormatCombination(int32_t pos, PluginTensorDesc const* d, int32_t, int32_t) noexcept override {
    return d[pos].type == witness().type && d[pos].format == TensorFormat::kLINEAR;
  }
  void configurePlugin(DynamicPluginTensorDesc const*, int32_t, DynamicPluginTensorDesc const*,
                       int32_t) noexcept override {
    ++witness().shape_changes;
  }
  size_t getWorkspaceSize(PluginTensorDesc const* d, int32_t, PluginTensorDesc const*,
                          int32_t) const noexcept override {
    return static_cast<size_t>(volume_of(d[0].dims)) * 4;
  }
  int32_t enqueue(PluginTensorDesc const* d, PluginTensorDesc const*, void const* const* inputs, void* const* outputs,
                  void* workspace, cudaStream_t stream) override {
    Witness& w = witness();
    ++w.enqueued;
    w.stream = stream;
    w.dims = to_vector(d[0].dims);
    if (w.throws) throw std::runtime_error("no luck");
    const auto count = static_cast<size_t>(volume_of(d[0].dims));
    if (d[0].type == DataType::kHALF) {
      const auto* x = static_cast<uint16_t const*>(inputs[0]);
      auto* y = static_cast<uint16_t*>(outputs[0]);
      for (size_t i = 0; i < count; ++i) y[i] = x[i] == 0 ? x[i] : static_cast<uint16_t>(x[i] + 0x400);
      return w.status;
    }
    auto* scratch = static_cast<float*>(workspace);  // as large as asked for
    std::memcpy(scratch, inputs[0], count * sizeof(float));
    for (size_t i = 0; i < count; ++i) static_cast<float*>(outputs[0])[i] = factor_ * scratch[i];
    return w.status;
  }
  int32_t initialize() noexcept override { return ++witness().initialized, 0; }
  void terminate() noexcept override { ++witness().terminated; }
  size_t getSerializationSize() const noexcept override { return sizeof factor_; }
  void serialize(void* to) const noexcept override { std::memcpy(to, &factor_, sizeof factor_); }
  void destroy() noexcept override { delete this; }
  Scale* clone() const noexcept override { return new Scale(*this); }
  void setPluginNamespace(char const* name) noexcept override { namespace_ = name; }
  char const* getPluginNamespace() const noexcept override { return namespace_.c_str(); }

 private:
  float factor_;
  std::string namespace_;
};

class ScaleCreator final : public IPluginCreator {
 public:
  char const* getPluginName() const noexcept override { return "TestScale"; }
  char const* getPluginVersion() const noexcept override { return "1"; }
  PluginFieldCollection const* getFieldNames() noexcept override { return &fields_; }
  IPluginV2* createPlugin(char const*, PluginFieldCollection const* fc) noexcept override {
    return fc->nbFields == 1 ? new Scale(*static_cast<float const*>(fc->fields[0].data)) : nullptr;
  }
  IPluginV2* deserializePlugin(char const*, void const* data, size_t size) noexcept override {
    float factor;
    if (size != sizeof factor || witness().refuses) return nullptr;
    std::memcpy(&factor, data, sizeof factor);
    return new Scale(factor);
  }
  void setPluginNamespace(char const*) noexcept override {}
  char const* getPluginNamespace() const noexcept override { return ""; }

 private:
  PluginField field_{"factor", nullptr, PluginFieldType::kFLOAT32, 1};
  PluginFieldCollection fields_{1, &field_};
};

/// Y = x + batch size: what plugins without shapes as expressions share. Base is IPluginV2, IPluginV2Ext or IPluginV2IOExt.
template <class Base>
class AddBatch : public Base {
 public:
  char const* getPluginVersion() const noexcept override { return "1"; }
  int32_t getNbOutputs() const noexcept override { return 1; }
  Dims getOutputDimensions(int32_t, Dims const* in, int32_t) noexcept override { return in[0]; }
  int32_t initialize() noexcept override { return 0; }
  void terminate() noexcept override {}
  size_t getWorkspaceSize(int32_t) const noexcept override { return 0; }
  size_t getSerializationSize() const noexcept override { return sizeof count_; }
  void serialize(void* to) const noexcept override { std::memcpy(to, &count_, sizeof count_); }
  void destroy() noexcept override { delete this; }
  void setPluginNamespace(char const*) noexcept override {}
  char const* getPluginNamespace() const noexcept override { return ""; }
  void set_count(int64_t count) { count_ = count; }

 protected:
  int32_t run(int32_t batch, void const* const* inputs, void* const* outputs) {
    witness().batch = batch;
    for (int64_t i = 0; i < batch * count_; ++i) {
      static_cast<float*>(outputs[0])[i] = static_cast<float const*>(inputs[0])[i] + static_cast<float>(batch);
    }
    return 0;
  }
  int64_t count_ = -1;  ///< elements of one item, told by the build
};

class AddBatchIO final : public AddBatch<IPluginV2IOExt> {
 public:
  char const* getPluginType() const noexcept override { return "TestAddBatchIO"; }
  DataType getOutputDataType(int32_t, DataType const* types, int32_t) const noexcept override { return types[0]; }
  void configurePlugin(PluginTensorDesc const* in, int32_t, PluginTensorDesc const*, int32_t) noexcept override {
    count_ = volume_of(in[0].dims);
  }
  bool supportsFormatCombination(int32_t pos, PluginTensorDesc const* d, int32_t, int32_t) const noexcept override {
    return d[pos].type == DataType::kFLOAT && d[pos].format == TensorFormat::kLINEAR;
  }
  int32_t enqueue(int32_t batch, void const* const* inputs, void* const* outputs, void*,
                  cudaStream_t) noexcept override {
    return run(batch, inputs, outputs);
  }
  AddBatchIO* clone() const noexcept override { return new AddBatchIO(*this); }
};

/// As a source for TensorRT 7 would be written: no noexcept, outputs as void**.
class AddBatchOld final : public AddBatch<IPluginV2> {
 public:
  char const* getPluginType() const override { return "TestAddBatchOld"; }
  bool supportsFormat(DataType type, PluginFormat format) const override {
    return type == DataType::kFLOAT && format == PluginFormat::kNCHW;
  }
  void configureWithFormat(const Dims* in, int, const Dims*, int, DataType, PluginFormat, int) override {
    count_ = volume_of(in[0]);
  }
  int enqueue(int batch, const void* const* inputs, void** outputs, void*, cudaStream_t) override {
    return run(batch, inputs, outputs);
  }
  IPluginV2* clone() const override { return new AddBatchOld(*this); }
};

template <class Plugin>
class AddBatchCreator final : public IPluginCreator {
 public:
  char const* getPluginName() const noexcept override { return Plugin().getPluginType(); }
  char const* getPluginVersion() const noexcept override { return "1"; }
  PluginFieldCollection const* getFieldNames() noexcept override { return &none_; }
  IPluginV2* createPlugin(char const*, PluginFieldCollection const*) noexcept override { return new Plugin(); }
  IPluginV2* deserializePlugin(char const*, void const* data, size_t size) noexcept override {
    int64_t count;
    if (size != sizeof count) return nullptr;
    std::memcpy(&count, data, sizeof count);
    auto* plugin = new Plugin();
    plugin->set_count(count);
    return plugin;
  }
  void setPluginNamespace(char const*) noexcept override {}
  char const* getPluginNamespace() const noexcept override { return ""; }

 private:
  PluginFieldCollection none_{0, nullptr};
};

}  // namespace rondo::test
