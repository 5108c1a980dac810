// An engine for a runtime that does not exist.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, EngineCapability) {
  Net net;
  net->markOutput(*net->addUnary(net.input("x", Dims2(2, 3)), UnaryOperation::kABS)->getOutput(0));
  net.config->setEngineCapability(EngineCapability::kDLA_STANDALONE);
  expect_refused(net, {"engine capability 2", "kSTANDARD"});
}

}  // namespace rondo::test
