#pragma once

#include <cstddef>
#include <cstdint>

namespace rondo {

/// Element type of a tensor. The integers are the public API's (rondo::DataType), so a cast converts one to the other.
enum class DType : uint8_t {
  kFloat32 = 0,
  kFloat16 = 1,
  kInt8 = 2,
  kInt32 = 3,
  kBool = 4,
  kUint8 = 5,
  kBFloat16 = 7,
  kInt64 = 8,
};

/// Size of one element in bytes; kBool is one byte holding 0 or 1.
size_t dtype_bytes(DType dtype);
/// Short lower-case name used in graph text and messages: "f32", "f16", "bf16", "i8", "u8", "i32", "i64", "bool".
const char* dtype_name(DType dtype);
/// Inverse of dtype_name. Returns false when `name` is none of them.
bool parse_dtype(const char* name, size_t length, DType* dtype);
/// True if the integer is a DType that Rondo stores (used by readers of untrusted data).
bool is_valid_dtype(int64_t value);
bool is_float(DType dtype);
/// int8, uint8, int32 or int64 (not bool).
bool is_integer(DType dtype);

}  // namespace rondo
