// A shape for a tensor that the engine lacks.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ShapeOfUnknownTensor) {
  Loaded net;
  ASSERT_NE(net.context, nullptr) << net.logger.text();
  EXPECT_FALSE(net.context->setInputShape("z", Dims2(2, 3)));
  expect_message(net, {"'z'"});
}

}  // namespace rondo::test
