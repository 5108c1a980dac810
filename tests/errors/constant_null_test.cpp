// A constant without values.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ConstantNull) {
  Net net;
  EXPECT_EQ(net->addConstant(Dims2(2, 3), Weights{DataType::kFLOAT, nullptr, 6}), nullptr);
  expect_message(net, {"addConstant", "6 elements", "null"});
}

}  // namespace rondo::test
