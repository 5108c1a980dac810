/// From bytes to ModelProto.
#pragma once

#include <memory>
#include <string>

#include "model/proto.h"

namespace rondo::onnx {

/// Largest message of the wire format, in bytes.
inline constexpr size_t kLargestModel = 0x7fffffff;

/// Decodes a model. The bytes may be freed afterwards.
/// Errors    kMODEL_DESERIALIZE_FAILED for what is no model, is damaged, nests too deep, or would take far more memory than it has bytes
std::shared_ptr<proto::ModelProto const> decode_model(void const* bytes, size_t size);

}  // namespace rondo::onnx
