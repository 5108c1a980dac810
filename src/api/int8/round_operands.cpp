// Implicit quantization, written out.
//
//   y = convolution(x, w)   ->   y = convolution(dequantize(quantize(x, s)), w')      w' = s_k round(w / s_k)
//
// s comes from calibration or from the tensor's dynamic range. Weights are known here, so they are rounded on the spot:
// symmetric, 127 steps for the largest magnitude of each output channel, which costs less accuracy than one scale for
// the whole matrix and is what int8 kernels take. The graph says what is computed in words that every pass knows; only
// products are rounded, since rounding a sum or an activation again would add error and save nothing.

#include "api/int8/round_operands.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "base/error.h"

namespace rondo::api {

namespace {

constexpr float kSteps = 127;

/// A constant right-hand operand as [outer, channels, inner]; channels are those of the output.
struct Layout {
  size_t outer = 1, channels = 1, inner = 1;
};

Layout split(const std::vector<int64_t>& dims, size_t axis) {
  Layout layout{1, static_cast<size_t>(dims[axis]), 1};
  for (size_t i = 0; i < dims.size(); ++i) {
    if (i != axis) (i < axis ? layout.outer : layout.inner) *= static_cast<size_t>(dims[i]);
  }
  return layout;
}

Layout layout_of(const ir::Op& op, const std::vector<int64_t>& dims, size_t count) {
  const size_t rank = dims.size();
  if (op.kind == ir::OpKind::k_matrix_multiply) {
    return rank < 2 ? Layout{1, 1, count} : split(dims, rank - (op.attrs.integer("op1") == 1 ? 2 : 1));
  }
  if (op.kind == ir::OpKind::k_deconvolution) return rank < 2 ? Layout{1, 1, count} : split(dims, 1);
  const auto outputs = static_cast<size_t>(op.attrs.integer("outputs"));
  return {1, outputs, outputs == 0 ? count : count / outputs};
}

std::vector<float> rounded(const std::vector<float>& weights, const Layout& layout) {
  std::vector<float> amax(layout.channels), result(weights.size());
  const auto channel_of = [&](size_t i) { return i / layout.inner % layout.channels; };
  for (size_t i = 0; i < weights.size(); ++i) {
    amax[channel_of(i)] = std::max(amax[channel_of(i)], std::fabs(weights[i]));
  }
  for (size_t i = 0; i < weights.size(); ++i) {
    const float scale = amax[channel_of(i)] / kSteps;
    result[i] = scale > 0 ? std::nearbyint(weights[i] / scale) * scale : weights[i];
  }
  return result;
}

Emitter::Ref rounded_constant(ir::Graph& graph, GraphEmitter& out, const ir::Op& product, ir::ValueId weights) {
  const ir::Op constant = graph.op(graph.value(weights).def);
  const std::vector<int64_t> dims = constant.attrs.integers("dims");
  const ir::ConstantBytes& bytes = graph.constant_data(static_cast<uint32_t>(constant.attrs.integer("data"))).bytes;
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  const std::vector<float> result = rounded(values, layout_of(product, dims, values.size()));
  return out.constant(DType::kFloat32, dims, result.data(), constant.name);
}

bool is_constant(const ir::Graph& graph, ir::ValueId value) {
  const ir::OpId def = graph.value(value).def;
  return def.valid() && graph.op(def).kind == ir::OpKind::k_constant;
}

}  // namespace

bool round_operands(ir::Graph& graph, GraphEmitter& out, ir::ValueId product, const float (&scales)[2]) {
  const ir::OpId id = graph.value(product).def;
  const ir::Op op = graph.op(id);
  RONDO_CHECK(op.operands.size() >= 2, "the product '", op.name, "' has one operand");
  for (size_t i = 0; i < 2; ++i) {
    if (graph.type(op.operands[i]).dtype != DType::kFloat32) return false;
    if (scales[i] <= 0 && !is_constant(graph, op.operands[i])) return false;
  }
  out.move_to(op.parent, id);
  for (size_t i = 0; i < 2; ++i) {
    Emitter::Ref ref = op.operands[i].id;
    if (is_constant(graph, op.operands[i])) {
      ref = rounded_constant(graph, out, op, op.operands[i]);
    } else {
      const Emitter::Ref scale = out.constant(DType::kFloat32, {}, &scales[i], op.name);
      const ir::Attrs to_int8{
          {"axis", int64_t{-1}}, {"block", std::vector<int64_t>{}}, {"to", static_cast<int64_t>(DType::kInt8)}};
      ir::Attrs to_float = to_int8;
      to_float.set("to", static_cast<int64_t>(DType::kFloat32));
      ref = out.add(ir::OpKind::k_quantize, to_int8, {ref, scale}, op.name);
      ref = out.add(ir::OpKind::k_dequantize, to_float, {ref, scale}, op.name);
    }
    graph.op(id).operands[i] = {ref};
  }
  return true;
}

}  // namespace rondo::api
