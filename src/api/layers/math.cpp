#include "api/layers/math.h"

#include <bit>

#include "api/layers/operands.h"

namespace rondo::api {

using Refs = std::vector<Emitter::Ref>;

namespace {

constexpr int32_t kMaxK = 3840;

void require_one_axis(uint32_t axes, const std::string& who) {
  require(std::popcount(axes) == 1, who, ": axes mask ", axes, " must have exactly one bit, the dimension's");
}

void require_k(int32_t k, const std::string& who) {
  require(k >= 1 && k <= kMaxK, who, ": k is ", k, ", outside 1 .. ", kMaxK);
}

void require_indices(DataType type, const std::string& who) {
  require(type == DataType::kINT32 || type == DataType::kINT64, who, ": indices are kINT32 or kINT64");
}

int64_t single_axis(const LayerNode& layer, uint32_t axes, int rank) {
  const int axis = std::countr_zero(axes);
  require(axis < rank, layer.who(), ": axis ", axis, " is outside the input's rank ", rank);
  return axis;
}

}  // namespace

MatrixMultiplyLayer::MatrixMultiplyLayer(Network& network, Tensor& a, MatrixOperation op0, Tensor& b,
                                         MatrixOperation op1)
    : LayerOf(network, LayerType::kMATRIX_MULTIPLY, {&a, &b}), ops_{op0, op1} {
  for (MatrixOperation op : ops_) require_enum(op, "addMatrixMultiply: MatrixOperation");
}

void MatrixMultiplyLayer::setOperation(int32_t index, MatrixOperation op) noexcept {
  set("IMatrixMultiplyLayer::setOperation", [&] {
    require(index == 0 || index == 1, who(), " has no operand ", index);
    require_enum(op, "IMatrixMultiplyLayer::setOperation: MatrixOperation");
    ops_[static_cast<size_t>(index)] = op;
  });
}

MatrixOperation MatrixMultiplyLayer::getOperation(int32_t index) const noexcept {
  return index == 0 || index == 1 ? ops_[static_cast<size_t>(index)] : MatrixOperation::kNONE;
}

Refs MatrixMultiplyLayer::emit(Emitter& out, const Refs& in) const {
  Refs operands = in;
  promote(*this, out, operands);
  ir::Attrs attrs{{"op0", static_cast<int64_t>(ops_[0])}, {"op1", static_cast<int64_t>(ops_[1])}};
  return {out.add(ir::OpKind::k_matrix_multiply, attrs, operands, name())};
}

FullyConnectedLayer::FullyConnectedLayer(Network& network, Tensor& input, int32_t outputs, const Weights& kernel,
                                         const Weights& bias)
    : LayerOf(network, LayerType::kFULLY_CONNECTED, {&input}), channels_(outputs), kernel_(kernel), bias_(bias) {
  require(outputs >= 1, "addFullyConnected: the number of outputs is ", outputs, ", must be at least 1");
  require_weights(kernel, "addFullyConnected: kernel");
  require(kernel.count > 0, "addFullyConnected: the kernel is empty; give outputs * C * H * W weights");
  require_weights(bias, "addFullyConnected: bias");
}

void FullyConnectedLayer::setNbOutputChannels(int32_t nbOutputs) noexcept {
  set("IFullyConnectedLayer::setNbOutputChannels", [&] {
    require(nbOutputs >= 1, who(), ": the number of outputs is ", nbOutputs, ", must be at least 1");
    channels_ = nbOutputs;
  });
}

void FullyConnectedLayer::setKernelWeights(Weights weights) noexcept {
  set("IFullyConnectedLayer::setKernelWeights", [&] {
    require_weights(weights, who() + ": kernel");
    require(weights.count > 0, who(), ": the kernel is empty");
    kernel_ = weights;
  });
}

void FullyConnectedLayer::setBiasWeights(Weights weights) noexcept {
  set("IFullyConnectedLayer::setBiasWeights", [&] {
    require_weights(weights, who() + ": bias");
    bias_ = weights;
  });
}

void FullyConnectedLayer::visit_weights(const std::function<void(const Weights&)>& visit) const {
  visit(kernel_);
  visit(bias_);
}

Refs FullyConnectedLayer::emit(Emitter& out, const Refs& in) const {
  const DType dtype = out.type(in[0]).dtype;
  const bool divides = kernel_.count % channels_ == 0;
  const auto shape = divides ? std::vector<int64_t>{channels_, kernel_.count / channels_} : std::vector{kernel_.count};
  Refs operands = {in[0], weights_constant(*this, out, kernel_, shape, dtype)};
  if (bias_.count > 0) operands.push_back(weights_constant(*this, out, bias_, {bias_.count}, dtype));
  return {out.add(ir::OpKind::k_fully_connected, {{"outputs", static_cast<int64_t>(channels_)}}, operands, name())};
}

ReduceLayer::ReduceLayer(Network& network, Tensor& input, ReduceOperation op, uint32_t axes, bool keep)
    : LayerOf(network, LayerType::kREDUCE, {&input}), op_(op), axes_(axes), keep_(keep) {
  require_enum(op, "addReduce: ReduceOperation");
  require(op != ReduceOperation::kNONE, "addReduce: kNONE is for collectives only");
  require(axes != 0, "addReduce: the axes mask is 0; set the bit of each dimension to fold");
}

void ReduceLayer::setOperation(ReduceOperation op) noexcept {
  set("IReduceLayer::setOperation", [&] {
    require_enum(op, "IReduceLayer::setOperation: ReduceOperation");
    require(op != ReduceOperation::kNONE, who(), ": kNONE is for collectives only");
    op_ = op;
  });
}

void ReduceLayer::setReduceAxes(uint32_t reduceAxes) noexcept {
  set("IReduceLayer::setReduceAxes", [&] {
    require(reduceAxes != 0, who(), ": the axes mask is 0; set the bit of each dimension to fold");
    axes_ = reduceAxes;
  });
}

void ReduceLayer::setKeepDimensions(bool keepDimensions) noexcept {
  set("IReduceLayer::setKeepDimensions", [&] { keep_ = keepDimensions; });
}

Refs ReduceLayer::emit(Emitter& out, const Refs& in) const {
  ir::Attrs attrs{{"op", static_cast<int64_t>(op_)}, {"axes", static_cast<int64_t>(axes_)}, {"keep", int64_t{keep_}}};
  return {out.add(ir::OpKind::k_reduce, attrs, in, name())};
}

void SoftMaxLayer::setAxes(uint32_t axes) noexcept {
  set("ISoftMaxLayer::setAxes", [&] {
    require_one_axis(axes, who());
    axes_ = axes;
  });
}

uint32_t SoftMaxLayer::getAxes() const noexcept {
  return axes_.value_or(1U << std::max(0, input(0)->getDimensions().nbDims - 3));
}

Refs SoftMaxLayer::emit(Emitter& out, const Refs& in) const {
  const int rank = out.type(in[0]).rank();
  const int64_t axis = axes_ ? single_axis(*this, *axes_, rank) : std::max(0, rank - 3);
  return {out.add(ir::OpKind::k_softmax, {{"axis", axis}}, in, name())};
}

TopKLayer::TopKLayer(Network& network, Tensor& input, TopKOperation op, int32_t k, uint32_t axes, DataType indices)
    : LayerOf(network, LayerType::kTOPK, {&input}, 2), op_(op), k_(k), axes_(axes), indices_(indices) {
  require_enum(op, "addTopK: TopKOperation");
  require_k(k, "addTopK");
  require_one_axis(axes, "addTopK");
  require_indices(indices, "addTopK");
}

void TopKLayer::setOperation(TopKOperation op) noexcept {
  set("ITopKLayer::setOperation", [&] {
    require_enum(op, "ITopKLayer::setOperation: TopKOperation");
    op_ = op;
  });
}

void TopKLayer::setK(int32_t k) noexcept {
  set("ITopKLayer::setK", [&] {
    require_k(k, who());
    k_ = k;
  });
}

void TopKLayer::setReduceAxes(uint32_t reduceAxes) noexcept {
  set("ITopKLayer::setReduceAxes", [&] {
    require_one_axis(reduceAxes, who());
    axes_ = reduceAxes;
  });
}

bool TopKLayer::setIndicesType(DataType type) noexcept {
  return guarded(sink(), "ITopKLayer::setIndicesType", [&] {
    require_indices(type, who());
    indices_ = type;
    touch();
  });
}

Refs TopKLayer::emit(Emitter& out, const Refs& in) const {
  ir::Dims k = {out.dims().constant(k_)};
  if (in.size() > 1) {
    const ir::TensorType given = out.type(in[1]);
    require(given.rank() == 0 && (given.dtype == DType::kInt32 || given.dtype == DType::kInt64), who(),
            ": input 1, k, must be a 0-D int32 or int64 tensor, got ", dtype_name(given.dtype), " of rank ",
            given.rank());
    const ir::TensorType& x = out.type(in[0]);
    const auto axis = static_cast<size_t>(single_axis(*this, axes_, x.rank()));
    const ir::Range most = out.dims().range(out.dims().resolve(x.dims[axis]));
    k = out.values_of(in[1], text(who(), ": input 1, k,"),
                      {0, std::max<int64_t>(most.opt, 0), std::max<int64_t>(most.max, 0)});
  }
  ir::Attrs attrs{{"op", static_cast<int64_t>(op_)},
                  {"k", k},
                  {"axis", single_axis(*this, axes_, out.type(in[0]).rank())},
                  {"indices", static_cast<int64_t>(indices_)}};
  return out.add_all(ir::OpKind::k_topk, attrs, {in[0]}, name());
}

}  // namespace rondo::api
