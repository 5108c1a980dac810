#include "ir/attrs.h"

#include <algorithm>

#include "base/error.h"

namespace rondo::ir {
namespace {

using Item = std::pair<std::string, AttrValue>;

template <class Items>
auto lower_bound(Items& items, std::string_view name) {
  return std::lower_bound(items.begin(), items.end(), name,
                          [](const Item& item, std::string_view n) { return item.first.compare(n) < 0; });
}

template <class T>
const T& as(const AttrValue& value, std::string_view name, const char* type) {
  const T* result = std::get_if<T>(&value);
  RONDO_CHECK(result != nullptr, "attribute '", name, "' is not ", type);
  return *result;
}

}  // namespace

Attrs::Attrs(std::initializer_list<std::pair<std::string, AttrValue>> items) {
  for (const auto& [name, value] : items) set(name, value);
}

Attrs& Attrs::set(std::string_view name, AttrValue value) {
  const auto it = lower_bound(items_, name);
  if (it != items_.end() && it->first == name) {
    it->second = std::move(value);
  } else {
    items_.emplace(it, std::string(name), std::move(value));
  }
  return *this;
}

bool Attrs::has(std::string_view name) const {
  const auto it = lower_bound(items_, name);
  return it != items_.end() && it->first == name;
}

void Attrs::erase(std::string_view name) {
  const auto it = lower_bound(items_, name);
  if (it != items_.end() && it->first == name) items_.erase(it);
}

const AttrValue& Attrs::at(std::string_view name) const {
  const auto it = lower_bound(items_, name);
  RONDO_CHECK(it != items_.end() && it->first == name, "attribute '", name, "' is missing");
  return it->second;
}

int64_t Attrs::integer(std::string_view name) const { return as<int64_t>(at(name), name, "an integer"); }
double Attrs::real(std::string_view name) const { return as<double>(at(name), name, "a real"); }
const std::vector<int64_t>& Attrs::integers(std::string_view name) const {
  return as<std::vector<int64_t>>(at(name), name, "a list of integers");
}
const std::string& Attrs::string(std::string_view name) const { return as<std::string>(at(name), name, "a string"); }
const Dims& Attrs::dims(std::string_view name) const { return as<Dims>(at(name), name, "a list of dimensions"); }

}  // namespace rondo::ir
