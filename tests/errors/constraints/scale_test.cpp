// Weights of another type than the data.

#include "errors/constraints/refusal.h"

namespace rondo::test {

TEST(ScaleConstraints, C3_TwoTypes) {
  Refusal().expect(ir::OpKind::k_scale, {{"mode", int64_t{0}}, {"channel_axis", int64_t{1}}},
                   {{DType::kFloat32, {2, 3}}, {DType::kFloat16, {1}}, {DType::kFloat16, {1}}, {DType::kFloat16, {1}}},
                   "(scale C3)");
}

TEST(ScaleConstraints, C3_Integers) {
  Refusal().expect(ir::OpKind::k_scale, {{"mode", int64_t{0}}, {"channel_axis", int64_t{1}}},
                   {{DType::kInt32, {2, 3}}, {DType::kInt32, {1}}, {DType::kInt32, {1}}, {DType::kInt32, {1}}},
                   "(scale C3)");
}

}  // namespace rondo::test
