// A plan that is not there.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, PlanNull) {
  Net net;
  std::unique_ptr<IRuntime> runtime(createInferRuntime(net.logger));
  EXPECT_EQ(runtime->deserializeCudaEngine(nullptr, 100), nullptr);
  EXPECT_EQ(net.logger.errors.size(), 1u) << net.logger.text();
  EXPECT_FALSE(net.logger.internal_error);
}

}  // namespace rondo::test
