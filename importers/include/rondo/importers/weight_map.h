/// WeightMap: the tensors of a model by name, in the order in which they were added.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rondo/importers/tensor.h"

namespace rondo::importers {

/// Names to tensors.
/// Threads   const methods are safe together
class WeightMap {
 public:
  /// A name and its tensor.
  using Item = std::pair<std::string, Tensor>;

  /// Adds a tensor behind all others.
  /// Errors    ImportError if the name is taken
  void add(std::string name, Tensor tensor);

  /// The tensor of that name, or null.
  /// Memory    valid until the map is changed
  const Tensor* find(std::string_view name) const;

  /// The tensor of that name.
  /// Errors    ImportError that lists the names there are
  const Tensor& at(std::string_view name) const;

  /// All items, in order.
  const std::vector<Item>& items() const { return items_; }

  /// Number of tensors.
  size_t size() const { return items_.size(); }

  /// Items in order, for range loops.
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }

  /// The tensors whose names start with the prefix, which is taken off.
  WeightMap below(std::string_view prefix) const;

  /// The tensors in ascending order of their names (bytes compared).
  WeightMap sorted() const;

 private:
  std::vector<Item> items_;
  std::unordered_map<std::string, size_t> index_;  // name -> position in items_
};

}  // namespace rondo::importers
