#include "base/dtype.h"

#include <cstring>

#include "base/error.h"

namespace rondo {
namespace {

struct Row {
  DType dtype;
  uint8_t bytes;
  const char* name;
};
constexpr Row kRows[] = {
    {DType::kFloat32, 4, "f32"}, {DType::kFloat16, 2, "f16"}, {DType::kInt8, 1, "i8"},       {DType::kInt32, 4, "i32"},
    {DType::kBool, 1, "bool"},   {DType::kUint8, 1, "u8"},    {DType::kBFloat16, 2, "bf16"}, {DType::kInt64, 8, "i64"},
};

const Row& row(DType dtype) {
  for (const Row& r : kRows) {
    if (r.dtype == dtype) return r;
  }
  RONDO_CHECK(false, "dtype ", static_cast<int>(dtype));
  return kRows[0];
}

}  // namespace

size_t dtype_bytes(DType dtype) { return row(dtype).bytes; }
const char* dtype_name(DType dtype) { return row(dtype).name; }

bool parse_dtype(const char* name, size_t length, DType* dtype) {
  for (const Row& r : kRows) {
    if (std::strlen(r.name) == length && std::memcmp(r.name, name, length) == 0) {
      *dtype = r.dtype;
      return true;
    }
  }
  return false;
}

bool is_valid_dtype(int64_t value) {
  for (const Row& r : kRows) {
    if (static_cast<int64_t>(r.dtype) == value) return true;
  }
  return false;
}

bool is_float(DType dtype) { return dtype == DType::kFloat32 || dtype == DType::kFloat16 || dtype == DType::kBFloat16; }

bool is_integer(DType dtype) {
  return dtype == DType::kInt8 || dtype == DType::kUint8 || dtype == DType::kInt32 || dtype == DType::kInt64;
}

}  // namespace rondo
