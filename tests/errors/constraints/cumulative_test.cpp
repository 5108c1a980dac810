// Running totals.

#include "errors/constraints/refusal.h"
#include "errors/mistake.h"

namespace rondo::test {

TEST(CumulativeConstraints, C1_AxisOutside) {
  Refusal().expect(ir::OpKind::k_cumulative,
                   {{"axis", int64_t{1}}, {"op", int64_t{0}}, {"exclusive", int64_t{0}}, {"reverse", int64_t{0}}},
                   {{DType::kFloat32, {3}}}, "(cumulative C1)");
}

TEST(CumulativeConstraints, C2_BoolSum) {
  Net net;
  ICumulativeLayer* sum = net->addCumulative(net.input("x", Dims2(2, 3), DataType::kBOOL), net.scalar(1),
                                             CumulativeOperation::kSUM, false, false);
  sum->setName("sum");
  net->markOutput(*sum->getOutput(0));
  expect_refused(net, {"cumulative 'sum'", "cannot be summed", "(cumulative C2)"});
}

TEST(CumulativeConstraints, C3_UnknownOperation) {
  Refusal().expect(ir::OpKind::k_cumulative,
                   {{"axis", int64_t{0}}, {"op", int64_t{1}}, {"exclusive", int64_t{0}}, {"reverse", int64_t{0}}},
                   {{DType::kFloat32, {3}}}, "(cumulative C3)");
}

TEST(CumulativeConstraints, AxisOfTheLayerOutside) {
  Net net;
  ICumulativeLayer* sum =
      net->addCumulative(net.input("x", Dims2(2, 3)), net.scalar(2), CumulativeOperation::kSUM, false, false);
  sum->setName("sum");
  net->markOutput(*sum->getOutput(0));
  expect_refused(net, {"layer 'sum'", "axis 2 is outside -2 .. 1"});
}

TEST(CumulativeConstraints, AxisThatIsData) {
  Net net;
  ITensor& x = net.input("x", Dims2(2, 3));
  ITensor& total = *net->addReduce(x, ReduceOperation::kSUM, 3, false)->getOutput(0);
  ITensor& axis = *net->addCast(total, DataType::kINT32)->getOutput(0);
  ICumulativeLayer* sum = net->addCumulative(x, axis, CumulativeOperation::kSUM, false, false);
  sum->setName("sum");
  net->markOutput(*sum->getOutput(0));
  expect_refused(net, {"layer 'sum'", "the axis, must be a 0-D int32 or int64 tensor that is a constant"});
}

}  // namespace rondo::test
