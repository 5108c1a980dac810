/// Reading the constants of a model: TensorProto and SparseTensorProto to HostTensor.
#pragma once

#include <map>

#include "model/external_data.h"
#include "model/host_tensor.h"

namespace rondo::onnx {

/// What reading a constant needs besides its message.
struct TensorSource {
  std::shared_ptr<void const> owner;  ///< keeps the messages alive
  ExternalData external;
  std::map<std::string, std::pair<void const*, size_t>> supplied;  ///< data of loadInitializer, by name
};

/// Reads a constant. Data stays where it is in the message if it has the network's type; external data is read; double becomes
/// float32, 16-bit and unsigned integers a wider integer type, 2- and 4-bit integers one byte each.
/// Errors    kINVALID_VALUE where the data does not fit type and shape; kUNSUPPORTED_NODE_DATATYPE; errors of ExternalData
HostTensorPtr read_tensor(proto::TensorProto const& tensor, TensorSource const& source, std::string const& who);

/// Reads a sparse constant as a dense one. Its index tensor is checked element by element.
HostTensorPtr read_sparse_tensor(proto::SparseTensorProto const& tensor, TensorSource const& source,
                                 std::string const& who);

/// Bytes that the raw form of a constant takes.
size_t raw_bytes(proto::TensorProto const& tensor, std::string const& who);

}  // namespace rondo::onnx
