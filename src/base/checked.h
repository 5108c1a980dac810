#pragma once

#include <cstdint>
#include <span>

namespace rondo {

/// Overflow-checked 64-bit arithmetic: true and *result on success, false when the exact value does not fit.
inline bool checked_add(int64_t a, int64_t b, int64_t* result) { return !__builtin_add_overflow(a, b, result); }
inline bool checked_sub(int64_t a, int64_t b, int64_t* result) { return !__builtin_sub_overflow(a, b, result); }
inline bool checked_mul(int64_t a, int64_t b, int64_t* result) { return !__builtin_mul_overflow(a, b, result); }

/// a + b, a * b, or Error(kInvalidArgument) naming `what` when the value does not fit 64 bits.
int64_t add_or_fail(int64_t a, int64_t b, const char* what);
int64_t mul_or_fail(int64_t a, int64_t b, const char* what);

/// Product of non-negative dims; 1 for no dims. Error(kInvalidArgument) naming `what` on a negative dim or overflow.
int64_t volume_or_fail(std::span<const int64_t> dims, const char* what);

}  // namespace rondo
