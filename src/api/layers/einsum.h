#pragma once

#include <string>

#include "api/network/layer.h"
#include "rondo/layers/einsum.h"

namespace rondo::api {

/// IEinsumLayer.
class EinsumLayer final : public LayerOf<IEinsumLayer> {
 public:
  EinsumLayer(Network& network, std::vector<Tensor*> inputs, const char* equation);
  bool setEquation(char const* equation) noexcept override;
  char const* getEquation() const noexcept override { return equation_.c_str(); }
  std::vector<Emitter::Ref> emit(Emitter& out, const std::vector<Emitter::Ref>& in) const override;

 private:
  void check(const char* equation, const std::string& who) const;

  std::string equation_;
};

}  // namespace rondo::api
