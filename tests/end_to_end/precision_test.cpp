// kFP16, kBF16, precisions of layers and strong types: what they change, by how much at most, and what they leave.
#include <cmath>
#include <tuple>

#include "base/half.h"
#include "network_case.h"
#include "plan/plan_file.h"
#include "runtime/context.h"
#include "runtime/engine.h"

namespace rondo::test {
namespace {

// Relative error of one factor rounded to the type, and of a product of two such factors.
constexpr double kBf16 = 0x1p-8, kF16 = 0x1p-11;
constexpr double kSums = 2e-6;  // of sums of some thousand terms in f32, times their magnitudes

/// y = x W, W [K, N] wide enough to be bound by reading it, for M rows.
struct Dense : NetworkCase {
  explicit Dense(int64_t rows, int64_t k = 1024, int64_t n = 1024, uint32_t flags = 1)
      : NetworkCase{Net(flags)}, M(rows), K(k), N(n) {
    weights = random.floats(static_cast<size_t>(K * N));
    x = floats_of({M, K}, random.floats(static_cast<size_t>(M * K)));
    ITensor& w = values({K, N}, weights);
    layer = network->addMatrixMultiply(input("x", Dims2(M, K)), MatrixOperation::kNONE, w, MatrixOperation::kNONE);
    layer->setName("dense");
    mark(*layer->getOutput(0));
    config->setProfilingVerbosity(ProfilingVerbosity::kDETAILED);
  }

  /// Largest error over the sum of magnitudes behind the element.
  double error(const std::vector<float>& y) const {
    const std::vector<float> rows = x.floats();
    double worst = 0;
    for (int64_t m = 0; m < M; ++m) {
      for (int64_t n = 0; n < N; ++n) {
        double sum = 0, magnitude = 0;
        for (int64_t k = 0; k < K; ++k) {
          const double term =
              static_cast<double>(rows[static_cast<size_t>(m * K + k)]) * weights[static_cast<size_t>(k * N + n)];
          sum += term;
          magnitude += std::fabs(term);
        }
        worst = std::max(worst, std::fabs(y[static_cast<size_t>(m * N + n)] - sum) / magnitude);
      }
    }
    return worst;
  }
  std::vector<float> result(int threads = 0) { return run({x}, threads)[0].floats(); }
  std::string information() {
    const Loaded loaded(plan_bytes(), logger);
    const std::unique_ptr<IEngineInspector> inspector(loaded.engine->createEngineInspector());
    return inspector->getEngineInformation(LayerInformationFormat::kJSON);
  }
  bool says(const char* part) { return information().find(part) != std::string::npos; }

