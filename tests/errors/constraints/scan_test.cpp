// Running totals of the primitive op.

#include "errors/constraints/refusal.h"

namespace rondo::test {
namespace {

ir::Attrs scan_attrs(int64_t axis, int64_t op) {
  return {{"axis", axis}, {"op", op}, {"exclusive", int64_t{0}}, {"reverse", int64_t{0}}};
}

}  // namespace

TEST(ScanConstraints, C1_AxisOutside) {
  Refusal().expect(ir::OpKind::k_scan, scan_attrs(1, 0), {{DType::kFloat32, {3}}}, "(scan C1)");
}

TEST(ScanConstraints, C2_BoolSum) {
  Refusal().expect(ir::OpKind::k_scan, scan_attrs(0, 0), {{DType::kBool, {3}}}, "(scan C2)");
}

TEST(ScanConstraints, C3_UnknownOperation) {
  Refusal().expect(ir::OpKind::k_scan, scan_attrs(0, 1), {{DType::kFloat32, {3}}}, "(scan C3)");
}

}  // namespace rondo::test
