// A residual block of windows at several shapes of one context: r = convolution(x) + x, its maxima over 2 x 2, spread
// out again by a deconvolution.

#include <algorithm>
#include <array>
#include <cmath>

#include "network_case.h"

namespace rondo::test {
namespace {

constexpr int64_t kChannels = 2;

struct Block : NetworkCase {
  Block() {
    ITensor& x = input("x", Dims4(-1, kChannels, -1, -1));
    IConvolutionLayer* near =
        network->addConvolutionNd(x, kChannels, Dims2(3, 3), weights(kChannels * kChannels * 9), weights(2, 0.5F));
    near->setPaddingMode(PaddingMode::kSAME_UPPER);
    IPoolingLayer* pool = network->addPoolingNd(add(*near->getOutput(0), x), PoolingType::kMAX, Dims2(2, 2));
    pool->setStrideNd(Dims2(2, 2));
    IDeconvolutionLayer* spread =
        network->addDeconvolutionNd(*pool->getOutput(0), kChannels, Dims2(2, 2), weights(kChannels * 4), {});
    spread->setNbGroups(kChannels);
    spread->setStrideNd(Dims2(2, 2));
    mark(*spread->getOutput(0));
    IOptimizationProfile* profile = builder->createOptimizationProfile();
    profile->setDimensions("x", OptProfileSelector::kMIN, Dims4(0, kChannels, 2, 2));
    profile->setDimensions("x", OptProfileSelector::kOPT, Dims4(1, kChannels, 8, 8));
    profile->setDimensions("x", OptProfileSelector::kMAX, Dims4(3, kChannels, 20, 20));
    config->addOptimizationProfile(profile);
  }
};

/// r at (h, w) of channel c of one image.
float residual(const float* image, int64_t c, int64_t h, int64_t w, int64_t height, int64_t width) {
  float sum = 0.5F;
  for (int64_t k = 0; k < kChannels; ++k) {
    for (int64_t i = std::max<int64_t>(0, h - 1); i < std::min(height, h + 2); ++i) {
      for (int64_t j = std::max<int64_t>(0, w - 1); j < std::min(width, w + 2); ++j)
        sum += image[(k * height + i) * width + j];
    }
  }
  return sum + image[(c * height + h) * width + w];
}

TEST(Windows, ResidualBlockAtSeveralShapes) {
  Block block;
  Loaded loaded(block.plan_bytes(), block.logger);
  Random random(3);
  for (const auto& [batch, height, width] :
       {std::array<int64_t, 3>{1, 4, 4}, {2, 7, 19}, {3, 20, 20}, {0, 8, 8}, {1, 2, 2}}) {
    const auto values = random.floats(static_cast<size_t>(batch * kChannels * height * width));
    const auto outputs = loaded.run({floats_of({batch, kChannels, height, width}, values)}, 2);
    ASSERT_EQ(outputs.size(), 1u) << block.logger.text();
    const int64_t rows = height / 2 * 2, columns = width / 2 * 2;
    ASSERT_EQ(outputs[0].dims, (std::vector<int64_t>{batch, kChannels, rows, columns}));
    const auto y = outputs[0].floats();
    for (size_t i = 0; i < y.size(); ++i) {
      const auto at = static_cast<int64_t>(i);
      const int64_t w = at % columns / 2 * 2, h = at / columns % rows / 2 * 2, c = at / columns / rows % kChannels;
      const float* image = values.data() + at / columns / rows / kChannels * kChannels * height * width;
      float wanted = -INFINITY;
      for (int64_t tap = 0; tap < 4; ++tap)
        wanted = std::max(wanted, residual(image, c, h + tap / 2, w + tap % 2, height, width));
      ASSERT_NEAR(y[i], wanted, 1e-5F) << i;
    }
  }
}

}  // namespace
}  // namespace rondo::test
