// Fields as bytes, little-endian: the count as u32, then per field the name (u32 length, characters), the type and the
// length as i32, the bytes of the data.
#include "plugin/fields.h"

#include <cstring>

#include "base/error.h"

namespace rondo::plugin {
namespace {

constexpr uint32_t kMaxFields = 1 << 16;
constexpr uint32_t kMaxName = 1 << 16;

template <class T>
void put(std::string& to, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof value);
  to.append(bytes, sizeof value);
}

class Reader {
 public:
  Reader(const std::string& bytes, const std::string& who) : bytes_(bytes), who_(who) {}

  const char* take(size_t count) {
    if (count > bytes_.size() - at_) damaged();
    at_ += count;
    return bytes_.data() + at_ - count;
  }
  template <class T>
  T number() {
    T value;
    std::memcpy(&value, take(sizeof value), sizeof value);
    return value;
  }
  bool done() const { return at_ == bytes_.size(); }
  [[noreturn]] void damaged() const {
    fail(Code::kInvalidArgument, who_, ": its fields in the plan are damaged; build the plan again");
  }

 private:
  const std::string& bytes_;
  const std::string& who_;
  size_t at_ = 0;
};

}  // namespace

size_t field_bytes(PluginFieldType type, int64_t length) {
  const auto count = static_cast<size_t>(length);
  switch (type) {
    case PluginFieldType::kFLOAT64:
    case PluginFieldType::kINT64:
      return count * 8;
    case PluginFieldType::kFLOAT32:
    case PluginFieldType::kINT32:
      return count * 4;
    case PluginFieldType::kFLOAT16:
    case PluginFieldType::kBF16:
    case PluginFieldType::kINT16:
      return count * 2;
    case PluginFieldType::kDIMS:
      return count * sizeof(Dims);
    case PluginFieldType::kINT4:
    case PluginFieldType::kFP4:
      return (count + 1) / 2;
    default:
      return count;
  }
}

std::string encode_fields(const PluginFieldCollection& fields, const std::string& who) {
  if (fields.nbFields < 0 || (fields.nbFields > 0 && fields.fields == nullptr)) {
    fail(Code::kInvalidArgument, who, ": its collection of fields has ", fields.nbFields, " entries and no list");
  }
  std::string bytes;
  put(bytes, static_cast<uint32_t>(fields.nbFields));
  for (int32_t i = 0; i < fields.nbFields; ++i) {
    const PluginField& field = fields.fields[i];
    const auto type = static_cast<int32_t>(field.type);
    if (field.name == nullptr) fail(Code::kInvalidArgument, who, ": field ", i, " has no name");
    const bool valid = type >= 0 && type < EnumMax<PluginFieldType>() && field.length >= 0;
    if (!valid || (field.length > 0 && field.data == nullptr)) {
      fail(Code::kInvalidArgument, who, ": field '", field.name, "' has type ", type, ", length ", field.length,
           field.data == nullptr ? " and no data" : "");
    }
    const size_t name = std::strlen(field.name), data = field_bytes(field.type, field.length);
    put(bytes, static_cast<uint32_t>(name));
    bytes.append(field.name, name);
    put(bytes, type);
    put(bytes, field.length);
    if (data > 0) bytes.append(static_cast<const char*>(field.data), data);
  }
  return bytes;
}

DecodedFields::DecodedFields(const std::string& bytes, const std::string& who) {
  Reader in(bytes, who);
  const auto count = in.number<uint32_t>();
  if (count > kMaxFields) in.damaged();
  for (uint32_t i = 0; i < count; ++i) {
    const auto name = in.number<uint32_t>();
    if (name > kMaxName) in.damaged();
    names_.emplace_back(in.take(name), name);
    const auto type = in.number<int32_t>(), length = in.number<int32_t>();
    if (type < 0 || type >= EnumMax<PluginFieldType>() || length < 0) in.damaged();
    const size_t size = field_bytes(static_cast<PluginFieldType>(type), length);
    const char* from = in.take(size);
    data_.push_back(std::make_unique<std::max_align_t[]>(size / sizeof(std::max_align_t) + 1));
    std::memcpy(data_.back().get(), from, size);
    fields_.emplace_back(nullptr, data_.back().get(), static_cast<PluginFieldType>(type), length);
  }
  if (!in.done()) in.damaged();
  for (size_t i = 0; i < fields_.size(); ++i) fields_[i].name = names_[i].c_str();
  collection_ = {static_cast<int32_t>(fields_.size()), fields_.data()};
}

}  // namespace rondo::plugin
