// A profile whose minimum exceeds its optimum.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ProfileMinAboveOpt) {
  Net net;
  IOptimizationProfile* profile = net.builder->createOptimizationProfile();
  EXPECT_TRUE(profile->setDimensions("x", OptProfileSelector::kMIN, Dims2(5, 3)));
  EXPECT_FALSE(profile->setDimensions("x", OptProfileSelector::kOPT, Dims2(4, 3)));
  expect_message(net, {"profile of input 'x'", "kMIN 5 exceeds kOPT 4", "dimension 0"});
  EXPECT_EQ(profile->getDimensions("x", OptProfileSelector::kOPT).nbDims, -1);
}

}  // namespace rondo::test
