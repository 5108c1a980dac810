// Operand types and sizes of the products.

#include "errors/constraints/refusal.h"

namespace rondo::test {

TEST(MatmulConstraints, C4_TwoTypes) {
  Refusal().expect(ir::OpKind::k_matmul, {}, {{DType::kFloat32, {2, 3}}, {DType::kFloat16, {3, 4}}}, "(matmul C4)");
}

TEST(MatmulConstraints, C4_Integers) {
  Refusal().expect(ir::OpKind::k_matmul, {}, {{DType::kInt32, {2, 3}}, {DType::kInt32, {3, 4}}}, "(matmul C4)");
  Refusal().expect(ir::OpKind::k_matmul, {{"product", int64_t{0}}},
                   {{DType::kFloat32, {2, 3}}, {DType::kInt32, {3, 4}}}, "(matmul C4)");
}

TEST(MatmulConstraints, C5_ProductType) {
  Refusal().expect(ir::OpKind::k_matmul, {{"product", int64_t{1}}},
                   {{DType::kFloat32, {2, 3}}, {DType::kFloat16, {3, 4}}}, "(matmul C5)");
}

TEST(FullyConnectedConstraints, C4_TwoTypes) {
  Refusal().expect(ir::OpKind::k_fully_connected, {{"outputs", int64_t{2}}},
                   {{DType::kFloat32, {1, 1, 1, 3}}, {DType::kFloat16, {6}}}, "(fully_connected C4)");
}

TEST(FullyConnectedConstraints, C5_NoOutputs) {
  Refusal().expect(ir::OpKind::k_fully_connected, {{"outputs", int64_t{0}}},
                   {{DType::kFloat32, {1, 1, 1, 3}}, {DType::kFloat32, {0}}}, "(fully_connected C5)");
}

}  // namespace rondo::test
