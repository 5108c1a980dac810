// A network input without a name.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, InputWithoutName) {
  Net net;
  EXPECT_EQ(net->addInput(nullptr, DataType::kFLOAT, Dims2(1, 1)), nullptr);
  expect_message(net, {"addInput: name is null"});
}

}  // namespace rondo::test
