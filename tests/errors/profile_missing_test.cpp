// A dynamic input and no profile.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ProfileMissing) {
  Net net;
  net->markOutput(*net->addUnary(net.input("x", Dims2(-1, 3)), UnaryOperation::kABS)->getOutput(0));
  expect_refused(net, {"network input 'x' [-1, 3] is dynamic", "no profile", "setDimensions"});
}

}  // namespace rondo::test
