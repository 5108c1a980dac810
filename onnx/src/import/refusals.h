/// Refusals: what a network says no to while a model is imported.
#pragma once

#include <string>

#include "rondo/network.h"

namespace rondo::onnx {

/// Listens to a network's errors for as long as it lives, and passes them on to the recorder that was there.
///
/// Setters of layers return nothing: without a listener, a value that the network refuses would leave the layer with another one,
/// and the model with another meaning.
/// Threads   one thread at a time
class Refusals final : public IErrorRecorder {
 public:
  explicit Refusals(INetworkDefinition& network);
  ~Refusals() override;
  Refusals(Refusals const&) = delete;
  Refusals& operator=(Refusals const&) = delete;

  /// The first text since the last call; empty if there was none.
  std::string take();

  int32_t getNbErrors() const override { return former_ ? former_->getNbErrors() : 0; }
  rondo::ErrorCode getErrorCode(int32_t index) const override;
  ErrorDesc getErrorDesc(int32_t index) const override { return former_ ? former_->getErrorDesc(index) : ""; }
  bool hasOverflowed() const override { return former_ && former_->hasOverflowed(); }
  void clear() override;
  bool reportError(rondo::ErrorCode code, ErrorDesc text) override;
  RefCount incRefCount() override { return 1; }
  RefCount decRefCount() override { return 1; }

 private:
  INetworkDefinition& network_;
  IErrorRecorder* former_;
  std::string first_;
};

}  // namespace rondo::onnx
