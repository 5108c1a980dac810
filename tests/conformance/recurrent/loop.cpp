// Loops themselves: both trip limits, alone and together, last values and collected ones in both directions.

#include "conformance/harness/case.h"

namespace rondo::conformance {
namespace {

struct Plan {
  int64_t trips, limit, length, axis;
  bool has_count, has_while, reverse, collects_next;
};

ir::ValueId number_in(ops::TestGraph& g, ir::RegionId region, DType dtype, const Ints& dims, double value) {
  return constant_in(g, region, ops::Tensor{dtype, dims, {value}});
}

Values emit(ops::TestGraph& g, ir::RegionId region, const Values& in, const Plan& plan) {
  const ir::TensorType type = g.graph.type(in[0]);
  ops::TestGraph::LoopSpec spec;
  if (plan.has_count) spec.count = number_in(g, region, DType::kInt64, {}, static_cast<double>(plan.trips));
  spec.has_while = plan.has_while;
  spec.initial = {in[0]};
  spec.lengths = {number_in(g, region, DType::kInt64, {}, static_cast<double>(plan.length))};
  spec.out_axes = {plan.axis};
  spec.out_reverse = {plan.reverse};
  const auto body = g.loop_in(region, spec);
  const Ints units(type.dims.size(), 1);
  const ir::ValueId half = number_in(g, body.region, type.dtype, units, 0.5),
                    one = number_in(g, body.region, type.dtype, units, 1);
  const ir::ValueId next =
      g.pointwise(body.region, "add", {g.pointwise(body.region, "mul", {body.args[1], half}), one});
  Values results{next, plan.collects_next ? next : body.args[1]};
  if (plan.has_while) {
    const ir::ValueId limit = number_in(g, body.region, DType::kInt64, {}, static_cast<double>(plan.limit));
    results.push_back(g.pointwise(body.region, "less", {body.args[0], limit}));
  }
  return g.finish(body, results);
}

Case loop(Random& r, DType dtype) {
  const Ints dims = r.shape(0, 4);
  Plan plan{};
  plan.trips = r.number(0, 5);
  plan.limit = r.number(0, 5);
  plan.length = r.number(0, 6);
  plan.axis = r.number(0, static_cast<int64_t>(dims.size()));
  plan.has_while = r.flip();
  plan.has_count = !plan.has_while || r.flip();
  plan.reverse = r.flip();
  plan.collects_next = r.flip();
  Case c;
  c.emit = [plan](ops::TestGraph& g, ir::RegionId region, const Values& in) { return emit(g, region, in, plan); };
  if (plan.has_count) c.uses("TripLimit", "COUNT");
  if (plan.has_while) c.uses("TripLimit", "WHILE");
  c.uses("LoopOutput", "LAST_VALUE").uses("LoopOutput", plan.reverse ? "REVERSE" : "CONCATENATE");
  c.terms = 12;
  c.scale = 4;
  return c.data(r.values(dtype, dims, -4, 4));
}

const Registration row("loop", kFloats, loop, 1.5);

}  // namespace
}  // namespace rondo::conformance
