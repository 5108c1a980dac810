#include "api/layers/operands.h"

#include "api/network/network.h"
#include "ops/tensor.h"

namespace rondo::api {

namespace {

bool is_wide_integer(DType dtype) { return dtype == DType::kInt32 || dtype == DType::kInt64; }

}  // namespace

void promote(const LayerNode& layer, Emitter& out, std::vector<Emitter::Ref>& operands, size_t first) {
  if (layer.network().strongly_typed()) return;
  bool all_float = true, all_integer = true, equal = true;
  for (size_t i = first; i < operands.size(); ++i) {
    const DType dtype = out.type(operands[i]).dtype;
    all_float = all_float && is_float(dtype);
    all_integer = all_integer && is_wide_integer(dtype);
    equal = equal && dtype == out.type(operands[first]).dtype;
  }
  if (equal || (!all_float && !all_integer)) return;
  for (size_t i = first; i < operands.size(); ++i) {
    operands[i] = out.cast(operands[i], all_float ? DType::kFloat32 : DType::kInt64, layer.name());
  }
}

ir::Dims shape_operand(const LayerNode& layer, Emitter& out, Emitter::Ref ref, const char* what) {
  const ir::TensorType type = out.type(ref);
  require(is_wide_integer(type.dtype) && type.rank() == 1, layer.who(), ": ", what,
          " must be a 1-D int32 or int64 tensor, got ", dtype_name(type.dtype), " of rank ", type.rank());
  return out.values_of(ref, text(layer.who(), ": ", what));
}

std::vector<int64_t> constant_operand(const LayerNode& layer, Emitter& out, Emitter::Ref ref, const char* what) {
  std::vector<int64_t> result;
  for (ir::Dim dim : shape_operand(layer, out, ref, what)) {
    require(out.dims().is_constant(dim), layer.who(), ": ", what, " must be constants, one ",
            out.dims().mentions_data(dim) ? text("is known only when the network runs")
                                          : text("is ", out.dims().to_string(dim)));
    result.push_back(out.dims().value(dim));
  }
  return result;
}

ir::Dims to_inner(ir::DimPool& dims, const Dims& public_dims) {
  ir::Dims result;
  for (int32_t i = 0; i < public_dims.nbDims; ++i) result.push_back(dims.constant(public_dims.d[i]));
  return result;
}

std::vector<int64_t> to_vector(const Dims& public_dims) {
  return std::vector<int64_t>(public_dims.d, public_dims.d + std::max(0, public_dims.nbDims));
}

Emitter::Ref weights_constant(const LayerNode& layer, Emitter& out, const Weights& weights,
                              const std::vector<int64_t>& dims, DType to, double instead) {
  if (weights.count > 0) {
    const DType from = to_dtype(weights.type, layer.who() + ": weights");
    return out.cast(out.weights(from, dims, weights.values, layer.name()), to, layer.name());
  }
  ops::Tensor filled{to, dims, {}};
  filled.data.assign(static_cast<size_t>(filled.volume()), instead);
  Bytes bytes(filled.data.size() * dtype_bytes(to));
  ops::to_bytes(filled, bytes.data());
  return out.constant(to, dims, bytes.data(), layer.name());
}

}  // namespace rondo::api
