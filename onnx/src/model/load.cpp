#include "model/load.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "model/import_error.h"
#include "model/wire_budget.h"

namespace rondo::onnx {

std::shared_ptr<proto::ModelProto const> decode_model(void const* bytes, size_t size) {
  const auto refuse = [](std::string const& what) { throw ImportError(ErrorCode::kMODEL_DESERIALIZE_FAILED, what); };
  if (!bytes || size == 0) refuse("the model is empty");
  if (size > kLargestModel) {
    refuse(text("the model has ", size, " bytes; the format allows ", kLargestModel,
                ", so larger models keep their weights in external data"));
  }
  check_wire_budget(static_cast<uint8_t const*>(bytes), size);
  auto model = std::make_shared<proto::ModelProto>();
  google::protobuf::io::ArrayInputStream stream(bytes, static_cast<int>(size));
  google::protobuf::io::CodedInputStream input(&stream);
  input.SetTotalBytesLimit(static_cast<int>(size));
  if (!model->ParseFromCodedStream(&input) || !input.ConsumedEntireMessage()) {
    refuse("the bytes are no ONNX model, or damaged");
  }
  return model;
}

}  // namespace rondo::onnx
