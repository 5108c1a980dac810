#pragma once

#include <string>

#include "api/network/layer.h"
#include "rondo/layers/attention.h"

namespace rondo::api {

class AttentionNode;

/// IAttentionInputLayer: passes query, key, value and the optional mask and scale on, one output per input that is set.
class AttentionInputLayer final : public LayerOf<IAttentionInputLayer> {
 public:
  enum Input : size_t { kQuery, kKey, kValue, kMask, kScale, kInputs };

  AttentionInputLayer(Network& network, AttentionNode& attention, std::vector<Tensor*> inputs)
      : LayerOf(network, LayerType::kATTENTION_INPUT, std::move(inputs), 3), attention_(attention) {}
  IAttention* getAttention() const noexcept override;
  /// Throws where setInput reports.
  void assign(Input index, ITensor& tensor);
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;

 protected:
  size_t max_inputs() const override { return kInputs; }
  void input_changed(size_t index) override;

 private:
  AttentionNode& attention_;
};

/// IAttentionOutputLayer: the attention itself, over the outputs of its input layer.
class AttentionOutputLayer final : public LayerOf<IAttentionOutputLayer> {
 public:
  AttentionOutputLayer(Network& network, AttentionNode& attention, const AttentionInputLayer& from);
  IAttention* getAttention() const noexcept override;
  /// Takes over the outputs of the input layer.
  void follow();
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;

 protected:
  size_t max_inputs() const override { return AttentionInputLayer::kInputs; }
  void check_input(size_t index, const Tensor& tensor) const override;

 private:
  AttentionNode& attention_;
  const AttentionInputLayer& from_;
};

/// IAttention: the settings and the two layers, which the network owns.
class AttentionNode final : public IAttention {
 public:
  AttentionNode(Network& network, AttentionNormalizationOp op, CausalMaskKind causal)
      : network_(network), op_(op), causal_(causal) {}
  ~AttentionNode() noexcept override = default;
  void add_layers(Tensor& query, Tensor& key, Tensor& value);

  bool setNormalizationOperation(AttentionNormalizationOp op) noexcept override;
  AttentionNormalizationOp getNormalizationOperation() const noexcept override { return op_; }
  bool setMask(ITensor& mask) noexcept override;
  ITensor* getMask() noexcept override { return input_->input(AttentionInputLayer::kMask); }
  bool setCausal(bool isCausal) noexcept override;
  bool getCausal() const noexcept override { return causal_ != CausalMaskKind::kNONE; }
  bool setCausalKind(CausalMaskKind kind) noexcept override;
  CausalMaskKind getCausalKind() const noexcept override { return causal_; }
  bool setDecomposable(bool decomposable) noexcept override;
  bool getDecomposable() const noexcept override { return decomposable_; }
  bool setQueryForm(AttentionIOForm form) noexcept override { return set_form(form, "IAttention::setQueryForm"); }
  AttentionIOForm getQueryForm() const noexcept override { return AttentionIOForm::kPADDED_BHND; }
  bool setKeyValueForm(AttentionIOForm form) noexcept override { return set_form(form, "IAttention::setKeyValueForm"); }
  AttentionIOForm getKeyValueForm() const noexcept override { return AttentionIOForm::kPADDED_BHND; }
  bool setInput(int32_t index, ITensor& input) noexcept override;
  int32_t getNbInputs() const noexcept override { return 3; }
  ITensor* getInput(int32_t index) const noexcept override;
  int32_t getNbOutputs() const noexcept override { return 1; }
  ITensor* getOutput(int32_t index) const noexcept override { return output_->getOutput(index); }
  bool setName(char const* name) noexcept override;
  char const* getName() const noexcept override { return name_.c_str(); }
  bool setNormalizationQuantizeScale(ITensor& tensor) noexcept override;
  ITensor* getNormalizationQuantizeScale() const noexcept override {
    return input_->input(AttentionInputLayer::kScale);
  }
  bool setNormalizationQuantizeToType(DataType type) noexcept override;
  DataType getNormalizationQuantizeToType() const noexcept override { return quantized_; }
  bool setMetadata(char const* metadata) noexcept override;
  char const* getMetadata() const noexcept override { return metadata_.c_str(); }

  AttentionOutputLayer& output_layer() const { return *output_; }
  /// "attention 'enc.1'" for messages.
  std::string who() const;
  /// The name given, else the output layer's.
  std::string name() const { return name_.empty() ? output_->name() : name_; }

 private:
  template <class Body>
  bool change(const char* where, Body&& body) noexcept;
  bool set_form(AttentionIOForm form, const char* where) noexcept;

  Network& network_;
  AttentionNormalizationOp op_;
  CausalMaskKind causal_;
  bool decomposable_ = false;
  DataType quantized_ = DataType::kFLOAT;
  std::string name_, metadata_;
  AttentionInputLayer* input_ = nullptr;
  AttentionOutputLayer* output_ = nullptr;
};

}  // namespace rondo::api
