#include "api/errors.h"

#include <cstring>

#include "base/checked.h"

namespace rondo::api {

namespace {

constexpr size_t kMaxNameLength = 4095;

}  // namespace

std::string dims_text(const Dims& dims) {
  if (dims.nbDims < 0 || dims.nbDims > Dims::MAX_DIMS) return "(invalid)";
  std::string out = "[";
  for (int32_t i = 0; i < dims.nbDims; ++i) out += (i ? ", " : "") + std::to_string(dims.d[i]);
  return out + "]";
}

DType to_dtype(DataType type, const std::string& what) {
  const auto integer = static_cast<int64_t>(type);
  require(integer >= 0 && integer < EnumMax<DataType>(), what, " has type ", integer, ", which is no DataType");
  if (!is_valid_dtype(integer)) {
    fail(
        Code::kUnsupportedState, what, " has DataType ", integer,
        ", with which this version does not compute; use kFLOAT, kHALF, kBF16, kINT8, kUINT8, kINT32, kINT64 or kBOOL");
  }
  return static_cast<DType>(integer);
}

void require_shape(const Dims& dims, bool dynamic, const std::string& what) {
  require(dims.nbDims >= 0 && dims.nbDims <= Dims::MAX_DIMS, what, " has rank ", dims.nbDims, ", outside 0 .. ",
          Dims::MAX_DIMS);
  int64_t volume = 1;
  for (int32_t i = 0; i < dims.nbDims; ++i) {
    const int64_t extent = dims.d[i];
    require(extent >= (dynamic ? -1 : 0), what, " ", dims_text(dims), " has extent ", extent, " in dimension ", i,
            dynamic ? "; use -1 for an extent known at run time only" : "; extents must not be negative here");
    if (extent > 0) {
      require(checked_mul(volume, extent, &volume) && volume <= INT64_MAX / 8, what, " ", dims_text(dims),
              " has more elements than 64 bits can address");
    }
  }
}

void require_weights(const Weights& weights, const std::string& what) {
  require(weights.count >= 0, what, ": count of weights is ", weights.count, ", must not be negative");
  require(weights.count == 0 || weights.values != nullptr, what, ": weights claim ", weights.count,
          " elements but their values are null");
  if (weights.count > 0) to_dtype(weights.type, what + ": weights");
}

void require_name(const char* name, const char* what) {
  require(name != nullptr, what, " is null");
  const size_t length = strnlen(name, kMaxNameLength + 1);
  require(length > 0, what, " is empty");
  require(length <= kMaxNameLength, what, " has more than ", kMaxNameLength, " characters");
}

bool same_dims(const Dims& a, const Dims& b) {
  if (a.nbDims != b.nbDims) return false;
  for (int32_t i = 0; i < a.nbDims; ++i) {
    if (a.d[i] != b.d[i]) return false;
  }
  return true;
}

}  // namespace rondo::api
