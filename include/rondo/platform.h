/// What every public header stands on: the export macro, the deprecation macro and the stream handle types.
///
/// No CUDA header is needed to include Rondo. `cudaStream_t` and `cudaEvent_t` are declared here exactly as the CUDA
/// runtime (and Rondo's host-memory shim of it) declares them, so both may be included in any order.
#pragma once

#include <cstddef>
#include <cstdint>

/// Marks a free function that the shared libraries export.
#if defined(_WIN32)
#define RONDO_API
#else
#define RONDO_API __attribute__((visibility("default")))
#endif

/// Marks what TensorRT deprecated or removed. Rondo keeps such names working. The compiler warns about their use only
/// where RONDO_WARN_DEPRECATED is defined before the first Rondo header.
#if defined(RONDO_WARN_DEPRECATED)
#define RONDO_DEPRECATED [[deprecated]]
#else
#define RONDO_DEPRECATED
#endif

/// What the handles below point to; opaque.
struct CUstream_st;
struct CUevent_st;

/// Handle of an ordered queue of work; null is the default stream.
using cudaStream_t = CUstream_st*;

/// Handle of a marker in a stream.
using cudaEvent_t = CUevent_st*;

namespace rondo {

/// Character type of every name and message: ASCII, null-terminated.
using AsciiChar = char;

/// Number of enumerators of an enum whose integers are dense from 0.
/// The general template has no definition: each counted enum specialises it beside its declaration.
template <typename T>
constexpr int32_t EnumMax() noexcept;

/// Base of every object that the library makes and hands to the user: identity matters, so no copies and no moves.
class INoCopy {
 public:
  /// Neither copied nor moved.
  INoCopy(INoCopy const&) = delete;
  INoCopy(INoCopy&&) = delete;
  INoCopy& operator=(INoCopy const&) = delete;
  INoCopy& operator=(INoCopy&&) = delete;

 protected:
  /// Made and, unless a derived class says otherwise, destroyed by the library alone.
  INoCopy() = default;
  virtual ~INoCopy() = default;
};

}  // namespace rondo
