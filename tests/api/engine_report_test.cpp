// The story of a build in its verbose log: layers after each pass, which layers fused, the kernel of each, precisions.
#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "net.h"
#include "passes/pass.h"

namespace rondo::test {
namespace {

using Lines = std::vector<std::string>;

/// y = relu(x W + b): one step; z = the 2 largest of y: another.
struct Report : Net {
  explicit Report(int64_t rows = 4, int64_t inner = 6, int64_t cols = 8) {
    IMatrixMultiplyLayer* dense = network->addMatrixMultiply(input("x", Dims2(rows, inner)), MatrixOperation::kNONE,
                                                             constant(Dims2(inner, cols)), MatrixOperation::kNONE);
    dense->setName("dense");
    ILayer* bias =
        network->addElementWise(*dense->getOutput(0), constant(Dims2(1, cols), 2), ElementWiseOperation::kSUM);
    bias->setName("bias");
    ILayer* act = network->addActivation(*bias->getOutput(0), ActivationType::kRELU);
    act->setName("act");
    ILayer* best = network->addTopK(*act->getOutput(0), TopKOperation::kMAX, 2, 1U << 1);
    best->setName("best");
    network->markOutput(*best->getOutput(0));
    network->markOutput(*best->getOutput(1));
  }
  /// The log of a build.
  const RecordingLogger& log() {
    EXPECT_NE(build(), nullptr) << logger.text();
    return logger;
  }
  Lines said(const char* part) { return log().beginning(part); }
};

TEST(EngineReport, NamesLayersThatShareAStep) {
  EXPECT_EQ(Report().said("Fusing "), (Lines{"Fusing dense with bias", "Fusing bias with act"}));
}

TEST(EngineReport, CountsLayersAfterEachPass) {
  Report net;
  ASSERT_TRUE(net.config->setPassEnabled("split_sums", false));
  Lines counts = net.said("After ");
  ASSERT_FALSE(counts.empty());
  EXPECT_EQ(counts.back(), "After make_program: 2 layers");
  counts.pop_back();
  Lines wanted;
  for (const passes::Pass& pass : passes::pipeline()) {
    if (std::string(pass.name) != "split_sums") wanted.push_back(std::string("After ") + pass.name + ": ");
  }
  ASSERT_EQ(counts.size(), wanted.size());
  for (size_t i = 0; i < counts.size(); ++i) {
    EXPECT_TRUE(counts[i].starts_with(wanted[i])) << counts[i];
    EXPECT_TRUE(counts[i].ends_with(" layers")) << counts[i];
  }
  // The four layers, and nothing else, are what the last pass leaves: product, sum, maximum, top-k.
  EXPECT_EQ(counts.back(), "After eliminate_dead: 4 layers");
}

TEST(EngineReport, TellsTheKernelOfEachLayer) {
  Report net;
  const Lines& all = net.log().lines;
  const auto title = std::find(all.begin(), all.end(), "Engine Layer Information:");
  ASSERT_LT(title + 2, all.end());
  EXPECT_TRUE(
      (title + 1)->starts_with("Layer(gemm): dense + bias + act, Tactic: gemm_f32 on packed weights, gemm tile "
                               "program of "))
      << title[1];
  EXPECT_NE(title[1].find(", over [4,8], in (f32"), std::string::npos) << title[1];
  EXPECT_TRUE(title[1].ends_with(") -> out (f32)")) << title[1];
  EXPECT_EQ(title[2], "Layer(topk): best, Tactic: topk, over [4,8], in (f32) -> out (f32, i32)");
}

TEST(EngineReport, TellsWhichLayersAreNarrow) {
  Report narrow(1, 1024, 1024);
  narrow.config->setFlag(BuilderFlag::kFP16);
  EXPECT_EQ(
      narrow.said("precision: "),
      (Lines{
          "precision: 2 layers: 0 multiply in bf16, 1 with f16 weights, 1 compute in f32 or integers; all sums are f32",
          "precision: layer 'dense + bias + act' in f16: gemm_f16_f32"}));
  EXPECT_EQ(narrow.logger.matching("Tactic: gemm_f16_f32 on packed weights").size(), 1u);
  EXPECT_EQ(Report(1, 1024, 1024).said("precision: "),
            Lines{"precision: 2 layers: 0 multiply in bf16, 0 with f16 weights, 2 compute in f32 or integers; all sums "
                  "are f32"});
}

TEST(EngineReport, ConvolutionsAndTheirTypes) {
  for (const auto& [type, kernel, count] : {std::tuple{DataType::kFLOAT, "conv_f32", "0 multiply in bf16"},
                                            {DataType::kBF16, "conv_bf16_f32", "1 multiply in bf16"},
                                            {DataType::kHALF, "conv_f16_f32", "1 with f16 weights"}}) {
    Net net;
    ILayer* conv = net->addConvolutionNd(net.input("x", Dims4(1, 4, 6, 6)), 3, DimsHW(3, 3), net.weights(108), {});
    conv->setName("pixels");
    conv->setPrecision(type);
    for (const BuilderFlag flag : {BuilderFlag::kBF16, BuilderFlag::kFP16, BuilderFlag::kOBEY_PRECISION_CONSTRAINTS})
      net.config->setFlag(flag);
    net->markOutput(*conv->getOutput(0));
    ASSERT_NE(net.build(), nullptr) << net.logger.text();
    const Lines lines = net.logger.matching("Layer(conv): pixels, Tactic: ");
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_NE(lines[0].find(std::string("Tactic: ") + kernel + ", over [1,3,4,4]"), std::string::npos) << lines[0];
    EXPECT_NE(net.logger.beginning("precision: ").at(0).find(count), std::string::npos);
  }
}

TEST(EngineReport, LoopsAndExtentsOfTheRun) {
  Net net;
  ILoop* loop = net->addLoop();
  loop->setName("steps");
  loop->addTripLimit(net.scalar(5), TripLimit::kCOUNT);
  IRecurrenceLayer* state = loop->addRecurrence(net.input("h", Dims2(-1, 8)));
  ITensor& product = *net->addMatrixMultiply(*state->getOutput(0), MatrixOperation::kNONE, net.constant(Dims2(8, 8)),
                                             MatrixOperation::kNONE)
                          ->getOutput(0);
  state->setInput(1, *net->addActivation(product, ActivationType::kTANH)->getOutput(0));
  net->markOutput(*loop->addLoopOutput(*state->getOutput(0), LoopOutput::kLAST_VALUE)->getOutput(0));
  IOptimizationProfile* profile = net.builder->createOptimizationProfile();
  for (const auto select : {OptProfileSelector::kMIN, OptProfileSelector::kOPT, OptProfileSelector::kMAX})
    profile->setDimensions("h", select, Dims2(2, 8));
  net.config->addOptimizationProfile(profile);
  ASSERT_NE(net.build(), nullptr) << net.logger.text();
  EXPECT_EQ(net.logger.matching("Layer(loop): steps").size(), 1u);
  const Lines products = net.logger.matching("Layer(gemm): ");
  ASSERT_EQ(products.size(), 1u);
  EXPECT_NE(products[0].find("over [h"), std::string::npos) << products[0];
}

}  // namespace
}  // namespace rondo::test
