// A layer that is ordered to compute in a type that the builder may not use.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, PrecisionObeyWithoutFlag) {
  Net net;
  IUnaryLayer* layer = net->addUnary(net.input("x", Dims2(2, 3)), UnaryOperation::kEXP);
  layer->setName("exp");
  layer->setPrecision(DataType::kHALF);
  net->markOutput(*layer->getOutput(0));
  net.config->setFlag(BuilderFlag::kOBEY_PRECISION_CONSTRAINTS);
  expect_refused(net, {"layer 'exp'", "kHALF", "BuilderFlag::kFP16", "kOBEY_PRECISION_CONSTRAINTS"});
}

}  // namespace rondo::test
