// Ops whose output length the data decide.

#include "base/checked.h"
#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

/// A data symbol in 0 .. most.
ir::Dim length(ops::TestGraph& g, int64_t most) {
  ir::DimPool& dims = g.graph.dims();
  const auto number = static_cast<int32_t>(dims.symbol_count());
  const ir::Dim symbol = dims.symbol({text("length.", number), ir::SymbolSource::kData, -1, number});
  dims.set_range(symbol, {0, most / 2, most});
  return symbol;
}

/// Every result whose extent along `axis` the data decide becomes two sums over that axis, one of them weighted by the place of an
/// element, so that order counts: results of fixed shape.
Values summed(ops::TestGraph& g, ir::RegionId region, ir::ValueId v, int64_t axis) {
  const ir::TensorType type = g.graph.type(v);
  const Ints ones(type.dims.size(), 1);
  ir::Dims row(type.dims.size(), g.graph.dims().constant(1));
  row[static_cast<size_t>(axis)] = type.dims[static_cast<size_t>(axis)];
  const auto dtype = static_cast<int64_t>(type.dtype);
  const ir::ValueId place =
      g.add_in(region, ir::OpKind::k_iota, {{"shape", row}, {"axis", axis}, {"dtype", dtype}}, {});
  const ir::ValueId one = constant_in(g, region, ops::Tensor{type.dtype, ones, {1}});
  const ir::ValueId weighted = g.pointwise(region, "mul", {v, g.pointwise(region, "add", {place, one})});
  const auto sum = [&](ir::ValueId x) {
    return g.add_in(region, ir::OpKind::k_reduce,
                    {{"op", int64_t{0}}, {"axes", int64_t{1} << axis}, {"keep", int64_t{0}}}, {x});
  };
  return {sum(v), sum(weighted)};
}

Case non_zero(Random& r, DType dtype) {
  const Ints dims = r.shape(1, 7);
  ops::Tensor x = r.one_in(4) ? r.specials(dtype, dims) : r.values(dtype, dims, 0, 2);
  for (double& v : x.data) v = r.flip() ? 0 : v;
  const auto indices = static_cast<int64_t>(r.flip() ? DType::kInt32 : DType::kInt64);
  Case c;
  c.emit = [indices](ops::TestGraph& g, ir::RegionId region, const Values& in) {
    const ir::Attrs attrs{{"indices", indices}, {"count", ir::Dims{length(g, 1 << 20)}}};
    return summed(g, region, g.add_in(region, ir::OpKind::k_non_zero, attrs, in), 1);
  };
  return c.data(std::move(x));
}

/// Multiples of `step`, so that scores tie and boxes meet.
ops::Tensor coarse(Random& r, DType dtype, const Ints& dims, double step, int64_t steps) {
  ops::Tensor x = r.values(dtype, dims, 0, 1);
  for (double& v : x.data) v = static_cast<double>(r.number(0, steps)) * step;
  return x;
}

Case nms(Random& r, DType dtype) {
  const int64_t batch = r.one_in(12) ? 0 : r.number(1, 3), count = r.one_in(12) ? 0 : r.number(1, 24);
  const int64_t classes = r.number(1, 4), format = r.number(0, 1), most = r.number(0, 6);
  Ints boxes{batch, count};
  if (r.flip()) boxes.push_back(classes);
  boxes.push_back(4);
  const ir::Attrs attrs{{"format", format},
                        {"topk", r.pick<int64_t>({5000, 5000, 20, 7, 1})},
                        {"indices", static_cast<int64_t>(r.flip() ? DType::kInt32 : DType::kInt64)}};
  Case c;
  c.emit = [attrs, most](ops::TestGraph& g, ir::RegionId region, const Values& in) {
    ir::Attrs all = attrs;
    all.set("max", ir::Dims{g.graph.dims().constant(most)});
    all.set("count", ir::Dims{length(g, 1 << 20)});
    const Values results = g.results_of(g.add_in(region, ir::OpKind::k_nms, all, in));
    Values sums = summed(g, region, results[0], 0);
    sums.push_back(results[1]);
    return sums;
  };
  c.uses("BoundingBoxFormat", format == 0 ? "CORNER_PAIRS" : "CENTER_SIZES");
  c.data(coarse(r, dtype, boxes, 0.25, 9));
  c.data(coarse(r, dtype, {batch, count, classes}, 0.125, 8));
  const auto threshold = [&](double v) {
    return ops::Tensor{DType::kFloat32, {}, {ops::round_to(DType::kFloat32, v)}};
  };
  c.data(threshold(r.pick({0.0, 0.3, 0.5, 1.0})));
  return c.data(threshold(r.pick({-1.0, 0.0, 0.25, 0.6})));
}

const Registration non_zero_row("non_zero", kAllTypes, non_zero);
const Registration nms_row("nms", kFloats, nms, 2);

}  // namespace
}  // namespace rondo::conformance
