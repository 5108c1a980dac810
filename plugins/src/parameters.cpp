#include "parameters.h"

#include <bit>
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

Fields::Fields(PluginFieldCollection const* collection) : collection_(collection) {
  const bool missing = collection != nullptr && collection->nbFields > 0 && collection->fields == nullptr;
  if (missing) throw BadParameter("the collection of fields has a length and no list");
}

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

void Writer::integer(char const* name, int32_t value) {
  parameters_.push_back({name, PluginFieldType::kINT32, value, nullptr});
}

void Writer::real(char const* name, float value) {
  parameters_.push_back({name, PluginFieldType::kFLOAT32, std::bit_cast<int32_t>(value), nullptr});
}

void Writer::numbers(char const* name, Numbers const& list) {
  parameters_.push_back({name, PluginFieldType::kFLOAT32, 0, list});
}

std::string Writer::bytes() const {
  std::string bytes;
  const auto put = [&](void const* from, size_t size) { bytes.append(static_cast<char const*>(from), size); };
  for (Parameter const& p : parameters_) {
    if (p.list == nullptr) {
      put(&p.scalar, sizeof p.scalar);
    } else {
      const auto count = static_cast<uint64_t>(p.list->size());
      put(&count, sizeof count);
      put(p.list->data(), p.list->size() * sizeof(float));
    }
  }
  return bytes;
}

PluginFieldCollection const* Writer::fields() {
  fields_.clear();
  for (Parameter const& p : parameters_) {
    void const* data = p.list == nullptr ? static_cast<void const*>(&p.scalar) : p.list->data();
    fields_.emplace_back(p.name, data, p.type, p.list == nullptr ? 1 : static_cast<int32_t>(p.list->size()));
  }
  collection_ = {static_cast<int32_t>(fields_.size()), fields_.data()};
  return &collection_;
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