  int64_t M, K, N;
  Random random{5};
  std::vector<float> weights;
  Array x;
  IMatrixMultiplyLayer* layer;
};

TEST(Precision, WithoutFlagsProductsAreF32) {
  Dense net(1);
  EXPECT_LE(net.error(net.result()), kSums);
  EXPECT_TRUE(net.says("\"kernel\": \"gemm_f32\""));
}

TEST(Precision, Bf16RoundsBothFactors) {
  Dense net(1);
  net.config->setFlag(BuilderFlag::kBF16);
  const double error = net.error(net.result());
  EXPECT_LE(error, 2.1 * kBf16 + kSums);
  EXPECT_GT(error, kBf16 / 50);
  EXPECT_TRUE(net.says("\"kernel\": \"gemm_bf16_f32\"")) << net.information();
  EXPECT_TRUE(net.says("\"precision\": \"bf16\""));
}

TEST(Precision, F16RoundsWeightsOnly) {
  Dense net(1);
  net.config->setFlag(BuilderFlag::kFP16);
  const double error = net.error(net.result());
  EXPECT_LE(error, kF16 + kSums);
  EXPECT_GT(error, kF16 / 50);
  EXPECT_TRUE(net.says("\"kernel\": \"gemm_f16_f32\"")) << net.information();
}

TEST(Precision, WeightsBeyondTheRangeOfF16StayF32) {
  Dense net(1);
  net.floats.back()[1000] = 70000.0F;
  net.weights[1000] = 70000.0F;
  net.config->setFlag(BuilderFlag::kFP16);
  EXPECT_LE(net.error(net.result()), kSums);
  EXPECT_TRUE(net.says("\"kernel\": \"gemm_f32\""));
}

TEST(Precision, ManyRowsUseTheDotProductsOfTheMachine) {
  Dense net(48, 192, 320);
  net.config->setFlag(BuilderFlag::kBF16);
  const bool pairs = kernels::detect_isa() >= kernels::Isa::kAvx512Bf16;
  EXPECT_LE(net.error(net.result()), (pairs ? 2.1 * kBf16 : 0) + kSums);
  EXPECT_EQ(net.says("gemm_bf16_f32"), pairs);
}

TEST(Precision, NarrowPlansHoldNarrowWeights) {
  Dense wide(1), narrow(1);
  narrow.config->setFlag(BuilderFlag::kBF16);
  const size_t weights = wide.weights.size() * sizeof(float);
  EXPECT_LE(narrow.plan_bytes().size() + weights / 2, wide.plan_bytes().size() + 1024);
}

TEST(Precision, LayersOfPrecisionFloatStayAsTheyAre) {
  Dense plain(1), kept(1);
  kept.config->setFlag(BuilderFlag::kBF16);
  kept.config->setFlag(BuilderFlag::kFP16);
  kept.layer->setPrecision(DataType::kFLOAT);
  EXPECT_EQ(kept.result(), plain.result());
}

TEST(Precision, DisabledPassLeavesEverything) {
  Dense plain(1), off(1);
  off.config->setFlag(BuilderFlag::kBF16);
  ASSERT_TRUE(off.config->setPassEnabled("lower_precision", false));
  EXPECT_EQ(off.result(), plain.result());
}

TEST(Precision, ObeyedLayersComputeInTheirType) {
  for (const auto& [type, flag, unit] :
       {std::tuple{DataType::kHALF, BuilderFlag::kFP16, kF16}, {DataType::kBF16, BuilderFlag::kBF16, kBf16}}) {
    Dense net(3, 64, 96);  // too small for the builder to choose so by itself
    net.config->setFlag(flag);
    net.config->setFlag(BuilderFlag::kOBEY_PRECISION_CONSTRAINTS);
    net.layer->setPrecision(type);
    const double error = net.error(net.result());
    EXPECT_LE(error, 3.1 * unit + kSums);
    EXPECT_GT(error, unit / 50);
  }
}

TEST(Precision, WishesWithoutObeyOrPreferAreHints) {
  Dense plain(3, 64, 96), hinted(3, 64, 96);
  hinted.layer->setPrecision(DataType::kHALF);
  hinted.layer->setOutputType(0, DataType::kFLOAT);
  EXPECT_EQ(hinted.result(), plain.result());
  EXPECT_TRUE(hinted.logger.warnings.empty());
}

TEST(Precision, PreferWarnsWhereItCannot) {
  Dense plain(3, 64, 96), net(3, 64, 96);
  net.config->setFlag(BuilderFlag::kPREFER_PRECISION_CONSTRAINTS);
  net.layer->setPrecision(DataType::kHALF);
  EXPECT_EQ(net.result(), plain.result());
  ASSERT_EQ(net.logger.warnings.size(), 1u);
  EXPECT_NE(net.logger.warnings[0].find("layer 'dense' asks for kHALF, which needs BuilderFlag::kFP16"),
            std::string::npos);
}

TEST(Precision, TheLogTellsWhichLayersAreNarrow) {
  Dense net(1);
  net.config->setFlag(BuilderFlag::kBF16);
  ASSERT_FALSE(net.plan_bytes().empty());
  EXPECT_EQ(
      net.logger.beginning("precision:"),
      (std::vector<std::string>{"precision: 1 layers: 1 multiply in bf16, 0 with f16 weights, 0 compute in f32 or "
                                "integers; all sums are f32",
                                "precision: layer 'dense' in bf16: gemm_bf16_f32"}));
}

TEST(Precision, StronglyTypedBf16IsObeyed) {
  NetworkCase net{Net(1U << static_cast<int32_t>(NetworkDefinitionCreationFlag::kSTRONGLY_TYPED))};
  constexpr int64_t kRows = 5, kInner = 35, kCols = 70;
  Random random{3};
  std::vector<uint16_t> weights(kInner * kCols), x(kRows * kInner);
  for (uint16_t& bits : weights) bits = float_to_bfloat16(random.next());
  for (uint16_t& bits : x) bits = float_to_bfloat16(random.next());
  ITensor& w = *net->addConstant(Dims2(kInner, kCols), {DataType::kBF16, weights.data(), kInner * kCols})->getOutput(0);
  net.mark(net.matmul(net.input("x", Dims2(kRows, kInner), DataType::kBF16), w));
  net.config->setProfilingVerbosity(ProfilingVerbosity::kDETAILED);
  const std::vector<Array> outputs = net.run({array_of(DataType::kBF16, {kRows, kInner}, x)});
  ASSERT_EQ(outputs[0].type, DataType::kBF16);
  const std::vector<uint16_t> y = outputs[0].as<uint16_t>();
  for (int64_t m = 0; m < kRows; ++m) {
    for (int64_t n = 0; n < kCols; ++n) {
      double sum = 0, magnitude = 0;
      for (int64_t k = 0; k < kInner; ++k) {
        const double term = static_cast<double>(bfloat16_to_float(x[static_cast<size_t>(m * kInner + k)])) *
                            bfloat16_to_float(weights[static_cast<size_t>(k * kCols + n)]);
        sum += term;
        magnitude += std::fabs(term);
      }
      const double got = bfloat16_to_float(y[static_cast<size_t>(m * kCols + n)]);
      EXPECT_NEAR(got, sum, kBf16 * std::fabs(sum) + kSums * magnitude);
    }
  }
}

/// y = conv(x), or its transpose: 3x3, 32 channels to 24 on 20 x 20 pixels.
struct Pixels : NetworkCase {
  explicit Pixels(bool transposed, DataType type = DataType::kFLOAT, uint32_t flags = 1) : NetworkCase{Net(flags)} {
    weights = random.floats(static_cast<size_t>(kIn * kOut * 9));
    std::vector<float> pixels = random.floats(static_cast<size_t>(kIn * 400));
    x = floats_of({1, kIn, 20, 20}, pixels);
    Weights w{type, weights.data(), static_cast<int64_t>(weights.size())};
    if (type == DataType::kBF16) {
      std::vector<uint16_t> narrow;
      for (const float value : weights) bits.push_back(float_to_bfloat16(value));
      for (const float value : pixels) narrow.push_back(float_to_bfloat16(value));
      x = array_of(type, {1, kIn, 20, 20}, narrow);
      w.values = bits.data();
    }
    ITensor& in = input("x", Dims4(1, kIn, 20, 20), type);
    layer = transposed
                ? static_cast<ILayer*>(network->addDeconvolutionNd(in, kOut, DimsHW(3, 3), w, {type, nullptr, 0}))
                : network->addConvolutionNd(in, kOut, DimsHW(3, 3), w, {type, nullptr, 0});
    layer->setName("pixels");
    mark(*layer->getOutput(0));
    config->setProfilingVerbosity(ProfilingVerbosity::kDETAILED);
  }
  /// Largest difference, over a bound of the magnitudes behind any element.
  static double apart(const std::vector<float>& a, const std::vector<float>& b) {
    double worst = 0;
    for (size_t i = 0; i < a.size(); ++i) worst = std::max(worst, static_cast<double>(std::fabs(a[i] - b[i])));
    return worst / (kIn * 9 * 0.25);
  }
  std::vector<float> result() { return run({x})[0].floats(); }
  std::string information() {
    const Loaded loaded(plan_bytes(), logger);
    const std::unique_ptr<IEngineInspector> inspector(loaded.engine->createEngineInspector());
    return inspector->getEngineInformation(LayerInformationFormat::kJSON);
  }

