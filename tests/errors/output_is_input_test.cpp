// A network input marked as output.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, OutputIsInput) {
  Net net;
  net->markOutput(net.input("x", Dims2(3, 4)));
  expect_message(net, {"tensor 'x' is a network input", "identity"});
  EXPECT_EQ(net->getNbOutputs(), 0);
}

}  // namespace rondo::test
