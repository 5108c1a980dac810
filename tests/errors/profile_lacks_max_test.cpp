// A profile without a maximum.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ProfileLacksMax) {
  Net net;
  IOptimizationProfile* profile = net.builder->createOptimizationProfile();
  profile->setDimensions("x", OptProfileSelector::kMIN, Dims2(1, 3));
  profile->setDimensions("x", OptProfileSelector::kOPT, Dims2(4, 3));
  EXPECT_FALSE(profile->isValid());
  EXPECT_EQ(net.config->addOptimizationProfile(profile), -1);
  expect_message(net, {"profile of input 'x' lacks kMAX", "setDimensions"});
}

}  // namespace rondo::test