  static constexpr int64_t kIn = 32, kOut = 24;
  Random random{6};
  std::vector<float> weights;
  std::vector<uint16_t> bits;
  Array x;
  ILayer* layer;
};

TEST(Precision, ConvolutionsUseTheDotProductsOfTheMachine) {
  const bool pairs = kernels::detect_isa() >= kernels::Isa::kAvx512Bf16;
  for (const bool transposed : {false, true}) {
    Pixels plain(transposed), narrow(transposed), kept(transposed), halves(transposed);
    narrow.config->setFlag(BuilderFlag::kBF16);
    kept.config->setFlag(BuilderFlag::kBF16);
    kept.layer->setPrecision(DataType::kFLOAT);
    halves.config->setFlag(BuilderFlag::kFP16);  // weights are read once for many pixels: nothing to gain
    const std::vector<float> exact = plain.result(), got = narrow.result();
    EXPECT_LE(Pixels::apart(got, exact), 2.1 * kBf16);
    EXPECT_EQ(got != exact, pairs);
    EXPECT_EQ(kept.result(), exact);
    EXPECT_EQ(halves.result(), exact);
    EXPECT_EQ(narrow.information().find("\"kernel\": \"conv_bf16_f32\"") != std::string::npos, pairs);
    EXPECT_NE(plain.information().find("\"kernel\": \"conv_f32\""), std::string::npos);
    const size_t saved = pairs ? plain.weights.size() * 2 : 0;
    EXPECT_LE(narrow.plan_bytes().size() + saved, plain.plan_bytes().size() + 1024);
  }
}

TEST(Precision, StronglyTypedConvolutionsMultiplyTheirTypes) {
  for (const bool transposed : {false, true}) {
    Pixels plain(transposed);
    Pixels typed(transposed, DataType::kBF16,
                 1U << static_cast<int32_t>(NetworkDefinitionCreationFlag::kSTRONGLY_TYPED));
    const std::vector<float> exact = plain.result();
    std::vector<float> got;
    for (const uint16_t value : typed.run({typed.x})[0].as<uint16_t>()) got.push_back(bfloat16_to_float(value));
    ASSERT_EQ(got.size(), exact.size());
    EXPECT_LE(Pixels::apart(got, exact), 3.1 * kBf16);
    EXPECT_NE(typed.information().find("\"kernel\": \"conv_bf16_f32\""), std::string::npos) << typed.information();
  }
}

TEST(Precision, ObeyedConvolutionsComputeInTheirType) {
  for (const auto& [type, flag, name] : {std::tuple{DataType::kHALF, BuilderFlag::kFP16, "conv_f16_f32"},
                                         {DataType::kBF16, BuilderFlag::kBF16, "conv_bf16_f32"}}) {
    Pixels plain(false), ordered(false);
    ordered.config->setFlag(flag);
    ordered.config->setFlag(BuilderFlag::kOBEY_PRECISION_CONSTRAINTS);
    ordered.layer->setPrecision(type);
    const double error = Pixels::apart(ordered.result(), plain.result());
    EXPECT_LE(error, 3.1 * kBf16);
    EXPECT_GT(error, 0);
    EXPECT_NE(ordered.information().find(name), std::string::npos) << ordered.information();
  }
}

TEST(Precision, SameBitsForEveryTeam) {
  Dense net(37, 515, 300);
  net.config->setFlag(BuilderFlag::kBF16);
  Loaded loaded(net.plan_bytes(), net.logger);
  const std::vector<float> one = loaded.run({net.x}, 1)[0].floats();
  for (const int threads : {2, 3, 8}) EXPECT_EQ(loaded.run({net.x}, threads)[0].floats(), one) << threads;
}

TEST(Precision, SameBitsAtEveryPlaceOfABatch) {
  constexpr int64_t kInner = 333, kCols = 200;
  NetworkCase net;
  net.config->setFlag(BuilderFlag::kBF16);
  Random random{4};
  ITensor& w = net.values({kInner, kCols}, random.floats(kInner * kCols));
  net.mark(net.matmul(net.input("x", Dims2(-1, kInner)), w));
  IOptimizationProfile* profile = net.builder->createOptimizationProfile();
  profile->setDimensions("x", OptProfileSelector::kMIN, Dims2(1, kInner));
  profile->setDimensions("x", OptProfileSelector::kOPT, Dims2(32, kInner));
  profile->setDimensions("x", OptProfileSelector::kMAX, Dims2(40, kInner));
  net.config->addOptimizationProfile(profile);
  Loaded loaded(net.plan_bytes(), net.logger);
  const std::vector<float> row = random.floats(kInner);
  const std::vector<float> alone = loaded.run({floats_of({1, kInner}, row)})[0].floats();
  for (const int64_t batch : {2, 7, 40}) {
    for (const int64_t place : {int64_t{0}, batch / 2, batch - 1}) {
      std::vector<float> x = random.floats(static_cast<size_t>(batch * kInner));
      std::copy(row.begin(), row.end(), x.begin() + place * kInner);
      const std::vector<float> y = loaded.run({floats_of({batch, kInner}, x)})[0].floats();
      EXPECT_EQ(std::vector<float>(y.begin() + place * kCols, y.begin() + (place + 1) * kCols), alone)
          << place << " of " << batch;
    }
  }
}

// A plan holds no choice that needs the instructions of the machine it was built on.
TEST(Precision, PlansRunOnEveryInstructionSet) {
  Dense net(19, 515, 77);
  net.config->setFlag(BuilderFlag::kBF16);
  net.config->setFlag(BuilderFlag::kOBEY_PRECISION_CONSTRAINTS);
  net.layer->setPrecision(DataType::kBF16);
  const std::string plan = net.plan_bytes();
  for (const kernels::Isa isa :
       {kernels::Isa::kScalar, kernels::Isa::kAvx2, kernels::Isa::kAvx512, kernels::Isa::kAvx512Bf16}) {
    if (!kernels::supports(isa)) continue;
    const auto engine = std::make_shared<const runtime::Engine>(plan::read_plan(plan.data(), plan.size()), isa);
    runtime::Context context(engine, {});
    std::vector<float> x = net.x.floats(), y(static_cast<size_t>(net.M * net.N));
    context.set_dims(0, std::vector<int64_t>{net.M, net.K});
    context.set_address(0, x.data());
    context.bind();
    context.set_address(1, y.data());
    context.run();
    EXPECT_LE(net.error(y), 3.1 * kBf16 + kSums) << kernels::isa_name(isa);
  }
}

}  // namespace
}  // namespace rondo::test
