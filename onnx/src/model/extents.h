/// Extents: what the dimensions of a tensor are.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "model/import_error.h"

namespace rondo::onnx {

/// Extents of a tensor of any rank. Importers read those that their operator needs; where a model's tensor has fewer, that is an
/// ImportError like any other, kINVALID_NODE.
class Extents : public std::vector<int64_t> {
 public:
  using std::vector<int64_t>::vector;
  Extents() = default;
  Extents(std::vector<int64_t> values) : vector(std::move(values)) {}

  int64_t& operator[](size_t index) { return data()[existing(index)]; }
  int64_t operator[](size_t index) const { return data()[existing(index)]; }
  int64_t& back() { return data()[last()]; }
  int64_t back() const { return data()[last()]; }
  /// Those of begin .. end - 1, or up to the last.
  Extents part(size_t begin, size_t end) const {
    if (begin > end || end > size()) lacks(end);
    return {this->begin() + static_cast<ptrdiff_t>(begin), this->begin() + static_cast<ptrdiff_t>(end)};
  }
  Extents from(size_t begin) const { return part(begin, std::max(begin, size())); }

 private:
  size_t existing(size_t index) const {
    if (index >= size()) lacks(index + 1);
    return index;
  }
  size_t last() const {
    if (empty()) lacks(1);
    return size() - 1;
  }
  [[noreturn]] void lacks(size_t rank) const {
    throw ImportError(ErrorCode::kINVALID_NODE,
                      text("a tensor of rank ", size(), " stands where one of rank ", rank, " or more is needed"));
  }
};

}  // namespace rondo::onnx
