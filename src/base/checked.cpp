#include "base/checked.h"

#include "base/error.h"

namespace rondo {

int64_t add_or_fail(int64_t a, int64_t b, const char* what) {
  int64_t result = 0;
  if (!checked_add(a, b, &result)) fail(Code::kInvalidArgument, what, ": ", a, " + ", b, " exceeds 64 bits");
  return result;
}

int64_t mul_or_fail(int64_t a, int64_t b, const char* what) {
  int64_t result = 0;
  if (!checked_mul(a, b, &result)) fail(Code::kInvalidArgument, what, ": ", a, " * ", b, " exceeds 64 bits");
  return result;
}

int64_t volume_or_fail(std::span<const int64_t> dims, const char* what) {
  int64_t volume = 1;
  for (int64_t d : dims) {
    if (d < 0) fail(Code::kInvalidArgument, what, ": negative dimension ", d);
    volume = mul_or_fail(volume, d, what);
  }
  return volume;
}

}  // namespace rondo
