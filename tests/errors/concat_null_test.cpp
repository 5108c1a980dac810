// A concatenation with a null in the list.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, ConcatNull) {
  Net net;
  ITensor* inputs[] = {&net.input("x", Dims2(2, 3)), nullptr};
  EXPECT_EQ(net->addConcatenation(inputs, 2), nullptr);
  expect_message(net, {"addConcatenation: input 1 is null"});
}

}  // namespace rondo::test
