#include "kernels/cpu/conv/conv.h"

#include <cstring>
#include <utility>

#include "kernels/cpu/conv/conv_case.h"

namespace rondo::kernels::testing {
namespace {

void expect_correct(ConvCase c) {
  for (const Isa isa : isas()) {
    for (const DType product : {DType::kFloat32, DType::kBFloat16}) {
      for (const bool constant : {true, false}) {
        c.product = product;
        c.constant_weights = constant;
        ConvRunCase run(c, 1);
        run.run(isa);
        run.check();
        if (::testing::Test::HasFatalFailure()) return;
      }
    }
  }
}

ConvCase case2d(int64_t channels, int64_t outputs, ConvAxis h, ConvAxis w, int64_t after = 0) {
  ConvCase c;
  c.channels = channels;
  c.outputs = outputs;
  return c.set(1, h, after).set(2, w, after);
}

TEST(Conv, WidthsFromOneUp) {
  for (int64_t width = 1; width <= 70; ++width) {
    expect_correct(case2d(3, 5, {.in = 5, .kernel = 3, .pre = 1}, {.in = width, .kernel = 3, .pre = 1}, 1));
    expect_correct(case2d(3, 5, {.in = 3}, {.in = width}));
    if (HasFatalFailure()) return;
  }
}

TEST(Conv, OutputChannelsFromOneUp) {
  for (int64_t outputs = 1; outputs <= 20; ++outputs) {
    expect_correct(case2d(2, outputs, {.in = 6, .kernel = 3, .pre = 1}, {.in = 21, .kernel = 3, .pre = 1}, 1));
  }
}

TEST(Conv, EmptyTensors) {
  const ConvAxis axis{.in = 6, .kernel = 3, .pre = 1};
  ConvCase none = case2d(2, 3, axis, axis, 1);
  none.n = 0;
  expect_correct(none);
  expect_correct(case2d(0, 3, axis, axis, 1));  // sums of nothing: the bias
  expect_correct(case2d(2, 0, axis, axis, 1));
  expect_correct(case2d(2, 3, axis, {.in = 0, .kernel = 1, .pre = 2}, 3));
  expect_correct(case2d(2, 3, {.in = 4, .kernel = 5}, axis));  // no output row
}

TEST(Conv, PaddingOfAllKinds) {
  for (const int64_t pre : {-3, -1, 0, 1, 4, 9}) {
    for (const int64_t post : {-2, 0, 7}) {
      expect_correct(case2d(3, 4, {.in = 9, .kernel = 3, .pre = pre}, {.in = 18, .kernel = 4, .pre = post}, 3));
      expect_correct(case2d(2, 9, {.in = 9, .kernel = 1, .pre = post}, {.in = 18, .kernel = 1, .pre = pre}, post));
    }
  }
  expect_correct(
      case2d(3, 4, {.in = 2, .kernel = 7, .pre = 3}, {.in = 1, .kernel = 7, .pre = 3}, 3));  // kernel above input
  expect_correct(case2d(3, 4, {.in = 3, .kernel = 3}, {.in = 3, .kernel = 3}));              // one pixel
}

TEST(Conv, StridesDilationsAndInputDilationsTogether) {
  for (const int64_t stride : {1, 2, 3}) {
    for (const int64_t dilation : {1, 2, 5}) {
      for (const int64_t input : {1, 2, 3, 4}) {
        const ConvAxis h{
            .in = 6, .kernel = 2, .stride = stride, .dilation = dilation, .input_dilation = input, .pre = 2};
        const ConvAxis w{
            .in = 23, .kernel = 3, .stride = stride, .dilation = dilation, .input_dilation = input, .pre = 1};
        expect_correct(case2d(2, 3, h, w, 2));
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(Conv, TransposedHasNoTapForSomeOutputs) {
  const ConvAxis axis{.in = 7, .kernel = 2, .input_dilation = 4, .pre = 1};
  expect_correct(case2d(3, 4, axis, axis, 5));
}

TEST(Conv, GroupsAndDepthwise) {
  for (const int64_t outputs : {6, 12, 60}) {
    ConvCase c =
        case2d(6, outputs, {.in = 8, .kernel = 3, .pre = 1}, {.in = 40, .kernel = 3, .stride = 2, .pre = 1}, 1);
    for (const int64_t groups : {2, 3, 6}) {
      c.groups = groups;
      expect_correct(c);
    }
  }
}

TEST(Conv, OneAndThreeSpatialAxes) {
  ConvCase line;
  line.spatial = 1;
  line.channels = 5;
  line.outputs = 7;
  expect_correct(line.set(2, {.in = 300, .kernel = 5, .stride = 2, .pre = 2}, 2));
  ConvCase cube;
  cube.spatial = 3;
  cube.n = 2;
  cube.channels = cube.outputs = 3;
  for (int i = 0; i < 3; ++i) cube.set(i, {.in = 9, .kernel = 3, .pre = 1}, 1);
  expect_correct(cube);
  cube.set(0, {.in = 5, .kernel = 2, .input_dilation = 2}).set(1, {.in = 6, .kernel = 2, .stride = 2});
  expect_correct(cube);
}

TEST(Conv, LargeInputsAreWorkedOnInBoxes) {
  expect_correct(case2d(40, 2, {.in = 70, .kernel = 3, .pre = 1}, {.in = 70, .kernel = 3, .pre = 1}, 1));
  expect_correct(case2d(3, 2, {.in = 230, .kernel = 7, .stride = 2, .pre = 3},
                        {.in = 229, .kernel = 7, .stride = 2, .pre = 3}, 3));
  expect_correct(case2d(64, 9, {.in = 60}, {.in = 61}));  // read in place
  ConvCase line;
  line.spatial = 1;
  line.channels = 8;
  expect_correct(line.set(2, {.in = 40000, .kernel = 3, .pre = 1}, 1));
}

// Planes of a multiple of 1 KB are moved apart; what lies between them is padding like the rest.
TEST(Conv, PlanesOfAPowerOfTwo) {
  expect_correct(case2d(3, 2, {.in = 63, .kernel = 3, .pre = 1}, {.in = 63, .kernel = 3, .pre = 1}, 1));
  expect_correct(
      case2d(4, 3, {.in = 4, .kernel = 5, .stride = 2, .pre = 4}, {.in = 64, .kernel = 2, .input_dilation = 2}));
}

TEST(Conv, HalvesAndTurnedMemory) {
  for (const DType dtype : {DType::kFloat16, DType::kBFloat16, DType::kFloat32}) {
    for (const bool turned : {false, true}) {
      ConvCase c = case2d(4, 6, {.in = 9, .kernel = 3, .pre = 1}, {.in = 19, .kernel = 3, .stride = 2, .pre = 1}, 1);
      c.dtype = dtype;
      c.turned = turned;
      c.bias = turned;
      expect_correct(c);
    }
  }
}

ConvCase random_case(std::mt19937& random) {
  const auto draw = [&](int low, int high) {
    return low + static_cast<int64_t>(random() % static_cast<uint32_t>(high - low + 1));
  };
  ConvCase c;
  c.n = draw(0, 20) == 0 ? 0 : draw(1, 3);
  c.groups = draw(0, 2) ? 1 : draw(1, 3);
  c.channels = c.groups * (draw(0, 15) == 0 ? 0 : draw(1, 4));
  c.outputs = c.groups * draw(1, draw(0, 3) ? 4 : 20);
  c.spatial = static_cast<int>(draw(1, 3));
  for (int i = 3 - c.spatial; i < 3; ++i) {
    ConvAxis a;
    a.in = draw(0, 30) == 0 ? 0 : draw(1, i == 2 ? 70 : c.spatial == 3 ? 7 : 12);
    a.kernel = draw(1, draw(0, 2) ? 3 : 6);
    if (draw(0, 1)) a.stride = draw(1, 4);
    if (draw(0, 2) == 0) a.dilation = draw(1, 3);
    if (draw(0, 2) == 0) a.input_dilation = draw(1, 4);
    const bool padded = draw(0, 1) != 0;
    if (padded) a.pre = draw(-2, 5);
    c.set(i, a, padded ? draw(-2, 5) : 0);
  }
  c.bias = draw(0, 3) != 0;
  c.turned = draw(0, 5) == 0;
  c.constant_weights = draw(0, 1) != 0;
  c.dtype = draw(0, 5) ? DType::kFloat32 : draw(0, 1) ? DType::kFloat16 : DType::kBFloat16;
  if (draw(0, 1)) c.product = DType::kBFloat16;
  return c;
}

TEST(Conv, RandomShapes) {
  std::mt19937 random(7);
  const std::vector<Isa> all = isas();
  for (uint32_t i = 0; i < 600; ++i) {
    ConvRunCase run(random_case(random), i);
    run.run(all[i % all.size()], {static_cast<int>(i % 101)});
    run.check();
    if (HasFatalFailure()) return;
  }
}

// What instruction sets without pairs multiply is what those with them do: the same rounded factors.
TEST(Conv, RoundedFactorsHoldOnEveryInstructionSet) {
  const ConvAxis axis{.in = 20, .kernel = 3, .pre = 1};
  for (const int64_t channels : {1, 2, 3, 8}) {
    for (const int64_t groups : {int64_t{1}, channels}) {
      ConvCase c = case2d(channels, 2 * groups, axis, axis, 1);
      c.groups = groups;
      expect_correct(c);
      ConvRunCase plain(c, 5);
      c.product = DType::kBFloat16;
      ConvRunCase narrow(c, 5);
      for (const Isa isa : isas()) {
        narrow.run(isa);
        plain.run(isa);
        EXPECT_NE(narrow.y.memory(), plain.y.memory()) << "nothing is rounded";
      }
    }
  }
}

// One element's bits depend neither on the share of a rank nor on its image.
TEST(Conv, SharesAndPlaceInTheBatchChangeNoBit) {
  ConvCase c = case2d(33, 20, {.in = 30, .kernel = 3, .pre = 1}, {.in = 57, .kernel = 3, .pre = 1}, 1);
  std::vector<std::pair<Isa, DType>> kinds;
  for (const Isa isa : isas()) kinds.insert(kinds.end(), {{isa, DType::kFloat32}, {isa, DType::kBFloat16}});
  for (const auto& [isa, product] : kinds) {
    c.product = product;
    ConvRunCase whole(c, 3), shares(c, 3);
    whole.run(isa);
    shares.run(isa, {3, 17, 50, 51, 88});
    EXPECT_EQ(whole.y.memory(), shares.y.memory());
    c.n = 3;
    ConvRunCase batch(c, 3);
    const size_t image = whole.x.memory().size();
    for (size_t i = 0; i < 3; ++i) std::memcpy(batch.x.view().data + i * image, whole.x.memory().data(), image);
    std::memcpy(batch.w.view().data, whole.w.memory().data(), whole.w.memory().size());
    std::memcpy(batch.b.view().data, whole.b.memory().data(), whole.b.memory().size());
    batch.run(isa);
    const std::vector<std::byte>& y = whole.y.memory();
    for (size_t i = 0; i < 3; ++i)
      EXPECT_EQ(std::memcmp(batch.y.memory().data() + i * y.size(), y.data(), y.size()), 0);
    c.n = 1;
  }
}

}  // namespace
}  // namespace rondo::kernels::testing
