// Plugins of TensorRT 5 to 7 under their header names: IPlugin, IPluginExt, IPluginFactory, addPlugin.

#include <NvInfer.h>

#include <cstring>

#include "plugin_case.h"

namespace rondo::test {
namespace {

/// Y = factor x + batch, as a source for TensorRT 5 is written. Base is IPlugin or IPluginExt.
template <class Base>
class FactorOf : public Base {
 public:
  explicit FactorOf(float factor) : mFactor(factor) {}
  FactorOf(const void* data, size_t length) {
    std::memcpy(&mFactor, data, sizeof mFactor);
    std::memcpy(&mCount, static_cast<char const*>(data) + length - sizeof mCount, sizeof mCount);
  }
  int getNbOutputs() const override { return 1; }
  nvinfer1::Dims getOutputDimensions(int, const nvinfer1::Dims* inputs, int) override { return inputs[0]; }
  int initialize() override { return ++witness().initialized, 0; }
  void terminate() override { ++witness().terminated; }
  size_t getWorkspaceSize(int) const override { return 0; }
  size_t getSerializationSize() override { return sizeof mFactor + sizeof mCount; }
  void serialize(void* buffer) override {
    std::memcpy(buffer, &mFactor, sizeof mFactor);
    std::memcpy(static_cast<char*>(buffer) + sizeof mFactor, &mCount, sizeof mCount);
  }
  int enqueue(int batchSize, const void* const* inputs, void** outputs, void*, cudaStream_t) override {
    ++witness().enqueued;
    for (int64_t i = 0; i < batchSize * mCount; ++i) {
      static_cast<float*>(outputs[0])[i] =
          mFactor * static_cast<float const*>(inputs[0])[i] + static_cast<float>(batchSize);
    }
    return witness().status;
  }

