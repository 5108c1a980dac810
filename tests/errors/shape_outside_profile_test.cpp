// A shape outside of the profile.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ShapeOutsideProfile) {
  Loaded net;
  ASSERT_NE(net.context, nullptr) << net.logger.text();
  EXPECT_FALSE(net.context->setInputShape("x", Dims2(5, 3)));
  expect_message(net, {"'x'", "5", "4"});
}

}  // namespace rondo::test
