// IAlgorithmSelector: asked about each product with what may compute it, obeyed, told the outcome.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <stdexcept>
#include <utility>

#include "net.h"

namespace rondo::test {
namespace {

struct Product {
  std::string name;
  std::vector<int64_t> implementations, tactics;
  std::vector<float> times;
};

/// Writes down what it is asked and answers with a function of it.
class Selector final : public IAlgorithmSelector {
 public:
  using Answer = std::function<std::vector<int32_t>(const Product&)>;
  explicit Selector(Answer answer = [](const Product&) { return std::vector<int32_t>(); })
      : answer_(std::move(answer)) {}

  int32_t selectAlgorithms(IAlgorithmContext const& context, IAlgorithm const* const* choices, int32_t count,
                           int32_t* selection) override {
    Product product{context.getName(), {}, {}, {}};
    for (int32_t i = 0; i < count; ++i) {
      product.implementations.push_back(choices[i]->getAlgorithmVariant().getImplementation());
      product.tactics.push_back(choices[i]->getAlgorithmVariant().getTactic());
      product.times.push_back(choices[i]->getTimingMSec());
    }
    if (look) look(context, choices, count);
    asked.push_back(product);
    const std::vector<int32_t> answer = answer_(product);
    std::copy(answer.begin(), answer.end(), selection);
    return forced_count ? *forced_count : static_cast<int32_t>(answer.size());
  }
  void reportAlgorithms(IAlgorithmContext const* const* contexts, IAlgorithm const* const* chosen,
                        int32_t count) override {
    ++reports;
    for (int32_t i = 0; i < count; ++i) {
      reported.emplace_back(contexts[i]->getName(), chosen[i]->getAlgorithmVariant().getTactic());
    }
  }

  std::function<void(IAlgorithmContext const&, IAlgorithm const* const*, int32_t)> look;
  std::optional<int32_t> forced_count;
  std::vector<Product> asked;
  std::vector<std::pair<std::string, int64_t>> reported;
  int reports = 0;

