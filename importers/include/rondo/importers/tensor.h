/// Tensor: a named-by-its-holder block of numbers, as a file of weights stores it.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace rondo::importers {

/// A file that cannot be read or a conversion that cannot be made: names the file, the block or the tensor, and the way out.
class ImportError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// How one element is stored.
enum class ElementType : uint8_t {
  kF32,   ///< IEEE binary32
  kF64,   ///< IEEE binary64
  kF16,   ///< IEEE binary16
  kBF16,  ///< upper half of binary32
  kI8,
  kI16,
  kI32,
  kI64,
  kU8,
  kU16,
  kU32,
  kU64,
  kBool  ///< one byte, 0 or 1
};

/// Short name as Rondo prints it: "f32", "bf16", "bool".
const char* name_of(ElementType type);

/// Bytes of one element.
int64_t bytes_of(ElementType type);

/// Inverse of name_of.
/// Errors    ImportError that lists the names
ElementType element_type_named(std::string_view name);

/// Number of elements of the dims: their product, 1 without dims.
/// Errors    ImportError naming `what` if a dim is negative or the product does not fit 63 bits
int64_t elements_of(const std::vector<int64_t>& dims, std::string_view what);

/// "[3, 4]"; "[]" for a scalar.
std::string dims_text(const std::vector<int64_t>& dims);

/// A block of numbers.
/// Memory    owns its bytes: row-major, little-endian, without padding; bytes.size() == elements() * bytes_of(type)
struct Tensor {
  ElementType type = ElementType::kF32;
  std::vector<int64_t> dims;   ///< empty for a scalar
  std::vector<uint8_t> bytes;  ///< as on disk, after undoing big-endian and Fortran order

  /// Number of elements.
  int64_t elements() const;

  /// The elements as f32: f64 is rounded to nearest, f16 and bf16 are widened exactly.
  /// Errors    ImportError naming `what` for integers and booleans, which are no weights
  std::vector<float> floats(std::string_view what) const;

  /// An f32 tensor of the given values.
  /// Errors    ImportError if dims and values differ in number
  static Tensor of_floats(std::vector<int64_t> dims, const std::vector<float>& values);

  bool operator==(const Tensor&) const = default;
};

/// The tensor with elements of another floating type, rounded to nearest even; integers and booleans stay as they are.
/// Errors    ImportError if `type` is no floating type
Tensor with_float_type(const Tensor& tensor, ElementType type);

}  // namespace rondo::importers
