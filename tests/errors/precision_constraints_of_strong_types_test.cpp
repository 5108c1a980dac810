// Precision constraints where the types of tensors decide.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, PrecisionConstraintsOfStrongTypes) {
  Net net(1U << static_cast<int32_t>(NetworkDefinitionCreationFlag::kSTRONGLY_TYPED));
  net->markOutput(*net->addUnary(net.input("x", Dims2(2, 3)), UnaryOperation::kEXP)->getOutput(0));
  net.config->setFlag(BuilderFlag::kOBEY_PRECISION_CONSTRAINTS);
  expect_refused(net, {"precision constraints", "weakly typed"});
}

}  // namespace rondo::test