 private:
  Answer answer_;
};

constexpr auto kFloat = static_cast<int64_t>(DataType::kFLOAT), kHalf = static_cast<int64_t>(DataType::kHALF),
               kBf16 = static_cast<int64_t>(DataType::kBF16);

/// y = relu(conv(x)), z = a W: a convolution and a matrix product, both too small to be narrowed by themselves.
struct TwoProducts : Net {
  explicit TwoProducts(IAlgorithmSelector& selector) {
    IConvolutionLayer* conv =
        network->addConvolutionNd(input("x", Dims4(1, 2, 5, 5)), 3, DimsHW(3, 3), weights(54), {});
    conv->setName("conv");
    network->markOutput(*network->addActivation(*conv->getOutput(0), ActivationType::kRELU)->getOutput(0));
    ITensor& a = input("a", Dims2(-1, 6));
    IMatrixMultiplyLayer* dense =
        network->addMatrixMultiply(a, MatrixOperation::kNONE, constant(Dims2(6, 4)), MatrixOperation::kNONE);
    dense->setName("dense");
    network->markOutput(*dense->getOutput(0));
    IOptimizationProfile* profile = builder->createOptimizationProfile();
    for (const auto& [select, rows] :
         {std::pair{OptProfileSelector::kMIN, 1}, {OptProfileSelector::kOPT, 3}, {OptProfileSelector::kMAX, 8}})
      profile->setDimensions("a", select, Dims2(rows, 6));
    config->addOptimizationProfile(profile);
    config->setFlag(BuilderFlag::kFP16);
    config->setFlag(BuilderFlag::kBF16);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    config->setAlgorithmSelector(&selector);
#pragma GCC diagnostic pop
  }
};

std::vector<int32_t> index_of(const Product& product, int64_t tactic) {
  for (size_t i = 0; i < product.tactics.size(); ++i) {
    if (product.tactics[i] == tactic) return {static_cast<int32_t>(i)};
  }
  return {};
}

TEST(AlgorithmSelector, IsAskedAboutEachProductWithItsTypes) {
  Selector selector;
  TwoProducts net(selector);
  ASSERT_NE(net.build(), nullptr) << net.logger.text();
  ASSERT_EQ(selector.asked.size(), 2u);
  for (const Product& product : selector.asked) {
    EXPECT_EQ(product.tactics, (std::vector<int64_t>{kFloat, kHalf, kBf16})) << product.name;
    for (const float time : product.times) EXPECT_GT(time, 0);
  }
  EXPECT_EQ(selector.asked[0].name, "conv");
  EXPECT_EQ(selector.asked[0].implementations, (std::vector<int64_t>(3, 2)));
  EXPECT_EQ(selector.asked[1].name, "dense");
  EXPECT_EQ(selector.asked[1].implementations, (std::vector<int64_t>(3, 1)));
  EXPECT_EQ(selector.reports, 1);
  EXPECT_EQ(selector.reported, (std::vector<std::pair<std::string, int64_t>>{{"conv", kFloat}, {"dense", kFloat}}));
  EXPECT_TRUE(net.logger.warnings.empty());
}

TEST(AlgorithmSelector, ContextsAndAlgorithmsTellShapesAndTypes) {
  Selector selector;
  selector.look = [](IAlgorithmContext const& context, IAlgorithm const* const* choices, int32_t count) {
    EXPECT_EQ(context.getNbInputs(), 2);
    EXPECT_EQ(context.getNbOutputs(), 1);
    EXPECT_EQ(context.getDimensions(3, OptProfileSelector::kOPT).nbDims, -1);
    if (std::string(context.getName()) != "dense") return;
    EXPECT_EQ(to_vector(context.getDimensions(0, OptProfileSelector::kMIN)), (std::vector<int64_t>{1, 6}));
    EXPECT_EQ(to_vector(context.getDimensions(0, OptProfileSelector::kOPT)), (std::vector<int64_t>{3, 6}));
    EXPECT_EQ(to_vector(context.getDimensions(0, OptProfileSelector::kMAX)), (std::vector<int64_t>{8, 6}));
    EXPECT_EQ(to_vector(context.getDimensions(2, OptProfileSelector::kOPT)), (std::vector<int64_t>{3, 4}));
    for (int32_t i = 0; i < count; ++i) {
      EXPECT_EQ(choices[i]->getWorkspaceSize(), 0u);
      EXPECT_EQ(choices[i]->getAlgorithmIOInfoByIndex(3), nullptr);
      const IAlgorithmIOInfo *x = choices[i]->getAlgorithmIOInfoByIndex(0),
                             *w = choices[i]->getAlgorithmIOInfoByIndex(1);
      EXPECT_EQ(x->getDataType(), DataType::kFLOAT);
      EXPECT_EQ(x->getTensorFormat(), TensorFormat::kLINEAR);
      EXPECT_EQ(to_vector(x->getStrides()), (std::vector<int64_t>{6, 1}));
      EXPECT_EQ(static_cast<int64_t>(w->getDataType()), choices[i]->getAlgorithmVariant().getTactic());
    }
  };
  TwoProducts net(selector);
  ASSERT_NE(net.build(), nullptr) << net.logger.text();
}

TEST(AlgorithmSelector, ItsChoiceIsTaken) {
  for (const auto& [tactic, kernels] : {std::pair{kBf16, std::pair{"Tactic: conv_bf16_f32", "Tactic: gemm_bf16_f32"}},
                                        {kHalf, {"Tactic: conv_f16_f32", "Tactic: gemm_f16_f32"}},
                                        {kFloat, {"Tactic: conv_f32", "Tactic: gemm_f32"}}}) {
    Selector selector([type = tactic](const Product& product) { return index_of(product, type); });
    TwoProducts net(selector);
    ASSERT_NE(net.build(), nullptr) << net.logger.text();
    EXPECT_EQ(selector.reported, (std::vector<std::pair<std::string, int64_t>>{{"conv", tactic}, {"dense", tactic}}));
    EXPECT_EQ(net.logger.matching(kernels.first).size(), 1u);
    EXPECT_EQ(net.logger.matching(kernels.second).size(), 1u);
  }
}

TEST(AlgorithmSelector, TheFastestOfSeveralIsTaken) {
  Selector selector([](const Product&) { return std::vector<int32_t>{2, 1}; });
  TwoProducts net(selector);
  ASSERT_NE(net.build(), nullptr) << net.logger.text();
  for (size_t i = 0; i < 2; ++i) {
    const Product& product = selector.asked[i];
    EXPECT_EQ(selector.reported[i].second, product.times[2] <= product.times[1] ? kBf16 : kHalf) << product.name;
  }
}

TEST(AlgorithmSelector, OneChoiceWhereFlagsAndLayersLeaveOne) {
  Selector selector;
  TwoProducts net(selector);
  net.config->clearFlag(BuilderFlag::kFP16);
  net.network->getLayer(0)->setPrecision(DataType::kFLOAT);
  ASSERT_NE(net.build(), nullptr) << net.logger.text();
  ASSERT_EQ(selector.asked.size(), 2u);
  EXPECT_EQ(selector.asked[0].tactics, std::vector<int64_t>{kFloat});
  EXPECT_EQ(selector.asked[1].tactics, (std::vector<int64_t>{kFloat, kBf16}));
}

TEST(AlgorithmSelector, SelectionsThatAreNoneFailTheBuild) {
  const auto refused = [](Selector& selector, const char* part) {
    TwoProducts net(selector);
    net.config->setFlag(BuilderFlag::kREJECT_EMPTY_ALGORITHMS);
    EXPECT_EQ(net.build(), nullptr);
    EXPECT_TRUE(net.logger.has(part)) << net.logger.text();
    EXPECT_FALSE(net.logger.internal_error);
    EXPECT_EQ(selector.reports, 0);
  };
  Selector outside([](const Product&) { return std::vector<int32_t>{3}; }), negative, many, none,
      thrown([](const Product&) -> std::vector<int32_t> { throw std::runtime_error("no opinion"); });
  negative.forced_count = -1;
  many.forced_count = 4;
  refused(outside, "chose index 3 for layer 'conv', which has 3 choices");
  refused(negative, "returned -1 for layer 'conv'");
  refused(many, "returned 4 for layer 'conv'");
  refused(none, "chose none of the 3 algorithms of layer 'conv'");
  refused(thrown, "the algorithm selector failed in selectAlgorithms: no opinion");
}

TEST(AlgorithmSelector, ABuildThatCannotAskWarns) {
  Selector selector;
  TwoProducts net(selector);
  ASSERT_TRUE(net.config->setPassEnabled("lower_precision", false));
  ASSERT_NE(net.build(), nullptr) << net.logger.text();
  EXPECT_TRUE(selector.asked.empty());
  ASSERT_EQ(net.logger.warnings.size(), 1u);
  EXPECT_NE(net.logger.warnings[0].find("pass lower_precision, which asks it, is disabled"), std::string::npos);
}

}  // namespace
}  // namespace rondo::test
