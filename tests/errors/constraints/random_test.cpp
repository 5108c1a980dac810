// Random numbers of the primitive op.

#include "errors/constraints/refusal.h"

namespace rondo::test {

TEST(RandomConstraints, C1_UnknownDistribution) {
  Refusal r;
  r.expect(ir::OpKind::k_random, {{"shape", r.dims({2})}, {"distribution", int64_t{2}}, {"seed", int64_t{1}}}, {},
           "(random C1)");
}

TEST(RandomConstraints, C2_NegativeExtent) {
  Refusal r;
  r.expect(ir::OpKind::k_random, {{"shape", r.dims({-2})}, {"distribution", int64_t{0}}, {"seed", int64_t{1}}}, {},
           "(random C2)");
}

TEST(RandomConstraints, C3_StreamOfAnotherType) {
  Refusal r;
  r.expect(ir::OpKind::k_random, {{"shape", r.dims({2})}, {"distribution", int64_t{0}}, {"seed", int64_t{1}}},
           {{DType::kInt32, {}}}, "(random C3)");
}

}  // namespace rondo::test
