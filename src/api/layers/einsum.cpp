#include "api/layers/einsum.h"

#include "api/layers/operands.h"
#include "ops/structured/products/einsum_equation.h"

namespace rondo::api {

EinsumLayer::EinsumLayer(Network& network, std::vector<Tensor*> inputs, const char* equation)
    : LayerOf(network, LayerType::kEINSUM, std::move(inputs)) {
  check(equation, "addEinsum");
  equation_ = equation;
}

void EinsumLayer::check(const char* equation, const std::string& who) const {
  require(equation != nullptr, who, ": the equation is null");
  ops::check_equation(equation, inputs().size(), [&](int constraint, const std::string& message) {
    fail(Code::kInvalidArgument, who, ": ", message, " (einsum C", constraint, ")");
  });
}

bool EinsumLayer::setEquation(char const* equation) noexcept {
  return guarded(sink(), "IEinsumLayer::setEquation", [&] {
    check(equation, who());
    equation_ = equation;
    touch();
  });
}

std::vector<Emitter::Ref> EinsumLayer::emit(Emitter& out, const std::vector<Emitter::Ref>& in) const {
  std::vector<Emitter::Ref> operands = in;
  promote(*this, out, operands);
  return {out.add(ir::OpKind::k_einsum, {{"equation", equation_}}, operands, name())};
}

}  // namespace rondo::api
