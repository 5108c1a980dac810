// An index tensor's own constraints; the public API writes its attributes itself.

#include "errors/constraints/refusal.h"

namespace rondo::test {
namespace {

void expect_refused(const std::vector<int64_t>& shape, int64_t axis, const char* part) {
  Refusal refusal;
  const ir::Attrs attrs{{"shape", refusal.dims(shape)}, {"axis", axis}, {"dtype", static_cast<int64_t>(DType::kInt32)}};
  refusal.expect(ir::OpKind::k_iota, attrs, {}, part);
}

}  // namespace

TEST(IotaConstraints, C1_AxisOutside) { expect_refused({3, 4}, 2, "(iota C1)"); }

TEST(IotaConstraints, C2_NegativeExtent) { expect_refused({3, -4}, 0, "(iota C2)"); }

}  // namespace rondo::test
