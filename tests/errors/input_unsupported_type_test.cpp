// A network input of a type that this version does not compute with.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, InputUnsupportedType) {
  Net net;
  EXPECT_EQ(net->addInput("x", DataType::kFP8, Dims2(3, 4)), nullptr);
  expect_message(net, {"network input 'x'", "DataType 6", "kFLOAT"});
}

}  // namespace rondo::test
