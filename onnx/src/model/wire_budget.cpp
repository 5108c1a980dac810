// What a model costs before it is paid for.
//
// The decoder turns two bytes, an empty message, into an object of some hundred bytes, so a file of a megabyte can ask
// for a hundred. This walk reads tags and lengths only, follows the fields that hold messages, and counts objects and
// packed integers. The table names the fields; everything else is skipped by its length.

#include "model/wire_budget.h"

#include <google/protobuf/io/coded_stream.h>

#include "model/import_error.h"

namespace rondo::onnx {
namespace {

using google::protobuf::io::CodedInputStream;

/// Messages of the format, as far as they hold other messages or repeated values in number.
enum class Message : uint8_t {
  kModel,
  kGraph,
  kNode,
  kAttribute,
  kTensor,
  kSparse,
  kValueInfo,
  kType,
  kTensorType,
  kInnerType,
  kShape,
  kFunction,
  kLeaf
};

struct Field {
  Message in;
  uint32_t number;
  Message holds;
};

constexpr Field kFields[] = {
    {Message::kModel, 7, Message::kGraph},       {Message::kModel, 8, Message::kLeaf},
    {Message::kModel, 14, Message::kLeaf},       {Message::kModel, 25, Message::kFunction},
    {Message::kGraph, 1, Message::kNode},        {Message::kGraph, 5, Message::kTensor},
    {Message::kGraph, 11, Message::kValueInfo},  {Message::kGraph, 12, Message::kValueInfo},
    {Message::kGraph, 13, Message::kValueInfo},  {Message::kGraph, 15, Message::kSparse},
    {Message::kNode, 5, Message::kAttribute},    {Message::kNode, 1, Message::kLeaf},
    {Message::kNode, 2, Message::kLeaf},         {Message::kAttribute, 5, Message::kTensor},
    {Message::kAttribute, 6, Message::kGraph},   {Message::kAttribute, 10, Message::kTensor},
    {Message::kAttribute, 11, Message::kGraph},  {Message::kAttribute, 14, Message::kType},
    {Message::kAttribute, 15, Message::kType},   {Message::kAttribute, 22, Message::kSparse},
    {Message::kAttribute, 23, Message::kSparse}, {Message::kAttribute, 9, Message::kLeaf},
    {Message::kTensor, 6, Message::kLeaf},       {Message::kTensor, 13, Message::kLeaf},
    {Message::kSparse, 1, Message::kTensor},     {Message::kSparse, 2, Message::kTensor},
    {Message::kValueInfo, 2, Message::kType},    {Message::kType, 1, Message::kTensorType},
    {Message::kType, 8, Message::kTensorType},   {Message::kType, 4, Message::kInnerType},
    {Message::kType, 9, Message::kInnerType},    {Message::kType, 5, Message::kInnerType},
    {Message::kInnerType, 1, Message::kType},    {Message::kInnerType, 2, Message::kType},
    {Message::kTensorType, 2, Message::kShape},  {Message::kShape, 1, Message::kLeaf},
    {Message::kFunction, 7, Message::kNode},     {Message::kFunction, 4, Message::kLeaf},
    {Message::kFunction, 5, Message::kLeaf},     {Message::kFunction, 6, Message::kLeaf},
    {Message::kFunction, 9, Message::kLeaf},     {Message::kFunction, 11, Message::kAttribute},
};

/// Deepest nesting of messages; the decoder's own limit.
constexpr int kDeepest = 100;
/// Bytes of one decoded object, the largest kind. Bound by the decoder's classes.
constexpr int64_t kObjectBytes = 320;
/// What a model may take beyond a multiple of its own size. Real models have hundreds of bytes per object.
constexpr int64_t kFreeBytes = int64_t{24} << 20;
constexpr int64_t kTimes = 24;

class Walker {
 public:
  Walker(CodedInputStream& input, size_t size)
      : input_(input), left_(kFreeBytes + kTimes * static_cast<int64_t>(size)) {}

  /// The message that fills the next `bytes` bytes.
  void walk(Message message, uint64_t bytes, int depth) {
    if (depth > kDeepest) fail(text("messages nest deeper than ", kDeepest));
    const CodedInputStream::Limit outer = input_.PushLimit(static_cast<int>(bytes));
    while (input_.BytesUntilLimit() > 0) {
      const uint64_t tag = varint();
      const auto number = static_cast<uint32_t>(tag >> 3);
      switch (tag & 7U) {
        case 0:
          varint();
          break;
        case 1:
          skip(8);
          break;
        case 5:
          skip(4);
          break;
        case 2:
          enter(message, number, length(), depth);
          break;
        default:
          fail("the bytes are no ONNX model, or damaged");
      }
    }
    input_.PopLimit(outer);
  }

 private:
  [[noreturn]] static void fail(std::string const& what) {
    throw ImportError(ErrorCode::kMODEL_DESERIALIZE_FAILED, what);
  }

  uint64_t varint() {
    uint64_t value = 0;
    if (!input_.ReadVarint64(&value)) fail("the model ends in the middle of a value, or is damaged");
    return value;
  }

  uint64_t length() {
    const uint64_t bytes = varint();
    if (bytes > static_cast<uint64_t>(input_.BytesUntilLimit()))
      fail("a length in the model is larger than what is left of it");
    return bytes;
  }

  void skip(uint64_t bytes) {
    if (!input_.Skip(static_cast<int>(bytes))) fail("the model ends in the middle of a value");
  }

  void spend(int64_t bytes) {
    left_ -= bytes;
    if (left_ < 0) fail("the model has far more objects than its size warrants");
  }

  void enter(Message message, uint32_t number, uint64_t bytes, int depth) {
    for (Field const& field : kFields) {
      if (field.in != message || field.number != number) continue;
      spend(kObjectBytes);
      return field.holds == Message::kLeaf ? skip(bytes) : walk(field.holds, bytes, depth + 1);
    }
    // Packed integers: a byte each in the file, eight in memory.
    const bool packed = (message == Message::kTensor && number != 9) || (message == Message::kAttribute && number == 8);
    if (packed) spend(static_cast<int64_t>(bytes) * 8);
    skip(bytes);
  }

  CodedInputStream& input_;
  int64_t left_;
};

}  // namespace

void check_wire_budget(CodedInputStream& input, size_t size) { Walker(input, size).walk(Message::kModel, size, 1); }

}  // namespace rondo::onnx
