#pragma once

#include <string>

#include "api/network/layer.h"
#include "rondo/layers/assertion.h"

namespace rondo::api {

/// IAssertionLayer. Nothing asks for it, so the lowering looks for these layers itself (lower_network.cpp).
class AssertionLayer final : public LayerOf<IAssertionLayer> {
 public:
  AssertionLayer(Network& network, Tensor& condition, const char* message);
  void setMessage(char const* message) noexcept override;
  char const* getMessage() const noexcept override { return message_.c_str(); }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;
  bool is_shape_input(size_t) const override { return true; }

 private:
  std::string message_;
};

}  // namespace rondo::api
