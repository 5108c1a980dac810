#include "parameters.h"

#include <cstring>

#include "elements.h"

namespace rondo::bundled {
namespace {

DataType type_of(PluginField const& field) {
  switch (field.type) {
    case PluginFieldType::kFLOAT32:
      return DataType::kFLOAT;
    case PluginFieldType::kFLOAT16:
      return DataType::kHALF;
    case PluginFieldType::kBF16:
      return DataType::kBF16;
    default:
      throw BadParameter(std::string("field '") + field.name + "' is not of a float type");
  }
}

}  // namespace

PluginField const* Fields::find(char const* name) const {
  for (int32_t i = 0; collection_ != nullptr && i < collection_->nbFields; ++i) {
    PluginField const& field = collection_->fields[i];
    if (field.name == nullptr || std::strcmp(field.name, name) != 0) continue;
    if (field.length > 0 && field.data == nullptr) {
      throw BadParameter(std::string("field '") + name + "' has a length and no data");
    }
    return field.length > 0 || field.data != nullptr ? &field : nullptr;
  }
  return nullptr;
}

int32_t Fields::integer(char const* name, int32_t instead) const {
  PluginField const* field = find(name);
  if (field == nullptr) return instead;
  switch (field->type) {
    case PluginFieldType::kINT32:
      return *static_cast<int32_t const*>(field->data);
    case PluginFieldType::kINT64:
      return static_cast<int32_t>(*static_cast<int64_t const*>(field->data));
    case PluginFieldType::kINT8:
    case PluginFieldType::kCHAR:
      return *static_cast<int8_t const*>(field->data);
    default:
      throw BadParameter(std::string("field '") + name + "' is not of an integer type");
  }
}

float Fields::real(char const* name, float instead) const {
  PluginField const* field = find(name);
  if (field == nullptr) return instead;
  if (field->type == PluginFieldType::kFLOAT64) return static_cast<float>(*static_cast<double const*>(field->data));
  float value = 0;
  load(field->data, type_of(*field), 0, 1, &value);
  return value;
}

Numbers Fields::numbers(char const* name) const {
  PluginField const* field = find(name);
  if (field == nullptr || field->length <= 0) return std::make_shared<std::vector<float>>();
  auto list = std::make_shared<std::vector<float>>(static_cast<size_t>(field->length));
  load(field->data, type_of(*field), 0, field->length, list->data());
  return list;
}

Numbers Fields::required(char const* name) const {
  Numbers list = numbers(name);
  if (list->empty()) throw BadParameter(std::string("field '") + name + "' is missing");
  return list;
}

void Writer::numbers(Numbers const& list) {
  const auto count = static_cast<uint64_t>(list->size());
  put(&count, sizeof count);
  put(list->data(), list->size() * sizeof(float));
}

void Reader::take(void* to, size_t size) {
  if (size > left_) throw BadParameter("the parameters in the plan are damaged");
  std::memcpy(to, at_, size);
  at_ += size;
  left_ -= size;
}

int32_t Reader::integer() {
  int32_t value;
  take(&value, sizeof value);
  return value;
}

float Reader::real() {
  float value;
  take(&value, sizeof value);
  return value;
}

Numbers Reader::numbers() {
  uint64_t count;
  take(&count, sizeof count);
  if (count > left_ / sizeof(float)) throw BadParameter("the parameters in the plan are damaged");
  auto list = std::make_shared<std::vector<float>>(static_cast<size_t>(count));
  if (count > 0) take(list->data(), list->size() * sizeof(float));
  return list;
}

void Reader::finish() const {
  if (left_ != 0) throw BadParameter("the parameters in the plan are damaged");
}

DataType type_of_id(int32_t type_id) {
  if (type_id == 0) return DataType::kFLOAT;
  if (type_id == 1) return DataType::kHALF;
  throw BadParameter("type_id " + std::to_string(type_id) + "; 0 (float) and 1 (half) are possible on the CPU");
}

}  // namespace rondo::bundled
