#pragma once

#include <map>
#include <optional>
#include <string>

#include "api/network/emitter.h"
#include "rondo/types.h"

namespace rondo::api {

class LayerNode;
class Network;
class Tensor;

/// Answers "what is the type of this tensor" for a network under construction, layer by layer, and remembers the answers
/// until a layer that was asked about changes. Adding layers forgets nothing, so building a network of n layers that asks
/// after each costs n steps. A tensor of a broken or unfinished layer has no answer; nothing is reported here.
class Inference {
 public:
  explicit Inference(const Network& network) : network_(network) {}

  /// What is known of a tensor, or null.
  const ir::ValueInfo* find(const Tensor& tensor);
  /// The public shape: -1 for what comes at run time; rank -1 without an answer.
  Dims dims(const Tensor& tensor);
  /// Forgets all answers if `layer` is among those asked about.
  void layer_changed(const LayerNode& layer);
  /// Forgets all answers.
  void forget();

 private:
  using Ref = Emitter::Ref;
  void infer_with_inputs(const Tensor& tensor);
  void infer_layer(const LayerNode& layer);
  std::vector<Ref> border_outputs(const LayerNode& layer, const std::vector<Ref>& in);
  std::optional<Ref> ref_of(const Tensor& tensor);
  Ref input_ref(const Tensor& tensor);

  const Network& network_;
  TypeEmitter types_;
  std::map<const LayerNode*, std::vector<Ref>> layers_;  ///< empty vector: no answer
  std::map<const Tensor*, Ref> inputs_;
};

}  // namespace rondo::api
