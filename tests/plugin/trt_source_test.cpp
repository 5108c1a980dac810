// Idioms of plugin sources written for TensorRT 7, 8 and 10, under its header names: they must compile, and be found.

#include <NvInferPlugin.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

using nvinfer1::DataType;
using nvinfer1::Dims;

/// 8.x: overrides with noexcept, using-declarations that silence warnings about hidden overloads.
namespace nvinfer1 {
namespace plugin {

class Silu : public nvinfer1::IPluginV2DynamicExt {
 public:
  nvinfer1::IPluginV2DynamicExt* clone() const noexcept override { return new Silu(*this); }
  nvinfer1::DimsExprs getOutputDimensions(int32_t outputIndex, nvinfer1::DimsExprs const* inputs, int32_t nbInputs,
                                          nvinfer1::IExprBuilder& exprBuilder) noexcept override {
    nvinfer1::DimsExprs ret{inputs[outputIndex]};
    ret.d[0] =
        exprBuilder.operation(nvinfer1::DimensionOperation::kPROD, *inputs[0].d[0], *exprBuilder.constant(nbInputs));
    return ret;
  }
  bool supportsFormatCombination(int32_t pos, nvinfer1::PluginTensorDesc const* inOut, int32_t,
                                 int32_t) noexcept override {
    return inOut[pos].type == DataType::kFLOAT && inOut[pos].format == nvinfer1::TensorFormat::kLINEAR;
  }
  void configurePlugin(nvinfer1::DynamicPluginTensorDesc const*, int32_t, nvinfer1::DynamicPluginTensorDesc const*,
                       int32_t) noexcept override {}
  size_t getWorkspaceSize(nvinfer1::PluginTensorDesc const*, int32_t, nvinfer1::PluginTensorDesc const*,
                          int32_t) const noexcept override {
    return 0;
  }
  int32_t enqueue(nvinfer1::PluginTensorDesc const*, nvinfer1::PluginTensorDesc const*, void const* const*,
                  void* const*, void*, cudaStream_t) noexcept override {
    return 0;
  }
  nvinfer1::DataType getOutputDataType(int32_t, nvinfer1::DataType const* inputTypes, int32_t) const noexcept override {
    return inputTypes[0];
  }
  void attachToContext(cudnnContext*, cublasContext*, nvinfer1::IGpuAllocator*) noexcept override {}
  void detachFromContext() noexcept override {}
  char const* getPluginType() const noexcept override { return "TestSilu"; }
  char const* getPluginVersion() const noexcept override { return "1"; }
  int32_t getNbOutputs() const noexcept override { return 1; }
  int32_t initialize() noexcept override { return 0; }
  void terminate() noexcept override {}
  size_t getSerializationSize() const noexcept override { return 0; }
  void serialize(void*) const noexcept override {}
  void destroy() noexcept override { delete this; }
  void setPluginNamespace(char const* pluginNamespace) noexcept override { mNamespace = pluginNamespace; }
  char const* getPluginNamespace() const noexcept override { return mNamespace.c_str(); }

 private:
  std::string mNamespace;

 protected:
  using nvinfer1::IPluginV2DynamicExt::canBroadcastInputAcrossBatch;
  using nvinfer1::IPluginV2DynamicExt::configurePlugin;
  using nvinfer1::IPluginV2DynamicExt::enqueue;
  using nvinfer1::IPluginV2DynamicExt::getOutputDimensions;
  using nvinfer1::IPluginV2DynamicExt::getWorkspaceSize;
  using nvinfer1::IPluginV2DynamicExt::isOutputBroadcastAcrossBatch;
  using nvinfer1::IPluginV2DynamicExt::supportsFormat;
};

class SiluCreator : public nvinfer1::IPluginCreator {
 public:
  SiluCreator() {
    mPluginAttributes.clear();
    mPluginAttributes.emplace_back(PluginField("type_id", nullptr, PluginFieldType::kINT32, 1));
    mFC.nbFields = static_cast<int32_t>(mPluginAttributes.size());
    mFC.fields = mPluginAttributes.data();
  }
  char const* getPluginName() const noexcept override { return "TestSilu"; }
  char const* getPluginVersion() const noexcept override { return "1"; }
  nvinfer1::PluginFieldCollection const* getFieldNames() noexcept override { return &mFC; }
  nvinfer1::IPluginV2* createPlugin(char const*, nvinfer1::PluginFieldCollection const*) noexcept override {
    return new Silu();
  }
  nvinfer1::IPluginV2* deserializePlugin(char const*, void const*, size_t) noexcept override { return new Silu(); }
  void setPluginNamespace(char const* pluginNamespace) noexcept override { mNamespace = pluginNamespace; }
  char const* getPluginNamespace() const noexcept override { return mNamespace.c_str(); }

 private:
  nvinfer1::PluginFieldCollection mFC{};
  std::vector<nvinfer1::PluginField> mPluginAttributes;
  std::string mNamespace;
};

REGISTER_TENSORRT_PLUGIN(SiluCreator);

}  // namespace plugin
}  // namespace nvinfer1

/// 7.x: no noexcept, int for int32_t.
class OldExt : public nvinfer1::IPluginV2Ext {
 public:
  int getNbOutputs() const override { return 1; }
  Dims getOutputDimensions(int, const Dims* inputs, int) override { return inputs[0]; }
  bool supportsFormat(DataType type, nvinfer1::PluginFormat format) const override {
    return type == DataType::kFLOAT && format == nvinfer1::PluginFormat::kNCHW;
  }
  int initialize() override { return 0; }
  void terminate() override {}
  size_t getWorkspaceSize(int) const override { return 0; }
  int enqueue(int, const void* const*, void**, void*, cudaStream_t) override { return 0; }
  size_t getSerializationSize() const override { return 0; }
  void serialize(void*) const override {}
  const char* getPluginType() const override { return "TestOldExt"; }
  const char* getPluginVersion() const override { return "1"; }
  void destroy() override { delete this; }
  nvinfer1::IPluginV2Ext* clone() const override { return new OldExt(); }
  void setPluginNamespace(const char*) override {}
  const char* getPluginNamespace() const override { return ""; }
  DataType getOutputDataType(int, const DataType*, int) const override { return DataType::kFLOAT; }
  bool isOutputBroadcastAcrossBatch(int, const bool*, int) const override { return false; }
  bool canBroadcastInputAcrossBatch(int) const override { return false; }
  void configurePlugin(const Dims*, int, const Dims*, int, const DataType*, const DataType*, const bool*, const bool*,
                       nvinfer1::PluginFormat, int) override {}
};

namespace rondo::test {

TEST(TensorRTSources, AreRegisteredAtStart) {
  nvinfer1::IPluginCreator* creator = getPluginRegistry()->getPluginCreator("TestSilu", "1");
  ASSERT_NE(creator, nullptr);
  EXPECT_EQ(creator->getFieldNames()->nbFields, 1);
  nvinfer1::IPluginV2* plugin = creator->createPlugin("it", nullptr);
  EXPECT_EQ(plugin->getTensorRTVersion() >> 24, static_cast<int32_t>(PluginVersion::kV2_DYNAMICEXT));
  EXPECT_EQ(plugin->getTensorRTVersion() & 0xFFFFFF, NV_TENSORRT_VERSION);
  plugin->destroy();
}

TEST(TensorRTSources, OldClassesSayWhatTheyAre) {
  OldExt plugin;
  const IPluginV2& base = plugin;
  EXPECT_EQ(base.getTensorRTVersion() >> 24, static_cast<int32_t>(PluginVersion::kV2_EXT));
}

}  // namespace rondo::test
