#include "quant/scale_search.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace rondo::quant {
namespace {

std::vector<float> normal(size_t count, float sigma, uint32_t seed) {
  std::mt19937 bits(seed);
  std::vector<float> values(count);
  for (float& v : values) {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += static_cast<double>(bits()) / 4294967296.0;
    v = sigma * static_cast<float>(sum);
  }
  return values;
}

double squared_error(const std::vector<float>& values, double range) {
  double sum = 0;
  for (const float v : values) {
    const double step = range / 127;
    const double rounded = std::clamp(std::nearbyint(static_cast<double>(v) / step), -127.0, 127.0) * step;
    sum += (rounded - static_cast<double>(v)) * (rounded - static_cast<double>(v));
  }
  return sum / static_cast<double>(values.size());
}

TEST(Histogram, WidensByTwosAndKeepsEveryCount) {
  Histogram h;
  h.add(std::vector<float>{0.5F, -1.0F, 0.0F});
  EXPECT_EQ(h.width(), 1.0 / Histogram::kBins);
  h.add(std::vector<float>{3.0F});
  EXPECT_EQ(h.width(), 4.0 / Histogram::kBins);
  EXPECT_EQ(h.amax(), 3.0F);
  EXPECT_EQ(h.total(), 4u);
  EXPECT_EQ(h.counts()[0], 1u);
  EXPECT_EQ(h.counts()[Histogram::kBins / 8], 1u);
  EXPECT_EQ(h.counts()[Histogram::kBins / 4 * 3], 1u);
}

TEST(Histogram, OneBatchOrManyIsTheSame) {
  const std::vector<float> values = normal(4000, 1, 3);
  Histogram all, parts;
  all.add(values);
  parts.add(std::span(values).first(4000));
  EXPECT_EQ(all.counts(), parts.counts());
  Histogram text;
  ASSERT_TRUE(text.from_text(all.to_text()));
  EXPECT_EQ(text.counts(), all.counts());
  EXPECT_EQ(text.width(), all.width());
  EXPECT_EQ(text.amax(), all.amax());
  EXPECT_FALSE(text.from_text("1 2 3"));
  EXPECT_FALSE(text.from_text(all.to_text() + " 7"));
}

TEST(Histogram, LeavesOutWhatIsNotFinite) {
  Histogram h;
  h.add(std::vector<float>{INFINITY, NAN, -INFINITY, 2.0F});
  EXPECT_EQ(h.not_finite(), 3u);
  EXPECT_EQ(h.total(), 1u);
  EXPECT_EQ(h.amax(), 2.0F);
}

TEST(ScaleSearch, MinMaxIsTheLargestMagnitude) {
  Histogram h;
  h.add(std::vector<float>{-12.7F, 3.0F});
  EXPECT_FLOAT_EQ(scale_of(h, Method::kMinMax), 0.1F);
}

TEST(ScaleSearch, PercentileLeavesOutTheTail) {
  Histogram h;
  std::vector<float> values(9999, 1.0F);
  values.push_back(1000.0F);
  h.add(values);
  EXPECT_LT(range_of(h, Method::kPercentile, {0.999, 1}), 2.0);
  EXPECT_EQ(range_of(h, Method::kPercentile, {1, 1}), 1000.0);
  EXPECT_EQ(range_of(h, Method::kPercentile, {1, 0.5}), 500.0);
}

TEST(ScaleSearch, EntropyCutsOutliersThatCostMoreThanTheyGive) {
  std::vector<float> values = normal(200000, 1, 7);
  for (int i = 0; i < 4; ++i) values.push_back(100.0F);
  Histogram h;
  h.add(values);
  const double range = range_of(h, Method::kEntropy2);
  EXPECT_GT(range, 2.0);
  EXPECT_LT(range, 30.0);
  values.resize(200000);
  EXPECT_LT(squared_error(values, range), squared_error(values, 100) / 4);
}

TEST(ScaleSearch, EntropyKeepsAUniformTensorWhole) {
  std::vector<float> values(100000);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / 100000;
  Histogram h;
  h.add(values);
  EXPECT_GT(range_of(h, Method::kEntropy), 0.95);
}

TEST(ScaleSearch, AllZeroHasAScale) {
  Histogram h;
  h.add(std::vector<float>(10));
  for (const Method method : {Method::kPercentile, Method::kEntropy, Method::kEntropy2, Method::kMinMax}) {
    EXPECT_GT(scale_of(h, method), 0.0F);
  }
}

}  // namespace
}  // namespace rondo::quant
