#include "model/load.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <functional>

#include "model/import_error.h"
#include "model/input_file.h"
#include "model/wire_budget.h"

namespace rondo::onnx {
namespace {

namespace io = google::protobuf::io;

/// Largest message of the wire format, in bytes.
constexpr size_t kLargestModel = 0x7fffffff;
/// Read at once from a file; raised, it costs memory; lowered, calls of the system.
constexpr int kBlockBytes = 1 << 18;

void refuse_unless(bool ok, std::string const& what) { check(ok, ErrorCode::kMODEL_DESERIALIZE_FAILED, what); }

/// Goes through the bytes twice, each time from the start: what decoding them takes, then decoding.
std::shared_ptr<proto::ModelProto const> decode(std::string const& who, size_t size,
                                                std::function<void(std::function<void(io::CodedInputStream&)>)> read) {
  refuse_unless(size > 0, who + " is empty");
  refuse_unless(size <= kLargestModel, text(who, " has ", size, " bytes; the format allows ", kLargestModel,
                                            ", so larger models keep their weights in external data"));
  read([&](io::CodedInputStream& input) { check_wire_budget(input, size); });
  auto model = std::make_shared<proto::ModelProto>();
  read([&](io::CodedInputStream& input) {
    input.SetTotalBytesLimit(static_cast<int>(size));
    refuse_unless(model->ParseFromCodedStream(&input) && input.ConsumedEntireMessage(),
                  who + ": the bytes are no ONNX model, or damaged");
  });
  return model;
}

}  // namespace

std::shared_ptr<proto::ModelProto const> decode_model(void const* bytes, size_t size) {
  return decode("the model", bytes ? size : 0, [&](auto const& use) {
    io::ArrayInputStream stream(bytes, static_cast<int>(size));
    io::CodedInputStream input(&stream);
    use(input);
  });
}

std::shared_ptr<proto::ModelProto const> decode_model_file(std::string const& path) {
  const InputFile file(path);
  return decode(text("model file '", path, "'"), file.size(), [&](auto const& use) {
    InputFile::Stream blocks(file);
    io::CopyingInputStreamAdaptor stream(&blocks, kBlockBytes);
    io::CodedInputStream input(&stream);
    use(input);
  });
}

}  // namespace rondo::onnx
