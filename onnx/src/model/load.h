/// From bytes to ModelProto.
#pragma once

#include <memory>
#include <string>

#include "model/proto.h"

namespace rondo::onnx {

/// Decodes a model. The bytes may be freed afterwards.
/// Errors    kMODEL_DESERIALIZE_FAILED for what is no model, is damaged, nests too deep, or would take far more memory than it has bytes
std::shared_ptr<proto::ModelProto const> decode_model(void const* bytes, size_t size);

/// Decodes a file block by block, so that its bytes are in memory once: in the result. Errors as above, naming the path
std::shared_ptr<proto::ModelProto const> decode_model_file(std::string const& path);

}  // namespace rondo::onnx
