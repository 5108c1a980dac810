#pragma once

#include <NvInfer.h>

#include <string>

/// Layer normalization as a plugin, as a program for TensorRT would write it: type "RowNorm", version "1", no fields. Normalizes the
/// last dimension of x; kFLOAT or kHALF; epsilon 6e-6.
class LayerNormPlugin : public nvinfer1::IPluginV2DynamicExt {
 public:
  int32_t getNbOutputs() const noexcept override { return 1; }
  nvinfer1::DimsExprs getOutputDimensions(int32_t outputIndex, nvinfer1::DimsExprs const* inputs, int32_t nbInputs,
                                          nvinfer1::IExprBuilder& exprBuilder) noexcept override;
  nvinfer1::DataType getOutputDataType(int32_t index, nvinfer1::DataType const* inputTypes,
                                       int32_t nbInputs) const noexcept override;
  bool supportsFormatCombination(int32_t pos, nvinfer1::PluginTensorDesc const* inOut, int32_t nbInputs,
                                 int32_t nbOutputs) noexcept override;
  void configurePlugin(nvinfer1::DynamicPluginTensorDesc const*, int32_t, nvinfer1::DynamicPluginTensorDesc const*,
                       int32_t) noexcept override {}
  size_t getWorkspaceSize(nvinfer1::PluginTensorDesc const* inputs, int32_t nbInputs,
                          nvinfer1::PluginTensorDesc const* outputs, int32_t nbOutputs) const noexcept override;
  int32_t enqueue(nvinfer1::PluginTensorDesc const* inputDesc, nvinfer1::PluginTensorDesc const* outputDesc,
                  void const* const* inputs, void* const* outputs, void* workspace,
                  cudaStream_t stream) noexcept override;

  char const* getPluginType() const noexcept override { return "RowNorm"; }
  char const* getPluginVersion() const noexcept override { return "1"; }
  int32_t initialize() noexcept override { return 0; }
  void terminate() noexcept override {}
  size_t getSerializationSize() const noexcept override { return 0; }
  void serialize(void*) const noexcept override {}
  void destroy() noexcept override { delete this; }
  nvinfer1::IPluginV2DynamicExt* clone() const noexcept override { return new LayerNormPlugin(*this); }
  void setPluginNamespace(char const* pluginNamespace) noexcept override { namespace_ = pluginNamespace; }
  char const* getPluginNamespace() const noexcept override { return namespace_.c_str(); }

 private:
  std::string namespace_;
};

class LayerNormPluginCreator : public nvinfer1::IPluginCreator {
 public:
  char const* getPluginName() const noexcept override { return "RowNorm"; }
  char const* getPluginVersion() const noexcept override { return "1"; }
  nvinfer1::PluginFieldCollection const* getFieldNames() noexcept override { return &fields_; }
  nvinfer1::IPluginV2* createPlugin(char const*, nvinfer1::PluginFieldCollection const*) noexcept override {
    return new LayerNormPlugin();
  }
  nvinfer1::IPluginV2* deserializePlugin(char const*, void const*, size_t) noexcept override {
    return new LayerNormPlugin();
  }
  void setPluginNamespace(char const* pluginNamespace) noexcept override { namespace_ = pluginNamespace; }
  char const* getPluginNamespace() const noexcept override { return namespace_.c_str(); }

 private:
  nvinfer1::PluginFieldCollection fields_{0, nullptr};
  std::string namespace_;
};
