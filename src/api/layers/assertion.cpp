#include "api/layers/assertion.h"

namespace rondo::api {

AssertionLayer::AssertionLayer(Network& network, Tensor& condition, const char* message)
    : LayerOf(network, LayerType::kASSERTION, {&condition}, 0) {
  require(message != nullptr, "addAssertion: the message is null");
  message_ = message;
}

void AssertionLayer::setMessage(char const* message) noexcept {
  set("IAssertionLayer::setMessage", [&] {
    require(message != nullptr, who(), ": the message is null");
    message_ = message;
  });
}

// In a body or branch, which may not run at all, what is known of the condition is hidden behind a float: the check
// then stands on values that are read there, where and as often as the region runs.
std::vector<Emitter::Ref> AssertionLayer::emit(Emitter& out, const std::vector<Emitter::Ref>& in) const {
  Emitter::Ref condition = in[0];
  if (out.type(condition).dtype == DType::kBool) {
    if (!out.runs_always()) {
      condition = out.cast(out.cast(condition, DType::kFloat32, name()), DType::kBool, name());
    }
    condition = out.with_values(condition, who());
  }
  return out.add_all(ir::OpKind::k_assertion, {{"message", message_}}, {condition}, name());
}

}  // namespace rondo::api
