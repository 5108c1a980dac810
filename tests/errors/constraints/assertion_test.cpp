// Assertions that are no condition, or are false from the start.

#include "errors/constraints/refusal.h"
#include "errors/mistake.h"

namespace rondo::test {

TEST(AssertionConstraints, C1_NotBool) {
  Net net;
  net->markOutput(*net->addIdentity(net.input("x", Dims2(2, 3)))->getOutput(0));
  net->addAssertion(net.scalar(1), "sizes fit")->setName("check");
  expect_refused(net, {"assertion 'check'", "must be bool", "(assertion C1)"});
}

TEST(AssertionConstraints, C2_FalseFromTheStart) {
  Net net;
  net->markOutput(*net->addIdentity(net.input("x", Dims2(2, 3)))->getOutput(0));
  net->addAssertion(net.boolean(false), "sizes fit")->setName("check");
  expect_refused(net, {"assertion 'check'", "the condition is false: sizes fit", "(assertion C2)"});
}

TEST(AssertionConstraints, C3_TooManyElements) {
  Net net;
  ITensor& x = net.input("x", Dims2(2, 100));
  net->markOutput(*net->addIdentity(x)->getOutput(0));
  net->addAssertion(*net->addElementWise(x, x, ElementWiseOperation::kEQUAL)->getOutput(0), "all finite")
      ->setName("check");
  expect_refused(net, {"check", "at most 64 elements"});
  Refusal().expect(ir::OpKind::k_assertion, {{"message", std::string("all finite")}}, {{DType::kBool, {100}}},
                   "(assertion C3)");
}

TEST(AssertionConstraints, NullMessage) {
  Net net;
  EXPECT_EQ(net->addAssertion(net.boolean(true), nullptr), nullptr);
  expect_message(net, {"addAssertion", "message is null"});
}

}  // namespace rondo::test
