// A matrix product whose inner extents differ.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, MatmulInnerExtents) {
  Net net;
  IMatrixMultiplyLayer* product = net->addMatrixMultiply(net.input("x", Dims2(3, 4)), MatrixOperation::kNONE,
                                                         net.constant(Dims2(5, 6)), MatrixOperation::kNONE);
  product->setName("product");
  net->markOutput(*product->getOutput(0));
  expect_refused(net, {"matrix_multiply 'product'", "4", "5", "(matrix_multiply C3)"});
}

}  // namespace rondo::test
