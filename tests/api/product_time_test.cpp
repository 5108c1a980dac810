// What the time model says of products on each instruction set: by facts, so the same everywhere and always.
#include "passes/products/product_time.h"

#include <gtest/gtest.h>

#include "api/settings_check.h"
#include "passes/net.h"

namespace rondo::passes {
namespace {

using kernels::Isa;

ProductSize matrices(double m, double k, double n) { return {m * k * n, k * n, m * k, m * (k + 1) / 2 * n}; }

/// Time in f32 over time in `type`.
double gain(Isa isa, const ProductSize& size, DType type) {
  const TargetInfo info = api::target_info(isa);
  return product_cycles(info, size, DType::kFloat32, false) / product_cycles(info, size, type, true);
}

TEST(ProductTime, HalfOfTheBytesForALoneRow) {
  const ProductSize row = matrices(1, 2048, 2048);
  for (const Isa isa : {Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Bf16}) {
    EXPECT_GT(gain(isa, row, DType::kFloat16), 1.12) << kernels::isa_name(isa);
    EXPECT_LE(gain(isa, row, DType::kFloat16), 2) << kernels::isa_name(isa);
  }
  EXPECT_NEAR(gain(Isa::kAvx512Bf16, row, DType::kBFloat16), 2, 0.1);
  EXPECT_LT(gain(Isa::kScalar, row, DType::kFloat16), 1) << "widened lane by lane";
}

TEST(ProductTime, ManyRowsNeedInstructionsOfTheirOwn) {
  const ProductSize rows = matrices(128, 768, 768);
  EXPECT_NEAR(gain(Isa::kAvx512Bf16, rows, DType::kBFloat16), 1.97, 0.05);
  for (const Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512}) {
    EXPECT_LE(gain(isa, rows, DType::kBFloat16), 1) << kernels::isa_name(isa);
    EXPECT_LE(gain(isa, rows, DType::kFloat16), 1.001) << kernels::isa_name(isa);
  }
}

TEST(ProductTime, ConvolutionsCountTapsThatMeetAnInputAndPairsOfChannels) {
  const auto size_of = [](int64_t channels, int64_t groups, int64_t gap) {
    Net net;
    const ir::ValueId x = net.input("x", {1, channels * groups, 10, 10}), w = net.input("w", {8, channels, 2, 2});
    const int64_t out = 9 * gap;
    const ir::ValueId y = net.op(ir::OpKind::k_conv,
                                 {{"strides", std::vector<int64_t>{1, 1}},
                                  {"dilations", std::vector<int64_t>{1, 1}},
                                  {"input_dilations", std::vector<int64_t>{gap, gap}},
                                  {"groups", groups},
                                  {"pre", ir::Dims(2, net.graph.dims().constant(0))},
                                  {"post", ir::Dims(2, net.graph.dims().constant(0))}},
                                 {x, w});
    EXPECT_EQ(net.graph.dims().value(net.graph.type(y).dims[2]), out);
    return product_size(net.graph, net.graph.op(net.graph.value(y).def));
  };
  const ProductSize plain = size_of(4, 1, 1), odd = size_of(3, 1, 1), depth = size_of(1, 8, 1),
                    spread = size_of(4, 1, 2);
  EXPECT_EQ(plain.multiplies, 8.0 * 81 * 4 * 4);
  EXPECT_EQ(plain.pair_steps, plain.multiplies / 2);
  EXPECT_EQ(plain.rounded, 400);
  EXPECT_EQ(plain.streamed, 0);
  EXPECT_EQ(odd.pair_steps, odd.multiplies * 2 / 3);
  EXPECT_EQ(depth.pair_steps, depth.multiplies);
  EXPECT_EQ(spread.multiplies, 8.0 * 18 * 18 * 4 * 4 / 4);
  EXPECT_LE(gain(Isa::kAvx512Bf16, depth, DType::kBFloat16), 1);
  EXPECT_LE(gain(Isa::kAvx512Bf16, plain, DType::kFloat16), 1);
}

}  // namespace
}  // namespace rondo::passes
