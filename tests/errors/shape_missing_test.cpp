// A run without the shape of a dynamic input.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ShapeMissing) {
  Loaded net;
  ASSERT_NE(net.context, nullptr) << net.logger.text();
  float x[12] = {}, y[12] = {};
  void* bindings[] = {x, y};
  EXPECT_FALSE(net.context->executeV2(bindings));
  EXPECT_TRUE(net.logger.has("'x'")) << net.logger.text();
  EXPECT_FALSE(net.logger.internal_error) << net.logger.text();
}

}  // namespace rondo::test
