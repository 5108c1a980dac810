// A run without the address of an output.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, AddressMissing) {
  Loaded net;
  ASSERT_NE(net.context, nullptr) << net.logger.text();
  float x[6] = {};
  EXPECT_TRUE(net.context->setInputShape("x", Dims2(2, 3)));
  EXPECT_TRUE(net.context->setTensorAddress("x", x));
  EXPECT_FALSE(net.context->enqueueV3(nullptr));
  EXPECT_TRUE(net.logger.has("'y'")) << net.logger.text();
  EXPECT_FALSE(net.logger.internal_error) << net.logger.text();
}

}  // namespace rondo::test
