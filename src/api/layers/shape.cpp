#include "api/layers/shape.h"

#include "api/layers/operands.h"
#include "api/network/network.h"
#include "base/checked.h"

namespace rondo::api {

using Refs = std::vector<Emitter::Ref>;

namespace {

void require_volume(const Dims& dims, const Weights& weights, const std::string& who) {
  const int64_t volume = volume_or_fail(to_vector(dims), (who + ": dimensions").c_str());
  require(volume == weights.count, who, ": dimensions ", dims_text(dims), " hold ", volume, " elements but there are ",
          weights.count, " weights");
}

Permutation identity() {
  Permutation result;
  for (int32_t i = 0; i < Dims::MAX_DIMS; ++i) result.order[i] = i;
  return result;
}

std::vector<int64_t> first_of(const std::optional<Permutation>& permutation, int rank) {
  if (!permutation) return {};
  return std::vector<int64_t>(permutation->order, permutation->order + rank);
}

}  // namespace

ConstantLayer::ConstantLayer(Network& network, const Dims& dims, const Weights& weights)
    : LayerOf(network, LayerType::kCONSTANT, {}), dims_(dims), weights_(weights) {
  require_shape(dims, false, "addConstant: dimensions");
  require_weights(weights, "addConstant");
  to_dtype(weights.type, "addConstant: weights");
  require_volume(dims, weights, "addConstant");
}

void ConstantLayer::setWeights(Weights weights) noexcept {
  set("IConstantLayer::setWeights", [&] {
    require_weights(weights, who());
    to_dtype(weights.type, who() + ": weights");
    weights_ = weights;
  });
}

void ConstantLayer::setDimensions(Dims const& dimensions) noexcept {
  set("IConstantLayer::setDimensions", [&] {
    require_shape(dimensions, false, who() + ": dimensions");
    dims_ = dimensions;
  });
}

Refs ConstantLayer::emit(Emitter& out, const Refs&) const {
  require_volume(dims_, weights_, who());
  return {out.weights(to_dtype(weights_.type, who()), to_vector(dims_), weights_.values, name())};
}

void ShuffleLayer::setFirstTranspose(Permutation permutation) noexcept {
  set("IShuffleLayer::setFirstTranspose", [&] { first_ = permutation; });
}

Permutation ShuffleLayer::getFirstTranspose() const noexcept { return first_.value_or(identity()); }

void ShuffleLayer::setSecondTranspose(Permutation permutation) noexcept {
  set("IShuffleLayer::setSecondTranspose", [&] { second_ = permutation; });
}

Permutation ShuffleLayer::getSecondTranspose() const noexcept { return second_.value_or(identity()); }

void ShuffleLayer::setReshapeDimensions(Dims const& dimensions) noexcept {
  set("IShuffleLayer::setReshapeDimensions", [&] {
    require_shape(dimensions, true, who() + ": reshape dimensions");
    reshape_ = dimensions;
  });
}

void ShuffleLayer::setZeroIsPlaceholder(bool zeroIsPlaceholder) noexcept {
  set("IShuffleLayer::setZeroIsPlaceholder", [&] { zero_is_placeholder_ = zeroIsPlaceholder; });
}

void ShuffleLayer::input_changed(size_t index) {
  if (index == 1) reshape_.reset();
}

Refs ShuffleLayer::emit(Emitter& out, const Refs& in) const {
  const int rank = out.type(in[0]).rank();
  ir::Dims reshape;
  if (in.size() > 1) reshape = shape_operand(*this, out, in[1], "input 1, the reshape dimensions,");
  if (in.size() <= 1 && reshape_) reshape = to_inner(out.dims(), *reshape_);
  const bool has_reshape = in.size() > 1 || reshape_;
  ir::Attrs attrs{{"perm1", first_of(first_, rank)},
                  {"has_reshape", int64_t{has_reshape}},
                  {"reshape", reshape},
                  {"zero_is_placeholder", int64_t{zero_is_placeholder_}},
                  {"perm2", first_of(second_, has_reshape ? static_cast<int>(reshape.size()) : rank)}};
  return {out.add(ir::OpKind::k_shuffle, attrs, {in[0]}, name())};
}

Refs ShapeLayer::emit(Emitter& out, const Refs& in) const {
  const DType to = network().strongly_typed() ? DType::kInt64 : DType::kInt32;
  return {out.add(ir::OpKind::k_shape, {{"to", static_cast<int64_t>(to)}}, in, name())};
}

void ConcatenationLayer::setAxis(int32_t axis) noexcept {
  set("IConcatenationLayer::setAxis", [&] {
    require(axis >= 0 && axis < Dims::MAX_DIMS, who(), ": axis ", axis, " is outside 0 .. ", Dims::MAX_DIMS - 1);
    axis_ = axis;
  });
}

int32_t ConcatenationLayer::getAxis() const noexcept {
  return axis_.value_or(std::max(0, input(0)->getDimensions().nbDims - 3));
}

Refs ConcatenationLayer::emit(Emitter& out, const Refs& in) const {
  Refs operands = in;
  promote(*this, out, operands);
  const int64_t axis = axis_ ? *axis_ : std::max(0, out.type(in[0]).rank() - 3);
  return {out.add(ir::OpKind::k_concat, {{"axis", axis}}, operands, name())};
}

GatherLayer::GatherLayer(Network& network, Tensor& data, Tensor& indices, GatherMode mode, int32_t axis)
    : LayerOf(network, LayerType::kGATHER, {&data, &indices}), mode_(mode), axis_(axis) {
  require_enum(mode, "addGather: GatherMode");
  require(axis >= 0 && axis < Dims::MAX_DIMS, "addGather: axis ", axis, " is outside 0 .. ", Dims::MAX_DIMS - 1);
}

void GatherLayer::setGatherAxis(int32_t axis) noexcept {
  set("IGatherLayer::setGatherAxis", [&] {
    require(axis >= 0 && axis < Dims::MAX_DIMS, who(), ": axis ", axis, " is outside 0 .. ", Dims::MAX_DIMS - 1);
    axis_ = axis;
  });
}

void GatherLayer::setNbElementWiseDims(int32_t k) noexcept {
  set("IGatherLayer::setNbElementWiseDims", [&] {
    require(k >= 0 && k < Dims::MAX_DIMS, who(), ": ", k, " elementwise dimensions are outside 0 .. ",
            Dims::MAX_DIMS - 1);
    elementwise_dims_ = k;
  });
}

void GatherLayer::setMode(GatherMode mode) noexcept {
  set("IGatherLayer::setMode", [&] {
    require_enum(mode, "IGatherLayer::setMode: GatherMode");
    mode_ = mode;
  });
}

Refs GatherLayer::emit(Emitter& out, const Refs& in) const {
  ir::Attrs attrs{{"mode", static_cast<int64_t>(mode_)},
                  {"axis", static_cast<int64_t>(mode_ == GatherMode::kND ? 0 : axis_)},
                  {"elementwise_dims", static_cast<int64_t>(elementwise_dims_)}};
  return {out.add(ir::OpKind::k_gather, attrs, in, name())};
}

}  // namespace rondo::api
