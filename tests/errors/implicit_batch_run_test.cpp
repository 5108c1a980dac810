// A run with a batch size.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ImplicitBatchRun) {
  Loaded net;
  ASSERT_NE(net.context, nullptr) << net.logger.text();
  float x[6] = {}, y[6] = {};
  void* bindings[] = {x, y};
  EXPECT_FALSE(net.context->execute(1, bindings));
  EXPECT_TRUE(net.logger.has("executeV2")) << net.logger.text();
}

}  // namespace rondo::test
