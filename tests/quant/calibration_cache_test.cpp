#include "quant/calibration_cache.h"

#include <gtest/gtest.h>

namespace rondo::quant {
namespace {

TEST(CalibrationCache, IsTensorRtsText) {
  const CalibrationCache cache{
      Method::kEntropy2, {}, {{"x", 1.0F / 127}, {"(Unnamed Layer* 0) [Convolution]_output", 0.5F}}};
  EXPECT_EQ(write_cache(8601, cache),
            "TRT-8601-EntropyCalibration2\nx: 3c010204\n(Unnamed Layer* 0) [Convolution]_output: 3f000000\n");
}

TEST(CalibrationCache, ComesBack) {
  for (const Method method : {Method::kPercentile, Method::kEntropy, Method::kEntropy2, Method::kMinMax}) {
    const CalibrationCache cache{method, {0.9999, 0.75}, {{"a: b", 0.125F}, {"y", 3.5F}}};
    std::string error;
    const auto back = read_cache(write_cache(10000, cache), &error);
    ASSERT_TRUE(back.has_value()) << error;
    EXPECT_EQ(back->method, method);
    EXPECT_EQ(back->scales, cache.scales);
    if (method == Method::kPercentile) {
      EXPECT_EQ(back->parameters.quantile, 0.9999);
      EXPECT_EQ(back->parameters.cutoff, 0.75);
    }
  }
}

TEST(CalibrationCache, ReadsOldOnes) {
  std::string error;
  const auto legacy = read_cache("0 3ff0000000000000 3fefff2e48e8a71e\ngelu: 3cc18306\r\n", &error);
  ASSERT_TRUE(legacy.has_value()) << error;
  EXPECT_EQ(legacy->method, Method::kPercentile);
  EXPECT_EQ(legacy->parameters.cutoff, 1.0);
  EXPECT_EQ(legacy->parameters.quantile, 0.9999);
  EXPECT_NEAR(legacy->scales[0].second, 3.0 / 127, 1e-8);
  EXPECT_EQ(read_cache("TRT-7103-MinMaxCalibration\nx: 3f800000", &error)->scales[0].second, 1.0F);
}

TEST(CalibrationCache, NamesTheBrokenLine) {
  std::string error;
  EXPECT_FALSE(read_cache("", &error).has_value());
  EXPECT_NE(error.find("line 1"), std::string::npos);
  EXPECT_FALSE(read_cache("TRT-8601-BestCalibration\n", &error).has_value());
  for (const char* line : {"x", "x: ", "x: 3f80000g", "x: 3f8000000", "x: 7fc00000", "x: bf800000", ": 3f800000"}) {
    EXPECT_FALSE(read_cache(std::string("TRT-8601-MinMaxCalibration\ny: 3f800000\n") + line, &error).has_value())
        << line;
    EXPECT_NE(error.find("line 3"), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace rondo::quant
