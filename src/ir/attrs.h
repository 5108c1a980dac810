#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "ir/dim.h"

namespace rondo::ir {

/// Value of one attribute. Booleans are int64 0/1; enums are their integer; Dims are symbolic integers of the graph's pool.
using AttrValue = std::variant<int64_t, double, std::vector<int64_t>, std::string, Dims>;

/// The parameters of an op: a small map sorted by name, so equality, hash, printing and parsing come for free. Which names an op
/// has is stated in its file in src/ops. Getters throw InternalError when the attribute is missing or of another type.
class Attrs {
 public:
  Attrs() = default;
  Attrs(std::initializer_list<std::pair<std::string, AttrValue>> items);

  Attrs& set(std::string_view name, AttrValue value);
  bool has(std::string_view name) const;
  void erase(std::string_view name);

  int64_t integer(std::string_view name) const;
  double real(std::string_view name) const;
  bool flag(std::string_view name) const { return integer(name) != 0; }
  const std::vector<int64_t>& integers(std::string_view name) const;
  const std::string& string(std::string_view name) const;
  const Dims& dims(std::string_view name) const;

  const std::vector<std::pair<std::string, AttrValue>>& items() const { return items_; }
  bool operator==(const Attrs&) const = default;

 private:
  const AttrValue& at(std::string_view name) const;
  std::vector<std::pair<std::string, AttrValue>> items_;
};

}  // namespace rondo::ir