 protected:
  float mFactor = 0;
  int64_t mCount = 0;
};

class Factor final : public FactorOf<nvinfer1::IPlugin> {
 public:
  using FactorOf::FactorOf;
  void configure(const nvinfer1::Dims* inputDims, int, const nvinfer1::Dims*, int, int maxBatchSize) override {
    mCount = volume_of(inputDims[0]);
    witness().batch = maxBatchSize;
  }
};

class FactorExt final : public FactorOf<nvinfer1::IPluginExt> {
 public:
  using FactorOf::FactorOf;
  bool supportsFormat(nvinfer1::DataType type, nvinfer1::PluginFormat format) const override {
    return type == witness().type && format == nvinfer1::PluginFormat::kNCHW;
  }
  void configureWithFormat(const nvinfer1::Dims* inputDims, int, const nvinfer1::Dims*, int, nvinfer1::DataType type,
                           nvinfer1::PluginFormat, int) override {
    mCount = volume_of(inputDims[0]);
    EXPECT_EQ(type, witness().type);
  }
};

/// Makes plugins of layers by their names and keeps them, as programs did.
class Factory final : public nvinfer1::IPluginFactory {
 public:
  nvinfer1::IPlugin* createPlugin(const char* layerName, const void* serialData, size_t serialLength) override {
    asked.emplace_back(layerName);
    if (refuses) return nullptr;
    if (throws) throw std::runtime_error("no such layer");
    made.push_back(std::make_unique<Factor>(serialData, serialLength));
    return made.back().get();
  }
  std::vector<std::string> asked;
  std::vector<std::unique_ptr<nvinfer1::IPlugin>> made;
  bool refuses = false, throws = false;
};

ITensor& add(PluginCase& net, ITensor& x, IPlugin& plugin, const char* name) {
  ITensor* inputs[] = {&x};
  IPluginLayer* layer = net->addPlugin(inputs, 1, plugin);
  EXPECT_NE(layer, nullptr) << net.logger.text();
  layer->setName(name);
  EXPECT_EQ(layer->getType(), LayerType::kPLUGIN);
  EXPECT_EQ(&layer->getPlugin(), &plugin);
  return *layer->getOutput(0);
}

/// x [batch, 3] through two layers.
void describe(PluginCase& net, IPlugin& first, IPlugin& second) {
  net.mark(add(net, add(net, net.input("x", Dims2(-1, 3)), first, "a"), second, "b"));
  net.profile("x", Dims2(1, 3), Dims2(2, 3), Dims2(4, 3));
}

ICudaEngine* load(IRuntime& runtime, const std::string& plan, IPluginFactory* factory) {
  return runtime.deserializeCudaEngine(plan.data(), plan.size(), factory);
}

TEST(PluginOfTensorRT5, IsMadeAgainByTheFactory) {
  Factory factory;
  PluginCase net;
  std::string plan;
  {
    Factor twice(2), thrice(3);
    describe(net, twice, thrice);
    plan = net.plan_bytes();
    ASSERT_FALSE(plan.empty()) << net.logger.text();
    EXPECT_EQ(witness().batch, 4);
  }
  Loaded loaded(std::string("none"), net.logger);
  loaded.engine.reset(load(*loaded.runtime, plan, &factory));
  ASSERT_NE(loaded.engine, nullptr) << net.logger.text();
  loaded.context.reset(loaded.engine->createExecutionContext());
  EXPECT_EQ(factory.asked, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(loaded.run({floats_of({2, 3}, {1, 2, 3, 4, 5, 6})})[0].floats(), (Values{14, 20, 26, 32, 38, 44}));
  EXPECT_EQ(witness().initialized, 2);
  loaded.context.reset();
  loaded.engine.reset();
  EXPECT_EQ(witness().terminated, 2);
}

TEST(PluginOfTensorRT5, IsTheNetworksOwnInAnEngineThatIsBuiltAndLoadedAtOnce) {
  PluginCase net;
  Factor twice(2), thrice(3);
  describe(net, twice, thrice);
  Loaded loaded(std::string("none"), net.logger);
  loaded.engine.reset(net.builder->buildEngineWithConfig(*net.network, *net.config));
  ASSERT_NE(loaded.engine, nullptr) << net.logger.text();
  loaded.context.reset(loaded.engine->createExecutionContext());
  EXPECT_EQ(loaded.run({floats_of({1, 3}, {1, 2, 3})})[0].floats(), (Values{10, 16, 22}));
  EXPECT_EQ(witness().enqueued, 2);
}

TEST(PluginOfTensorRT5, ExtIsAskedForTypes) {
  PluginCase net;
  FactorExt ext(5);
  ITensor* inputs[] = {&net.input("x", Dims2(1, 2))};
  net.mark(*net->addPluginExt(inputs, 1, ext)->getOutput(0));
  const std::unique_ptr<ICudaEngine> engine(net.builder->buildEngineWithConfig(*net.network, *net.config));
  EXPECT_NE(engine, nullptr) << net.logger.text();
  witness().type = DataType::kINT8;
  EXPECT_TRUE(net.plan_bytes().empty());
  EXPECT_TRUE(net.logger.has("plugin 'IPlugin' version '1' accepts no types")) << net.logger.text();
}

TEST(PluginOfTensorRT5, FailsWithItsLayersName) {
  PluginCase net;
  Factor twice(2), thrice(3);
  describe(net, twice, thrice);
  const std::string plan = net.plan_bytes();
  const std::unique_ptr<IRuntime> runtime(createInferRuntime(net.logger));
  const auto refused = [&](IPluginFactory* factory, const char* part) {
    net.logger.errors.clear();
    EXPECT_EQ(load(*runtime, plan, factory), nullptr);
    EXPECT_TRUE(net.logger.has("plugin of layer 'a'")) << net.logger.text();
    EXPECT_TRUE(net.logger.has(part)) << net.logger.text();
    EXPECT_FALSE(net.logger.internal_error);
  };
  refused(nullptr, "give an IPluginFactory to IRuntime::deserializeCudaEngine");
  Factory factory;
  factory.refuses = true;
  refused(&factory, "createPlugin returned null");
  factory.refuses = false;
  factory.throws = true;
  refused(&factory, "createPlugin threw: no such layer");
  Loaded loaded(std::string("none"), net.logger);
  loaded.engine.reset(net.builder->buildEngineWithConfig(*net.network, *net.config));
  loaded.context.reset(loaded.engine->createExecutionContext());
  witness().status = 4;
  EXPECT_TRUE(loaded.run({floats_of({1, 3}, {1, 2, 3})}).empty());
  EXPECT_TRUE(net.logger.has("'a'") && net.logger.has("enqueue returned 4")) << net.logger.text();
}

TEST(PluginOfTensorRT5, NeedsANameOfItsOwn) {
  PluginCase net;
  Factor twice(2), thrice(3);
  describe(net, twice, thrice);
  net->getLayer(1)->setName("a");
  EXPECT_EQ(net.builder->buildEngineWithConfig(*net.network, *net.config), nullptr);
  EXPECT_TRUE(net.logger.has("two layers of an IPlugin are called 'a'")) << net.logger.text();
}

}  // namespace
}  // namespace rondo::test
