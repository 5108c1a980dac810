// A precision flag where the types of tensors decide.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, PrecisionFlagOfStrongTypes) {
  Net net(1U << static_cast<int32_t>(NetworkDefinitionCreationFlag::kSTRONGLY_TYPED));
  net->markOutput(*net->addUnary(net.input("x", Dims2(2, 3)), UnaryOperation::kEXP)->getOutput(0));
  net.config->setFlag(BuilderFlag::kBF16);
  expect_refused(net, {"BuilderFlag::kBF16", "strongly typed"});
}

}  // namespace rondo::test
