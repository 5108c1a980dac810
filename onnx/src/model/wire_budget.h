/// A look at an encoded model before it is decoded.
#pragma once

#include <cstddef>

namespace google::protobuf::io {
class CodedInputStream;
}

namespace rondo::onnx {

/// Walks the wire format of a model of `size` bytes without building anything, and adds up what decoding it would take.
/// Errors    kMODEL_DESERIALIZE_FAILED if a length leaves its message, messages nest deeper than the decoder goes, or the objects of
///           the decoded form would take far more memory than the bytes warrant
void check_wire_budget(google::protobuf::io::CodedInputStream& input, size_t size);

}  // namespace rondo::onnx
