// An attention is two layers with a wire per operand between them:
//   query, key, value[, mask][, scale] -> input layer -> the same -> output layer -> y
// The input layer emits nothing; the output layer emits the op. Operands can be added but not taken away, so the wires
// only grow in number.

#include "api/layers/transformer/attention.h"

#include "api/layers/operands.h"
#include "api/network/network.h"

namespace rondo::api {

using Refs = std::vector<Emitter::Ref>;

IAttention* AttentionInputLayer::getAttention() const noexcept { return &attention_; }

IAttention* AttentionOutputLayer::getAttention() const noexcept { return &attention_; }

void AttentionInputLayer::assign(Input index, ITensor& tensor) {
  network().own(tensor, "IAttention");
  set_input(static_cast<int32_t>(index), tensor);
}

void AttentionInputLayer::input_changed(size_t) {
  size_t given = 0;
  for (const Tensor* input : inputs()) given += input != nullptr;
  resize_outputs(given);
  attention_.output_layer().follow();
}

Refs AttentionInputLayer::emit(Emitter&, const Refs& in) const {
  Refs given;
  for (Emitter::Ref ref : in) {
    if (ref != Emitter::kNoRef) given.push_back(ref);
  }
  return given;
}

AttentionOutputLayer::AttentionOutputLayer(Network& network, AttentionNode& attention, const AttentionInputLayer& from)
    : LayerOf(network, LayerType::kATTENTION_OUTPUT,
              {from.outputs()[0].get(), from.outputs()[1].get(), from.outputs()[2].get()}),
      attention_(attention),
      from_(from) {}

void AttentionOutputLayer::follow() {
  for (size_t i = 0; i < from_.outputs().size(); ++i) set_input(static_cast<int32_t>(i), *from_.outputs()[i]);
}

void AttentionOutputLayer::check_input(size_t, const Tensor& tensor) const {
  require(tensor.producer() == &from_, who(),
          " takes what its input layer gives; set inputs with IAttention::setInput");
}

Refs AttentionOutputLayer::emit(Emitter& out, const Refs& in) const {
  const bool has_mask = from_.input(AttentionInputLayer::kMask) != nullptr;
  const bool has_scale = from_.input(AttentionInputLayer::kScale) != nullptr;
  require(has_scale == (attention_.getNormalizationQuantizeToType() == DataType::kINT8), attention_.who(),
          ": a normalization quantize scale and the type kINT8 go together; set both or neither");
  const bool mixes = has_mask && is_float(out.type(in[3]).dtype);
  Refs operands(in.begin(), in.begin() + (mixes ? 4 : 3));
  promote(*this, out, operands);
  operands.insert(operands.end(), in.begin() + static_cast<std::ptrdiff_t>(operands.size()), in.end());
  const ir::Attrs attrs{{"norm", static_cast<int64_t>(attention_.getNormalizationOperation())},
                        {"causal", static_cast<int64_t>(attention_.getCausalKind())},
                        {"has_mask", int64_t{has_mask}},
                        {"has_scale", int64_t{has_scale}}};
  return {out.add(ir::OpKind::k_attention, attrs, operands, attention_.name())};
}

void AttentionNode::add_layers(Tensor& query, Tensor& key, Tensor& value) {
  input_ = network_.add_layer<AttentionInputLayer>(*this, std::vector<Tensor*>{&query, &key, &value});
  output_ = network_.add_layer<AttentionOutputLayer>(*this, *input_);
}

std::string AttentionNode::who() const { return "attention '" + name() + "'"; }

template <class Body>
bool AttentionNode::change(const char* where, Body&& body) noexcept {
  return guarded(network_.sink(), where, [&] {
    body();
    network_.inference().layer_changed(*output_);
  });
}

bool AttentionNode::setNormalizationOperation(AttentionNormalizationOp op) noexcept {
  return change("IAttention::setNormalizationOperation", [&] {
    require_enum(op, "IAttention::setNormalizationOperation: AttentionNormalizationOp");
    op_ = op;
  });
}

bool AttentionNode::setMask(ITensor& mask) noexcept {
  return change("IAttention::setMask", [&] { input_->assign(AttentionInputLayer::kMask, mask); });
}

bool AttentionNode::setCausal(bool isCausal) noexcept {
  return change("IAttention::setCausal",
                [&] { causal_ = isCausal ? CausalMaskKind::kUPPER_LEFT : CausalMaskKind::kNONE; });
}

bool AttentionNode::setCausalKind(CausalMaskKind kind) noexcept {
  return change("IAttention::setCausalKind", [&] {
    require_enum(kind, "IAttention::setCausalKind: CausalMaskKind");
    causal_ = kind;
  });
}

bool AttentionNode::setDecomposable(bool decomposable) noexcept {
  decomposable_ = decomposable;
  return true;
}

bool AttentionNode::set_form(AttentionIOForm form, const char* where) noexcept {
  return change(where, [&] {
    require(form == AttentionIOForm::kPADDED_BHND, who(),
            ": kPACKED_NHD is not part of this version; give query, key and value as kPADDED_BHND");
  });
}

bool AttentionNode::setInput(int32_t index, ITensor& input) noexcept {
  return change("IAttention::setInput", [&] {
    require(index >= 0 && index < getNbInputs(), who(), " has no input ", index, "; 0 query, 1 key, 2 value");
    input_->assign(static_cast<AttentionInputLayer::Input>(index), input);
  });
}

ITensor* AttentionNode::getInput(int32_t index) const noexcept {
  return index < 0 || index >= getNbInputs() ? nullptr : input_->input(static_cast<size_t>(index));
}

bool AttentionNode::setName(char const* name) noexcept {
  return change("IAttention::setName", [&] {
    require(name != nullptr, who(), ": the new name is null");
    name_ = name;
  });
}

bool AttentionNode::setNormalizationQuantizeScale(ITensor& tensor) noexcept {
  return change("IAttention::setNormalizationQuantizeScale",
                [&] { input_->assign(AttentionInputLayer::kScale, tensor); });
}

bool AttentionNode::setNormalizationQuantizeToType(DataType type) noexcept {
  return change("IAttention::setNormalizationQuantizeToType", [&] {
    require(type == DataType::kFLOAT || type == DataType::kINT8, who(),
            ": weights are quantized to kINT8 or, kFLOAT, not at ", "all, not to type ", static_cast<int>(type),
            " (attention C8)");
    quantized_ = type;
  });
}

bool AttentionNode::setMetadata(char const* metadata) noexcept {
  return change("IAttention::setMetadata", [&] {
    require(metadata != nullptr, who(), ": the metadata is null");
    metadata_ = metadata;
    output_->setMetadata(metadata);
  });
}

}  // namespace rondo::api
