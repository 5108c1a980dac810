#include "api/layers/rnn.h"

#include <algorithm>
#include <span>

#include "api/layers/operands.h"

namespace rondo::api {

using Refs = std::vector<Emitter::Ref>;

namespace {

constexpr const char* kGateNames[] = {"kINPUT", "kOUTPUT", "kFORGET", "kUPDATE", "kRESET", "kCELL", "kHIDDEN"};

// The gates of a cell in the order of the op's operands.
std::span<const RNNGateType> gates_of(RNNOperation op) {
  static constexpr RNNGateType kPlain[] = {RNNGateType::kINPUT};
  static constexpr RNNGateType kLstm[] = {RNNGateType::kINPUT, RNNGateType::kOUTPUT, RNNGateType::kFORGET,
                                          RNNGateType::kCELL};
  static constexpr RNNGateType kGru[] = {RNNGateType::kUPDATE, RNNGateType::kRESET, RNNGateType::kHIDDEN};
  if (op == RNNOperation::kLSTM) return kLstm;
  if (op == RNNOperation::kGRU) return kGru;
  return kPlain;
}

size_t output_count(RNNOperation op) { return op == RNNOperation::kLSTM ? 3 : 2; }

}  // namespace

RecurrentLayer::RecurrentLayer(Network& network, Tensor& input, int32_t layers, int32_t hidden, int32_t max_length,
                               RNNOperation op)
    : LayerOf(network, LayerType::kRNN_V2, {&input}, output_count(op)),
      layers_(layers),
      hidden_(hidden),
      max_length_(max_length),
      op_(op) {
  require_enum(op, "addRNNv2: RNNOperation");
  require(layers >= 1, "addRNNv2: the layer count is ", layers, ", must be at least 1");
  require(hidden >= 1, "addRNNv2: the hidden size is ", hidden, ", must be at least 1");
  require(max_length >= 1, "addRNNv2: the maximum sequence length is ", max_length, ", must be at least 1");
}

int32_t RecurrentLayer::getDataLength() const noexcept {
  const Dims dims = input(0)->getDimensions();
  return dims.nbDims < 1 ? -1 : static_cast<int32_t>(dims.d[dims.nbDims - 1]);
}

void RecurrentLayer::setOperation(RNNOperation op) noexcept {
  set("IRNNv2Layer::setOperation", [&] {
    require_enum(op, "IRNNv2Layer::setOperation: RNNOperation");
    // An output that somebody may hold stays alive; getNbOutputs tells which the cell has.
    resize_outputs(std::max(outputs().size(), output_count(op)));
    op_ = op;
  });
}

void RecurrentLayer::setInputMode(RNNInputMode op) noexcept {
  set("IRNNv2Layer::setInputMode", [&] {
    require_enum(op, "IRNNv2Layer::setInputMode: RNNInputMode");
    mode_ = op;
  });
}

void RecurrentLayer::setDirection(RNNDirection op) noexcept {
  set("IRNNv2Layer::setDirection", [&] {
    require_enum(op, "IRNNv2Layer::setDirection: RNNDirection");
    direction_ = op;
  });
}

void RecurrentLayer::store(const char* where, std::map<Key, Weights>& into, int32_t layer, RNNGateType gate, bool is_w,
                           const Weights& weights) noexcept {
  set(where, [&] {
    require_enum(gate, where);
    // The direction may be set later, so that up to two pseudo-layers per layer are accepted here.
    require(layer >= 0 && layer < 2 * static_cast<int64_t>(layers_), who(), ": layer index ", layer,
            " is outside 0 .. ", 2 * static_cast<int64_t>(layers_) - 1);
    require_weights(weights, text(who(), ": gate ", kGateNames[static_cast<size_t>(gate)], " of layer ", layer));
    into[{layer, gate, is_w}] = weights;
  });
}

void RecurrentLayer::setWeightsForGate(int32_t layerIndex, RNNGateType gate, bool isW, Weights weights) noexcept {
  store("IRNNv2Layer::setWeightsForGate", weights_, layerIndex, gate, isW, weights);
}

void RecurrentLayer::setBiasForGate(int32_t layerIndex, RNNGateType gate, bool isW, Weights bias) noexcept {
  store("IRNNv2Layer::setBiasForGate", biases_, layerIndex, gate, isW, bias);
}

Weights RecurrentLayer::getWeightsForGate(int32_t layerIndex, RNNGateType gate, bool isW) const noexcept {
  const auto found = weights_.find({layerIndex, gate, isW});
  return found == weights_.end() ? Weights{DataType::kFLOAT, nullptr, 0} : found->second;
}

Weights RecurrentLayer::getBiasForGate(int32_t layerIndex, RNNGateType gate, bool isW) const noexcept {
  const auto found = biases_.find({layerIndex, gate, isW});
  return found == biases_.end() ? Weights{DataType::kFLOAT, nullptr, 0} : found->second;
}

void RecurrentLayer::visit_weights(const std::function<void(const Weights&)>& visit) const {
  for (const auto* all : {&weights_, &biases_}) {
    for (const auto& [key, weights] : *all) visit(weights);
  }
}

const Weights& RecurrentLayer::matrix(int32_t layer, RNNGateType gate, bool is_w, int64_t rows, int64_t columns) const {
  const char* side = is_w ? "W" : "R";
  const auto* name = kGateNames[static_cast<size_t>(gate)];
  const auto found = weights_.find({layer, gate, is_w});
  require(found != weights_.end() && found->second.count > 0, who(), ": gate ", name, " of layer ", layer, " has no ",
          side, "; set it with setWeightsForGate (rnn_v2 C2)");
  require(found->second.count % rows == 0, who(), ": gate ", name, " of layer ", layer, " has ", found->second.count,
          " weights for ", side, ", a multiple of ", rows, " is needed (rnn_v2 C2)");
  require(columns < 0 || found->second.count == rows * columns, who(), ": gate ", name, " of layer ", layer, " has ",
          found->second.count, " weights for ", side, ", ", rows, " x ", columns, " are needed (rnn_v2 C2)");
  return found->second;
}

Weights RecurrentLayer::bias(int32_t layer, RNNGateType gate, bool is_w) const {
  const Weights bias = getBiasForGate(layer, gate, is_w);
  require(bias.count == 0 || bias.count == hidden_, who(), ": gate ", kGateNames[static_cast<size_t>(gate)],
          " of layer ", layer, " has ", bias.count, " biases for ", is_w ? "W" : "R", ", ", hidden_,
          " are needed (rnn_v2 C2)");
  return bias;
}

void RecurrentLayer::emit_gate(Emitter& out, Refs& operands, int32_t layer, RNNGateType gate, DType dtype) const {
  const bool first = layer < directions();
  const int64_t width = first ? out.dims().value_or_unknown(out.dims().resolve(out.type(operands[0]).dims.back()))
                              : int64_t{directions()} * hidden_;
  if (!first || mode_ == RNNInputMode::kLINEAR) {
    const Weights& w = matrix(layer, gate, true, hidden_, width);
    operands.push_back(weights_constant(*this, out, w, {hidden_, w.count / hidden_}, dtype));
  }
  const Weights& r = matrix(layer, gate, false, hidden_, hidden_);
  operands.push_back(weights_constant(*this, out, r, {hidden_, hidden_}, dtype));
  operands.push_back(weights_constant(*this, out, bias(layer, gate, true), {hidden_}, dtype));
  operands.push_back(weights_constant(*this, out, bias(layer, gate, false), {hidden_}, dtype));
}

Refs RecurrentLayer::emit(Emitter& out, const Refs& in) const {
  const ir::TensorType x = out.type(in[0]);
  require(x.rank() >= 2, who(), ": the input has rank ", x.rank(), "; [.., steps, width] is needed (rnn_v2 C1)");
  const int64_t steps = out.dims().value_or_unknown(out.dims().resolve(x.dims[x.dims.size() - 2]));
  require(steps < 0 || steps == max_length_, who(), ": the input has ", steps, " steps, the layer was made for ",
          max_length_, " (rnn_v2 C1)");
  const auto given = [&](size_t index) { return index < in.size() && in[index] != Emitter::kNoRef; };
  const bool has_c0 = given(2) && op_ == RNNOperation::kLSTM;
  Refs operands = {in[0]};
  if (given(1)) operands.push_back(in[1]);
  if (has_c0) operands.push_back(in[2]);
  if (given(3)) operands.push_back(in[3]);
  for (int32_t layer = 0; layer < layers_ * directions(); ++layer) {
    for (RNNGateType gate : gates_of(op_)) emit_gate(out, operands, layer, gate, x.dtype);
  }
  ir::Attrs attrs{{"op", static_cast<int64_t>(op_)},
                  {"layers", static_cast<int64_t>(layers_)},
                  {"hidden", static_cast<int64_t>(hidden_)},
                  {"direction", static_cast<int64_t>(direction_)},
                  {"input_mode", static_cast<int64_t>(mode_)},
                  {"has_h0", int64_t{given(1)}},
                  {"has_c0", int64_t{has_c0}},
                  {"has_lengths", int64_t{given(3)}}};
  return out.add_all(ir::OpKind::k_rnn_v2, attrs, operands, name());
}

}  // namespace rondo::api
