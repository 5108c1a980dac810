/// External data: the parts of a model that lie in files beside it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/proto_fwd.h"

namespace rondo::onnx {

/// Bytes read from a file.
struct FileBytes {
  std::unique_ptr<char[]> data;
  size_t size = 0;
};

/// Reads regions of files below one folder; nothing else in the library opens files that a model names.
///
/// A location is a relative path of plain components. Each is opened below the one before without following links, and the
/// last must be a regular file with a single name, so that neither `..`, nor a symbolic link, nor a hard link leads outside,
/// whatever another process does to the folder meanwhile.
class ExternalData {
 public:
  /// model_path is the file the model was read from, or its folder with a trailing slash; empty if unknown.
  explicit ExternalData(std::string const& model_path);

  /// Reads what a tensor's entries (location, offset, length, checksum) name, which must be `bytes` long.
  /// Errors    kMODEL_DESERIALIZE_FAILED naming `who`, the location and the rule
  std::shared_ptr<FileBytes const> read(proto::TensorProto const& tensor, size_t bytes, std::string const& who) const;

 private:
  std::string folder_;  ///< empty: there is none
};

}  // namespace rondo::onnx
