#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/errors.h"
#include "api/network/emitter.h"
#include "api/network/tensor.h"
#include "rondo/layer.h"

namespace rondo::api {

class LoopNode;
class ConditionalNode;

/// What all layers have, whatever interface they show. LayerOf<Interface> joins the two.
class LayerNode {
 public:
  LayerNode(Network& network, LayerType type, std::vector<Tensor*> inputs, size_t outputs);
  LayerNode(const LayerNode&) = delete;
  LayerNode& operator=(const LayerNode&) = delete;
  virtual ~LayerNode() = default;

  Network& network() const { return network_; }
  LayerType type() const { return type_; }
  const std::string& given_name() const { return name_; }
  /// The name given, else "(Unnamed Layer* N) [Kind]".
  std::string name() const;
  /// "layer 'h'" for messages.
  std::string who() const { return "layer '" + name() + "'"; }
  /// Inputs by index; null where an optional one is not set.
  const std::vector<Tensor*>& inputs() const { return inputs_; }
  const std::vector<std::unique_ptr<Tensor>>& outputs() const { return outputs_; }
  Tensor* input(size_t index) const { return index < inputs_.size() ? inputs_[index] : nullptr; }
  ILayer& face() const { return *face_; }

  /// Writes the ops of the layer; `in` is parallel to inputs(). Layers at the border of loops and conditionals have none:
  /// the lowering and the inference know them by type().
  virtual std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const;
  /// True if the value of input `index` decides a shape, so that it must be known before the network runs.
  virtual bool is_shape_input(size_t index) const;
  /// Shows all weights of the layer, empty ones included.
  virtual void visit_weights(const std::function<void(const Weights&)>& visit) const;

 protected:
  /// How many inputs setInput may address.
  virtual size_t max_inputs() const { return inputs_.size(); }
  /// Refuses an input that can never be right; `tensor` is of this network.
  virtual void check_input(size_t index, const Tensor& tensor) const;
  /// Called after input `index` was set.
  virtual void input_changed(size_t index);
  /// Grows or shrinks the outputs (a recurrent layer whose cell changes).
  void resize_outputs(size_t count);
  /// Tells the network that types inferred so far may no longer hold.
  void touch() const;
  const ErrorSink& sink() const;

  /// One setter of the public interface: checks and stores inside a guard, then invalidates what was inferred.
  template <class Body>
  void set(const char* where, Body&& body) noexcept {
    guarded(sink(), where, [&] {
      body();
      touch();
    });
  }

  // ILayer's methods, forwarded by LayerOf.
  void set_name(const char* name) noexcept;
  const char* shown_name() const noexcept;
  void set_metadata(const char* metadata) noexcept;
  const char* metadata() const noexcept { return metadata_.c_str(); }
  void set_input(int32_t index, ITensor& tensor) noexcept;
  void set_output_type(int32_t index, DataType type) noexcept;
  DataType output_type(int32_t index) const noexcept;
  bool output_type_is_set(int32_t index) const noexcept;
  void reset_output_type(int32_t index) noexcept;
  void set_precision(DataType type) noexcept;

  DataType precision_ = DataType::kFLOAT;
  bool precision_is_set_ = false;
  ILayer* face_ = nullptr;

 private:
  Network& network_;
  LayerType type_;
  std::vector<Tensor*> inputs_;
  std::vector<std::unique_ptr<Tensor>> outputs_;
  std::string name_, metadata_;
  mutable std::string shown_name_;
};

/// A layer that shows Interface (ILayer or a class derived from it).
template <class Interface>
class LayerOf : public Interface, public LayerNode {
 public:
  LayerOf(Network& network, LayerType type, std::vector<Tensor*> inputs, size_t outputs = 1)
      : LayerNode(network, type, std::move(inputs), outputs) {
    face_ = this;
  }
  ~LayerOf() noexcept override = default;

  LayerType getType() const noexcept override { return type(); }
  void setName(char const* name) noexcept override { set_name(name); }
  char const* getName() const noexcept override { return shown_name(); }
  void setMetadata(char const* metadata) noexcept override { set_metadata(metadata); }
  char const* getMetadata() const noexcept override { return metadata(); }
  int32_t getNbInputs() const noexcept override { return static_cast<int32_t>(inputs().size()); }
  ITensor* getInput(int32_t index) const noexcept override {
    return index < 0 ? nullptr : input(static_cast<size_t>(index));
  }
  void setInput(int32_t index, ITensor& tensor) noexcept override { set_input(index, tensor); }
  int32_t getNbOutputs() const noexcept override { return static_cast<int32_t>(outputs().size()); }
  ITensor* getOutput(int32_t index) const noexcept override {
    return index < 0 || index >= getNbOutputs() ? nullptr : outputs()[static_cast<size_t>(index)].get();
  }
  void setPrecision(DataType dataType) noexcept override { set_precision(dataType); }
  DataType getPrecision() const noexcept override { return precision_; }
  bool precisionIsSet() const noexcept override { return precision_is_set_; }
  void resetPrecision() noexcept override { precision_is_set_ = false; }
  void setOutputType(int32_t index, DataType dataType) noexcept override { set_output_type(index, dataType); }
  DataType getOutputType(int32_t index) const noexcept override { return output_type(index); }
  bool outputTypeIsSet(int32_t index) const noexcept override { return output_type_is_set(index); }
  void resetOutputType(int32_t index) noexcept override { reset_output_type(index); }
};

/// Writes a layer's ops and the conversions that setOutputType asks for. A request for a narrower float is a wish about
/// storage and is met where the tensor leaves the network; the computation stays as precise as its inputs.
std::vector<Emitter::Ref> emit_layer(const LayerNode& layer, Emitter& out, const std::vector<Emitter::Ref>& in);

/// The kind in default names: "Activation", "Matrix Multiply".
const char* layer_type_name(LayerType type);

}  // namespace rondo::api
