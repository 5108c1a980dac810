// One-hot rows.

#include "errors/constraints/refusal.h"
#include "errors/mistake.h"

namespace rondo::test {
namespace {

void one_hot(Net& net, ITensor& indices, ITensor& values, int32_t depth) {
  IOneHotLayer* layer = net->addOneHot(indices, values, net.scalar(depth), -1);
  layer->setName("rows");
  net->markOutput(*layer->getOutput(0));
}

}  // namespace

TEST(OneHotConstraints, C1_FloatIndices) {
  Net net;
  one_hot(net, net.input("x", Dims2(2, 3)), net.constant(Dims{1, {2}}), 4);
  expect_refused(net, {"one_hot 'rows'", "i32 or i64 is needed", "(one_hot C1)"});
}

TEST(OneHotConstraints, C2_ThreeValues) {
  Net net;
  one_hot(net, net.input("x", Dims2(2, 3), DataType::kINT32), net.constant(Dims{1, {3}}), 4);
  expect_refused(net, {"two elements are needed", "(one_hot C2)"});
}

TEST(OneHotConstraints, C3_AxisOutside) {
  Refusal r;
  r.expect(ir::OpKind::k_one_hot, {{"axis", int64_t{2}}, {"depth", r.dims({4})}},
           {{DType::kInt32, {3}}, {DType::kFloat32, {2}}}, "(one_hot C3)");
}

TEST(OneHotConstraints, C4_NegativeDepth) {
  Net net;
  one_hot(net, net.input("x", Dims2(2, 3), DataType::kINT32), net.constant(Dims{1, {2}}), -4);
  expect_refused(net, {"at least 0", "(one_hot C4)"});
}

TEST(OneHotConstraints, AxisOfTheLayerOutside) {
  Net net;
  IOneHotLayer* layer =
      net->addOneHot(net.input("x", Dims2(2, 3), DataType::kINT32), net.constant(Dims{1, {2}}), net.scalar(4), 3);
  layer->setName("rows");
  net->markOutput(*layer->getOutput(0));
  expect_refused(net, {"layer 'rows'", "axis 3 is outside -3 .. 2"});
}

TEST(OneHotConstraints, DepthOfRankOne) {
  Net net;
  IOneHotLayer* layer = net->addOneHot(net.input("x", Dims2(2, 3), DataType::kINT32), net.constant(Dims{1, {2}}),
                                       net.integers(Dims{1, {1}}, {4}), 0);
  layer->setName("rows");
  net->markOutput(*layer->getOutput(0));
  expect_refused(net, {"layer 'rows'", "input 2, depth, must be a 0-D"});
}

}  // namespace rondo::test
