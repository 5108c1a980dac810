// Attributes as fields. Whatever holds numbers becomes a host tensor first, so that each type of field is written in
// one place.

#include "import/plugin_fields.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/proto.h"

namespace rondo::onnx {
namespace {

using A = proto::AttributeProto;
using F = PluginFieldType;

constexpr char const* kTypeNames[] = {"FLOAT16", "FLOAT32", "FLOAT64", "INT8",  "INT16", "INT32", "CHAR",
                                      "DIMS",    "UNKNOWN", "BF16",    "INT64", "FP8",   "INT4",  "FP4"};

std::string type_text(PluginFieldType type) {
  const auto index = static_cast<size_t>(type);
  return index < std::size(kTypeNames) ? kTypeNames[index] : text("type ", index);
}

/// What an attribute holds: numbers, or characters.
struct Content {
  HostTensorPtr numbers;
  std::string characters;
  PluginFieldType own = F::kCHAR;  ///< type where none is listed
};

PluginFieldType own_type(DataType type) {
  switch (type) {
    case DataType::kFLOAT:
      return F::kFLOAT32;
    case DataType::kHALF:
      return F::kFLOAT16;
    case DataType::kBF16:
      return F::kBF16;
    case DataType::kINT32:
      return F::kINT32;
    case DataType::kINT64:
      return F::kINT64;
    case DataType::kUINT8:
      return F::kCHAR;
    default:
      return F::kINT8;
  }
}

template <typename T, typename List>
Content numbers_of(DataType type, F own, bool is_list, List const& list) {
  const Extents dims = is_list ? Extents{static_cast<int64_t>(list.size())} : Extents{};
  return {make_host_tensor(type, dims, std::vector<T>(list.begin(), list.end())), {}, own};
}

Content content_of(A const& attribute, std::string const& who, TensorSource const& source) {
  switch (Attributes::type_of(attribute)) {
    case A::FLOAT:
      return numbers_of<float>(DataType::kFLOAT, F::kFLOAT32, false, std::vector<float>{attribute.f()});
    case A::FLOATS:
      return numbers_of<float>(DataType::kFLOAT, F::kFLOAT32, true, attribute.floats());
    case A::INT:
      return numbers_of<int64_t>(DataType::kINT64, F::kINT32, false, std::vector<int64_t>{attribute.i()});
    case A::INTS:
      return numbers_of<int64_t>(DataType::kINT64, F::kINT32, true, attribute.ints());
    case A::STRING:
      return {nullptr, attribute.s()};
    case A::STRINGS: {
      std::string all;
      for (std::string const& one : attribute.strings()) all += one + '\0';
      return {nullptr, std::move(all)};
    }
    case A::TENSOR: {
      HostTensorPtr tensor = read_tensor(attribute.t(), source, who);
      const F own = own_type(tensor->type());
      return {std::move(tensor), {}, own};
    }
    default:
      throw ImportError(ErrorCode::kUNSUPPORTED_NODE_ATTR,
                        text(who, " is none of what a field of a plugin can hold: numbers, strings or a tensor"));
  }
}

/// Integers of T, each checked.
template <typename T>
std::string narrowed(HostTensor const& numbers, std::string const& who, F type) {
  check(!numbers.is_float(), ErrorCode::kINVALID_NODE,
        text(who, " holds floats, but the plugin lists the field as ", type_text(type)));
  std::string bytes;
  for (int64_t value : numbers.to_ints()) {
    check(value >= std::numeric_limits<T>::min() && value <= std::numeric_limits<T>::max(), ErrorCode::kINVALID_NODE,
          text(who, " holds ", value, ", which is outside of ", type_text(type),
               "; let the creator list the field as INT64"));
    const T small = static_cast<T>(value);
    bytes.append(reinterpret_cast<char const*>(&small), sizeof small);
  }
  return bytes;
}

std::string as_floats(HostTensor const& numbers, DataType type) {
  const HostTensorPtr converted = numbers.is_float() ? host_tensor_of(type, numbers.dims(), numbers.to_reals())
                                                     : host_tensor_of(type, numbers.dims(), numbers.to_ints());
  return {static_cast<char const*>(converted->data()), converted->bytes()};
}

std::string as_doubles(HostTensor const& numbers) {
  std::string bytes;
  const auto append = [&](double value) { bytes.append(reinterpret_cast<char const*>(&value), sizeof value); };
  if (numbers.is_float()) {
    for (double value : numbers.to_reals()) append(value);
  } else {
    for (int64_t value : numbers.to_ints()) append(static_cast<double>(value));
  }
  return bytes;
}

std::string as_dims(HostTensor const& numbers, std::string const& who) {
  check(
      !numbers.is_float() && numbers.count() <= Dims::MAX_DIMS, ErrorCode::kINVALID_NODE,
      text(who, " holds ", type_text(numbers), "; as DIMS it must be at most ", int32_t{Dims::MAX_DIMS}, " integers"));
  Dims dims{static_cast<int32_t>(numbers.count()), {}};
  const std::vector<int64_t> values = numbers.to_ints();
  std::copy(values.begin(), values.end(), dims.d);
  return {reinterpret_cast<char const*>(&dims), sizeof dims};
}

std::string numbers_as(HostTensor const& numbers, F type, std::string const& who) {
  switch (type) {
    case F::kFLOAT32:
      return as_floats(numbers, DataType::kFLOAT);
    case F::kFLOAT16:
      return as_floats(numbers, DataType::kHALF);
    case F::kBF16:
      return as_floats(numbers, DataType::kBF16);
    case F::kFLOAT64:
      return as_doubles(numbers);
    case F::kINT8:
      return narrowed<int8_t>(numbers, who, type);
    case F::kINT16:
      return narrowed<int16_t>(numbers, who, type);
    case F::kINT32:
      return narrowed<int32_t>(numbers, who, type);
    case F::kINT64:
      return narrowed<int64_t>(numbers, who, type);
    case F::kCHAR:
      return narrowed<uint8_t>(numbers, who, type);
    case F::kDIMS:
      return as_dims(numbers, who);
    case F::kUNKNOWN:
      return {static_cast<char const*>(numbers.data()), numbers.bytes()};
    default:
      throw ImportError(ErrorCode::kUNSUPPORTED_NODE_ATTR,
                        text(who, ": fields of type ", type_text(type), " cannot be made of attributes"));
  }
}

int32_t length_of(Content const& content, F type, size_t bytes, std::string const& who) {
  const bool counts_bytes = !content.numbers || type == F::kUNKNOWN;
  const int64_t length = type == F::kDIMS ? 1 : counts_bytes ? static_cast<int64_t>(bytes) : content.numbers->count();
  check(length <= std::numeric_limits<int32_t>::max(), ErrorCode::kUNSUPPORTED_NODE_ATTR,
        text(who, " has ", length, " elements, more than a field of a plugin can have"));
  return static_cast<int32_t>(length);
}

}  // namespace

PluginFields::PluginFields(Attributes& attributes, std::span<char const* const> others,
                           PluginFieldCollection const* listed, TensorSource const& source) {
  std::vector<std::string> left = attributes.names();
  const auto drop = [&](std::string const& name) {
    left.erase(std::remove(left.begin(), left.end(), name), left.end());
  };
  for (char const* other : others) drop(other);
  for (int32_t i = 0; listed && listed->fields && i < listed->nbFields; ++i) {
    PluginField const& field = listed->fields[i];
    if (!field.name || std::find(left.begin(), left.end(), field.name) == left.end()) continue;
    add(attributes, field.name, &field.type, source);
    drop(field.name);
  }
  for (std::string const& name : left) add(attributes, name, nullptr, source);
  unlisted_ = std::move(left);
  for (size_t i = 0; i < fields_.size(); ++i) fields_[i].name = names_[i].c_str();
}

void PluginFields::add(Attributes& attributes, std::string const& name, PluginFieldType const* type,
                       TensorSource const& source) {
  const std::string who = text("attribute '", name, "'");
  const Content content = content_of(attributes.any(name), who, source);
  const bool is_text = !content.numbers;
  const F as = type ? *type : content.own;
  check(!is_text || as == F::kCHAR || as == F::kUNKNOWN, ErrorCode::kINVALID_NODE,
        text(who, " is a string, but the plugin lists the field as ", type_text(as)));
  const std::string bytes = is_text ? content.characters : numbers_as(*content.numbers, as, who);
  const int32_t length = length_of(content, as, bytes.size(), who);
  data_.push_back(std::make_unique<std::max_align_t[]>(bytes.size() / sizeof(std::max_align_t) + 1));
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(data_.back().get()));
  names_.push_back(name);
  fields_.emplace_back(nullptr, data_.back().get(), as, length);
}

std::string fields_text(PluginFieldCollection const& fields) {
  std::string out;
  for (int32_t i = 0; fields.fields && i < fields.nbFields; ++i) {
    PluginField const& field = fields.fields[i];
    out += text(out.empty() ? "" : ", ", field.name ? field.name : "", " (", type_text(field.type), ", ", field.length,
                ")");
  }
  return out.empty() ? "none" : out;
}

}  // namespace rondo::onnx
