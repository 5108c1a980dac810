// A profile that changes a static dimension.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ProfileStaticDimension) {
  Net net;
  net->markOutput(*net->addUnary(net.input("x", Dims2(-1, 3)), UnaryOperation::kABS)->getOutput(0));
  IOptimizationProfile* profile = net.builder->createOptimizationProfile();
  for (auto select : {OptProfileSelector::kMIN, OptProfileSelector::kOPT, OptProfileSelector::kMAX}) {
    profile->setDimensions("x", select, Dims2(2, 4));
  }
  net.config->addOptimizationProfile(profile);
  expect_refused(net, {"profile 0: kMIN [2, 4] of network input 'x' [-1, 3] changes static dimension 1"});
}

}  // namespace rondo::test
