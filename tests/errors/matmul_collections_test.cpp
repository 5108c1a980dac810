// A matrix product whose leading dimensions differ in number.

#include "mistake.h"

namespace rondo::test {

TEST(Errors, MatmulCollections) {
  Net net;
  IMatrixMultiplyLayer* product = net->addMatrixMultiply(net.input("x", Dims3(2, 3, 4)), MatrixOperation::kNONE,
                                                         net.constant(Dims2(4, 6)), MatrixOperation::kNONE);
  product->setName("product");
  net->markOutput(*product->getOutput(0));
  expect_refused(net, {"matrix_multiply 'product'", "f32[2, 3, 4], f32[4, 6]", "(matrix_multiply C2)"});
}

}  // namespace rondo::test
