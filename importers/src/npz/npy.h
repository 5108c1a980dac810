#pragma once

#include <string>
#include <string_view>

#include "rondo/importers/tensor.h"

namespace rondo::importers {

/// What the header of an npy array says.
struct NpyHeader {
  ElementType type = ElementType::kF32;
  std::string stored_type;  ///< "<f4"
  bool is_big_endian = false;
  bool is_fortran = false;
  std::vector<int64_t> dims;
  size_t data = 0;     ///< offset of the elements
  uint64_t bytes = 0;  ///< of the elements
};

/// Reads magic, version 1 to 3 and the dictionary from the first bytes of an array.
/// Errors    ImportError naming `what`: damaged headers, element types that are not supported
NpyHeader read_npy_header(std::string_view bytes, const std::string& what);

/// The array of a whole npy: little-endian and row-major whatever it was.
Tensor read_npy(std::string_view bytes, const std::string& what);

}  // namespace rondo::importers
