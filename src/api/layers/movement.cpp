#include "api/layers/movement.h"

#include <algorithm>

#include "api/layers/operands.h"

namespace rondo::api {

using Refs = std::vector<Emitter::Ref>;

namespace {

void require_axis(int32_t axis, const std::string& who) {
  require(axis >= 0 && axis < Dims::MAX_DIMS, who, ": axis ", axis, " is outside 0 .. ", Dims::MAX_DIMS - 1);
}

/// An axis that may count from the end.
int64_t resolve_axis(int64_t axis, int64_t rank, const std::string& who) {
  require(axis >= -rank && axis < rank, who, ": axis ", axis, " is outside ", -rank, " .. ", rank - 1);
  return axis < 0 ? axis + rank : axis;
}

}  // namespace

ScatterLayer::ScatterLayer(Network& network, Tensor& data, Tensor& indices, Tensor& updates, ScatterMode mode)
    : LayerOf(network, LayerType::kSCATTER, {&data, &indices, &updates}), mode_(mode) {
  require_enum(mode, "addScatter: ScatterMode");
}

void ScatterLayer::setMode(ScatterMode mode) noexcept {
  set("IScatterLayer::setMode", [&] {
    require_enum(mode, "IScatterLayer::setMode: ScatterMode");
    mode_ = mode;
  });
}

void ScatterLayer::setAxis(int32_t axis) noexcept {
  set("IScatterLayer::setAxis", [&] {
    require_axis(axis, who());
    axis_ = axis;
  });
}

Refs ScatterLayer::emit(Emitter& out, const Refs& in) const {
  Refs values = {in[0], in[2]};
  promote(*this, out, values);
  ir::Attrs attrs{{"mode", static_cast<int64_t>(mode_)},
                  {"axis", static_cast<int64_t>(mode_ == ScatterMode::kND ? 0 : axis_)}};
  return {out.add(ir::OpKind::k_scatter, attrs, {values[0], in[1], values[1]}, name())};
}

OneHotLayer::OneHotLayer(Network& network, Tensor& indices, Tensor& values, Tensor& depth, int32_t axis)
    : LayerOf(network, LayerType::kONE_HOT, {&indices, &values, &depth}), axis_(axis) {
  require(axis >= -Dims::MAX_DIMS && axis < Dims::MAX_DIMS, "addOneHot: axis ", axis, " is outside any rank");
}

void OneHotLayer::setAxis(int32_t axis) noexcept {
  set("IOneHotLayer::setAxis", [&] {
    require(axis >= -Dims::MAX_DIMS && axis < Dims::MAX_DIMS, who(), ": axis ", axis, " is outside any rank");
    axis_ = axis;
  });
}

Refs OneHotLayer::emit(Emitter& out, const Refs& in) const {
  const ir::TensorType depth = out.type(in[2]);
  const bool integer = depth.dtype == DType::kInt32 || depth.dtype == DType::kInt64;
  require(integer && depth.rank() == 0, who(), ": input 2, depth, must be a 0-D int32 or int64 tensor, got ",
          dtype_name(depth.dtype), " of rank ", depth.rank());
  const int64_t rank = out.type(in[0]).rank() + 1;
  ir::Attrs attrs{{"axis", resolve_axis(axis_, rank, who())},
                  {"depth", out.values_of(in[2], text(who(), ": input 2, depth,"))}};
  return {out.add(ir::OpKind::k_one_hot, attrs, {in[0], in[1]}, name())};
}

Refs SqueezeLayer::emit(Emitter& out, const Refs& in) const {
  std::vector<int64_t> axes = constant_operand(*this, out, in[1], "input 1, axes,");
  for (int64_t& axis : axes) axis = resolve_axis(axis, out.type(in[0]).rank(), who());
  return {out.add(ir::OpKind::k_squeeze, {{"axes", axes}}, {in[0]}, name())};
}

Refs UnsqueezeLayer::emit(Emitter& out, const Refs& in) const {
  std::vector<int64_t> axes = constant_operand(*this, out, in[1], "input 1, axes,");
  const int64_t rank = out.type(in[0]).rank() + static_cast<int64_t>(axes.size());
  for (int64_t& axis : axes) axis = resolve_axis(axis, rank, who());
  return {out.add(ir::OpKind::k_unsqueeze, {{"axes", axes}}, {in[0]}, name())};
}

void ReverseSequenceLayer::setBatchAxis(int32_t batchAxis) noexcept {
  set("IReverseSequenceLayer::setBatchAxis", [&] {
    require_axis(batchAxis, who());
    batch_axis_ = batchAxis;
  });
}

void ReverseSequenceLayer::setSequenceAxis(int32_t sequenceAxis) noexcept {
  set("IReverseSequenceLayer::setSequenceAxis", [&] {
    require_axis(sequenceAxis, who());
    sequence_axis_ = sequenceAxis;
  });
}

Refs ReverseSequenceLayer::emit(Emitter& out, const Refs& in) const {
  ir::Attrs attrs{{"batch_axis", static_cast<int64_t>(batch_axis_)},
                  {"sequence_axis", static_cast<int64_t>(sequence_axis_)}};
  return {out.add(ir::OpKind::k_reverse_sequence, attrs, in, name())};
}

CumulativeLayer::CumulativeLayer(Network& network, Tensor& input, Tensor& axis, CumulativeOperation op, bool exclusive,
                                 bool reverse)
    : LayerOf(network, LayerType::kCUMULATIVE, {&input, &axis}), op_(op), exclusive_(exclusive), reverse_(reverse) {
  require_enum(op, "addCumulative: CumulativeOperation");
}

bool CumulativeLayer::setOperation(CumulativeOperation op) noexcept {
  return guarded(sink(), "ICumulativeLayer::setOperation", [&] {
    require_enum(op, "ICumulativeLayer::setOperation: CumulativeOperation");
    op_ = op;
    touch();
  });
}

void CumulativeLayer::setExclusive(bool exclusive) noexcept {
  set("ICumulativeLayer::setExclusive", [&] { exclusive_ = exclusive; });
}

void CumulativeLayer::setReverse(bool reverse) noexcept {
  set("ICumulativeLayer::setReverse", [&] { reverse_ = reverse; });
}

Refs CumulativeLayer::emit(Emitter& out, const Refs& in) const {
  const ir::ValueInfo axis = out.info(in[1]);
  const bool integer = axis.type.dtype == DType::kInt32 || axis.type.dtype == DType::kInt64;
  const bool constant = axis.contents && axis.contents->size() == 1 && out.dims().is_constant((*axis.contents)[0]);
  require(integer && axis.type.rank() == 0 && constant, who(),
          ": input 1, the axis, must be a 0-D int32 or int64 tensor that is a constant");
  ir::Attrs attrs{{"axis", resolve_axis(out.dims().value((*axis.contents)[0]), out.type(in[0]).rank(), who())},
                  {"op", static_cast<int64_t>(op_)},
                  {"exclusive", int64_t{exclusive_}},
                  {"reverse", int64_t{reverse_}}};
  return {out.add(ir::OpKind::k_cumulative, attrs, {in[0]}, name())};
}

}  // namespace rondo::api
