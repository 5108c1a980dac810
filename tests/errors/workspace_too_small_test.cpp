// A workspace that no schedule fits.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, WorkspaceTooSmall) {
  Net net;
  ITensor& x = net.input("x", Dims2(256, 256));
  IMatrixMultiplyLayer* square = net->addMatrixMultiply(x, MatrixOperation::kNONE, x, MatrixOperation::kNONE);
  net->markOutput(
      *net->addMatrixMultiply(*square->getOutput(0), MatrixOperation::kNONE, x, MatrixOperation::kNONE)->getOutput(0));
  net.config->setMemoryPoolLimit(MemoryPoolType::kWORKSPACE, 64);
  EXPECT_EQ(net.build(), nullptr);
  expect_message(net, {"kWORKSPACE", "allows 64", "setMemoryPoolLimit"});
}

}  // namespace rondo::test
