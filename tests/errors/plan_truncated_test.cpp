// Every plan that ends too early.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, PlanTruncated) {
  Loaded net;
  ASSERT_NE(net.engine, nullptr) << net.logger.text();
  const auto* bytes = static_cast<const char*>(net.plan->data());
  for (size_t size = 1; size < net.plan->size(); size += 37) {
    net.logger.errors.clear();
    EXPECT_EQ(net.runtime->deserializeCudaEngine(bytes, size), nullptr) << size;
    EXPECT_EQ(net.logger.errors.size(), 1u) << net.logger.text();
    EXPECT_FALSE(net.logger.internal_error) << net.logger.text();
  }
}

}  // namespace rondo::test
