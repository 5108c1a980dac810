#include "import/refusals.h"

#include <utility>

namespace rondo::onnx {

Refusals::Refusals(INetworkDefinition& network) : network_(network), former_(network.getErrorRecorder()) {
  if (former_) former_->incRefCount();  // the network lets go of it for a while
  network_.setErrorRecorder(this);
}

Refusals::~Refusals() {
  network_.setErrorRecorder(former_);
  if (former_) former_->decRefCount();
}

std::string Refusals::take() { return std::exchange(first_, {}); }

rondo::ErrorCode Refusals::getErrorCode(int32_t index) const {
  return former_ ? former_->getErrorCode(index) : rondo::ErrorCode::kINVALID_ARGUMENT;
}

void Refusals::clear() {
  if (former_) former_->clear();
}

bool Refusals::reportError(rondo::ErrorCode code, ErrorDesc text) {
  if (first_.empty()) first_ = text;
  return former_ && former_->reportError(code, text);
}

}  // namespace rondo::onnx
