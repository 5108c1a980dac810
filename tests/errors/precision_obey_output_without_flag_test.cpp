// An output that is ordered in a type that the builder may not use.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, PrecisionObeyOutputWithoutFlag) {
  Net net;
  IUnaryLayer* layer = net->addUnary(net.input("x", Dims2(2, 3)), UnaryOperation::kEXP);
  layer->setName("exp");
  layer->setOutputType(0, DataType::kBF16);
  net->markOutput(*net->addUnary(*layer->getOutput(0), UnaryOperation::kABS)->getOutput(0));
  net.config->setFlag(BuilderFlag::kOBEY_PRECISION_CONSTRAINTS);
  net.config->setFlag(BuilderFlag::kFP16);
  expect_refused(net, {"layer 'exp'", "kBF16", "BuilderFlag::kBF16"});
}

}  // namespace rondo::test
