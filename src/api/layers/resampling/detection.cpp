// Layers that select: by overlap, by value, by the length of a row, by sign. The first two have outputs whose length is
// a data symbol.

#include "api/layers/resampling/detection.h"

#include "api/layers/operands.h"

namespace rondo::api {

using Refs = std::vector<Emitter::Ref>;

namespace {

void require_indices(DataType type, const std::string& who) {
  require(type == DataType::kINT32 || type == DataType::kINT64, who, ": indices are kINT32 or kINT64");
}

Emitter::Ref threshold(const LayerNode& layer, Emitter& out, const Refs& in, size_t index) {
  if (index < in.size() && in[index] != Emitter::kNoRef) return in[index];
  const float none = 0;
  return out.constant(DType::kFloat32, {}, &none, layer.name());
}

}  // namespace

NMSLayer::NMSLayer(Network& network, Tensor& boxes, Tensor& scores, Tensor& max_per_class, DataType indices)
    : LayerOf(network, LayerType::kNMS, {&boxes, &scores, &max_per_class}, 2), indices_(indices) {
  require_indices(indices, "addNMS");
}

void NMSLayer::setBoundingBoxFormat(BoundingBoxFormat fmt) noexcept {
  set("INMSLayer::setBoundingBoxFormat", [&] {
    require_enum(fmt, "INMSLayer::setBoundingBoxFormat: BoundingBoxFormat");
    format_ = fmt;
  });
}

void NMSLayer::setTopKBoxLimit(int32_t limit) noexcept {
  set("INMSLayer::setTopKBoxLimit", [&] {
    require(limit >= 1, who(), ": the top-k box limit is ", limit, ", must be at least 1 (nms C4)");
    limit_ = limit;
  });
}

bool NMSLayer::setIndicesType(DataType type) noexcept {
  return guarded(sink(), "INMSLayer::setIndicesType", [&] {
    require_indices(type, who());
    indices_ = type;
    touch();
  });
}

Refs NMSLayer::emit(Emitter& out, const Refs& in) const {
  Refs boxes_and_scores{in[0], in[1]};
  promote(*this, out, boxes_and_scores);
  const ir::TensorType most = out.type(in[2]);
  require(most.rank() <= 1 && (most.dtype == DType::kInt32 || most.dtype == DType::kInt64), who(),
          ": input 2, the most boxes per class, must be a 0-D int32 or int64 tensor, got ", dtype_name(most.dtype),
          " of rank ", most.rank());
  const ir::Dims max = out.values_of(in[2], who() + ": input 2, the most boxes per class,");
  const ir::Dims extents = out.type(boxes_and_scores[1]).dims;
  ir::DimPool& dims = out.dims();
  ir::Dim upper = dims.constant(limit_);
  if (extents.size() == 3) {
    const ir::Dim candidates = dims.mul(extents[1], extents[2]);
    upper = dims.mul(extents[0], dims.min(candidates, upper));
  }
  ir::Attrs attrs{{"max", max},
                  {"format", static_cast<int64_t>(format_)},
                  {"topk", static_cast<int64_t>(limit_)},
                  {"indices", static_cast<int64_t>(indices_)},
                  {"count", ir::Dims{out.data_symbol(name(), upper)}}};
  return out.add_all(
      ir::OpKind::k_nms, attrs,
      {boxes_and_scores[0], boxes_and_scores[1], threshold(*this, out, in, 3), threshold(*this, out, in, 4)}, name());
}

NonZeroLayer::NonZeroLayer(Network& network, Tensor& input, DataType indices)
    : LayerOf(network, LayerType::kNON_ZERO, {&input}), indices_(indices) {
  require_indices(indices, "addNonZero");
}

bool NonZeroLayer::setIndicesType(DataType type) noexcept {
  return guarded(sink(), "INonZeroLayer::setIndicesType", [&] {
    require_indices(type, who());
    indices_ = type;
    touch();
  });
}

Refs NonZeroLayer::emit(Emitter& out, const Refs& in) const {
  const ir::Dim volume = out.dims().product(out.type(in[0]).dims);
  ir::Attrs attrs{{"indices", static_cast<int64_t>(indices_)}, {"count", ir::Dims{out.data_symbol(name(), volume)}}};
  return {out.add(ir::OpKind::k_non_zero, attrs, in, name())};
}

Refs RaggedSoftMaxLayer::emit(Emitter& out, const Refs& in) const {
  return {out.add(ir::OpKind::k_ragged_softmax, {}, in, name())};
}

Refs ParametricReLULayer::emit(Emitter& out, const Refs& in) const {
  Refs operands = in;
  promote(*this, out, operands);
  return {out.add(ir::OpKind::k_parametric_relu, {}, operands, name())};
}

}  // namespace rondo::api
