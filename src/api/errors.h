#pragma once

#include <string>

#include "api/running/error_sink.h"
#include "base/dtype.h"
#include "base/error.h"
#include "rondo/types.h"

/// Argument checks of the public API. Each throws rondo::Error; `guarded` at the entry point turns it into TensorRT's outcome.
namespace rondo::api {

/// Throws Error(kInvalidArgument) with the joined message unless the condition holds.
template <class... Args>
void require(bool condition, const Args&... message) {
  if (!condition) fail(Code::kInvalidArgument, message...);
}

/// "[20, 8, 63]"; "[]" for a scalar, "(invalid)" for a rank outside 0 .. 8.
std::string dims_text(const Dims& dims);

/// The inner dtype of a public one. Error naming `what` for types this version does not compute with, and for no type at all.
DType to_dtype(DataType type, const std::string& what);
inline DataType to_public(DType dtype) { return static_cast<DataType>(dtype); }

/// Requires 0 <= rank <= 8 and every extent >= -1 (>= 0 if !dynamic), and the volume of the known extents to fit 63 bits.
void require_shape(const Dims& dims, bool dynamic, const std::string& what);

/// Requires values exactly where count > 0, and a dtype of this version where there are any.
void require_weights(const Weights& weights, const std::string& what);

/// Requires a name: not null, not empty, below 4096 characters.
void require_name(const char* name, const char* what);

/// Requires an enumerator of E.
template <class E>
void require_enum(E value, const char* what) {
  const auto integer = static_cast<int64_t>(value);
  require(integer >= 0 && integer < EnumMax<E>(), what, " is ", integer, ", outside 0 .. ", EnumMax<E>() - 1);
}

/// Both shapes have the same rank and extents.
bool same_dims(const Dims& a, const Dims& b);

}  // namespace rondo::api
