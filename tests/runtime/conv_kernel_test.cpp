// The convolution kernel as a step of a program: constant and computed weights, any team, and plans that do not fit.
#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "base/error.h"
#include "runtime/context.h"
#include "runtime/program_builder.h"

namespace rondo::runtime::testing {
namespace {

std::vector<float> ramp(size_t count, int seed) {
  std::vector<float> out(count);
  for (size_t i = 0; i < count; ++i) out[i] = static_cast<float>((static_cast<int>(i) * 37 + seed) % 101 - 50) / 64;
  return out;
}

/// y [2, 6, 9, 14] = conv of x [2, 4, 18, 14], 3x3, stride 2 x 1, padding 1, two groups.
struct ConvProgram {
  explicit ConvProgram(bool constant_weights) {
    const uint32_t x = b.input("x", {2, 4, 18, 14}), bias = b.input("bias", {6});
    const uint32_t w = constant_weights ? b.constant(weights) : b.input("w", {6, 2, 3, 3});
    const uint32_t y = b.output("y", {b.c(2), b.c(6), b.c(9), b.c(14)});
    kernel.id = plan::KernelId::k_conv;
    add(x, {2, 4, 18, 14});
    add(w, {6, 2, 3, 3});
    add(bias, {6});
    add(y, {2, 6, 9, 14});
    kernel.space = kernel.operand_dims.back();
    kernel.attrs = {2, 1, 1, 1, 1, 1, 2};
    kernel.exprs = {b.c(1), b.c(1)};
    inputs = {ramp(2 * 4 * 18 * 14, 1), ramp(6, 2)};
    if (!constant_weights) inputs.push_back(weights);
  }
  void add(uint32_t buffer, const std::vector<int64_t>& dims) {
    std::vector<ExprId> extents, strides(dims.size());
    int64_t step = 1;
    for (size_t i = dims.size(); i-- > 0; step *= dims[i]) strides[i] = b.c(step);
    for (const int64_t dim : dims) extents.push_back(b.c(dim));
    kernel.operands.push_back(b.view({buffer, b.c(0), strides}));
    kernel.operand_dims.push_back(extents);
  }
  std::vector<float> run(int threads) {
    b.kernel(kernel, "conv");
    ContextOptions options;
    options.threads = threads;
    options.policy = TeamPolicy::kAll;
    Context context(std::make_shared<const Engine>(b.program), options);
    std::vector<float> y(2 * 6 * 9 * 14, -9);
    for (size_t i = 0; i < inputs.size(); ++i) context.set_address(static_cast<uint32_t>(i), inputs[i].data());
    context.set_address(static_cast<uint32_t>(inputs.size()), y.data());
    context.run();
    return y;
  }
  std::string refusal() {
    try {
      run(1);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  const std::vector<float> weights = ramp(6 * 2 * 3 * 3, 3);
  ProgramBuilder b;
  plan::Kernel kernel;
  std::vector<std::vector<float>> inputs;
};

double expected(const ConvProgram& p, int n, int m, int row, int col) {
  double sum = p.inputs[1][static_cast<size_t>(m)];
  for (int c = 0; c < 2; ++c) {
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < 3; ++j) {
        const int h = row * 2 + i - 1, w = col + j - 1, channel = m / 3 * 2 + c;
        if (h < 0 || h >= 18 || w < 0 || w >= 14) continue;
        sum += static_cast<double>(p.inputs[0][static_cast<size_t>(((n * 4 + channel) * 18 + h) * 14 + w)]) *
               p.weights[static_cast<size_t>(((m * 2 + c) * 3 + i) * 3 + j)];
      }
    }
  }
  return sum;
}

TEST(ConvKernel, RoundsFactorsWhereThePlanSaysSo) {
  ConvProgram plain(true), narrow(true), told(true);
  told.kernel.attrs.push_back(static_cast<int64_t>(DType::kFloat32));
  narrow.kernel.attrs.push_back(static_cast<int64_t>(DType::kBFloat16));
  for (std::vector<float>& values : {std::ref(plain.inputs[0]), std::ref(narrow.inputs[0]), std::ref(told.inputs[0])})
    values[200] = 1.001F;
  const std::vector<float> exact = plain.run(1), rounded = narrow.run(1);
  EXPECT_EQ(told.run(1), exact);
  EXPECT_NE(rounded, exact);
  for (size_t i = 0; i < exact.size(); ++i) EXPECT_NEAR(rounded[i], exact[i], 0.01);
}

TEST(ConvKernel, ProductsOfOtherTypesAreRefused) {
  ConvProgram program(true);
  program.kernel.attrs.push_back(static_cast<int64_t>(DType::kFloat16));
  EXPECT_NE(program.refusal().find("factors are rounded to bf16 or not at all"), std::string::npos)
      << program.refusal();
}

TEST(ConvKernel, IsTheSumOfItsTaps) {
  ConvProgram program(true);
  const std::vector<float> y = program.run(1);
  for (int i = 0; i < 2 * 6 * 9 * 14; ++i) {
    ASSERT_NEAR(y[static_cast<size_t>(i)], expected(program, i / 756, i / 126 % 6, i / 14 % 9, i % 14), 1e-5) << i;
  }
}

TEST(ConvKernel, TeamsAndTheOriginOfWeightsChangeNoBit) {
  const std::vector<float> y = ConvProgram(true).run(1);
  for (const int threads : {1, 2, 3, 5}) {
    EXPECT_EQ(ConvProgram(true).run(threads), y);
    EXPECT_EQ(ConvProgram(false).run(threads), y);
  }
}

TEST(ConvKernel, PlansThatDoNotFitAreRefused) {
  const auto refused = [](auto change) {
    ConvProgram program(true);
    change(program);
    return program.refusal();
  };
  EXPECT_NE(refused([](ConvProgram& p) { p.kernel.attrs[6] = 4; }).find("groups do not divide the channels"),
            std::string::npos);
  EXPECT_NE(refused([](ConvProgram& p) { p.kernel.attrs[6] = 1; }).find("dims do not fit each other"),
            std::string::npos);
  EXPECT_NE(refused([](ConvProgram& p) { p.kernel.attrs[0] = 0; }).find("stride or dilation is out of range"),
            std::string::npos);
  EXPECT_NE(refused([](ConvProgram& p) { p.kernel.attrs[4] = int64_t{1} << 31; }).find("out of range"),
            std::string::npos);
  EXPECT_NE(
      refused([](ConvProgram& p) { p.kernel.exprs[0] = p.b.c(int64_t{1} << 62); }).find("a padding is out of range"),
      std::string::npos);
  EXPECT_NE(refused([](ConvProgram& p) {
              p.kernel.attrs.insert(p.kernel.attrs.end(), 2, 0);
            }).find("another number of attributes"),
            std::string::npos);
  EXPECT_NE(refused([](ConvProgram& p) { p.kernel.operand_dims[2] = {p.b.c(5)}; }).find("bias is not one per output"),
            std::string::npos);
}

}  // namespace
}  // namespace rondo::runtime::testing
