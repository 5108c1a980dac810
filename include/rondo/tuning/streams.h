/// Readers and writers that a user supplies: plans that come and go in pieces.
///
/// Methods that a user overrides carry no `noexcept`, so that overriders with and without it compile.
#pragma once

#include "rondo/types.h"

namespace rondo {

/// Delivers the bytes of a plan in order (10.0 to 10.x).
/// Memory    referenced during the call it is given to
class IStreamReader {
 public:
  IStreamReader() = default;
  virtual ~IStreamReader() = default;

  /// Writes up to nbBytes to destination; returns how many, 0 at the end, -1 on failure.
  virtual int64_t read(void* destination, int64_t nbBytes) = 0;
};

/// From where IStreamReaderV2::seek counts.
enum class SeekPosition : int32_t {
  kSET = 0,  ///< the start
  kCUR = 1,  ///< the current position
  kEND = 2   ///< the end
};

template <>
constexpr int32_t EnumMax<SeekPosition>() noexcept {
  return 3;
}

/// Delivers the bytes of a plan from any position (10.7 on).
class IStreamReaderV2 {
 public:
  IStreamReaderV2() = default;
  virtual ~IStreamReaderV2() = default;

  /// Writes up to nbBytes to destination, host memory; returns how many, 0 at the end, -1 on failure.
  virtual int64_t read(void* destination, int64_t nbBytes, cudaStream_t stream) = 0;

  /// Moves the position; false on failure.
  virtual bool seek(int64_t offset, SeekPosition where) = 0;
};

/// Takes the bytes of a plan in order (10.13 on).
/// Memory    referenced during the call it is given to
class IStreamWriter {
 public:
  IStreamWriter() = default;
  virtual ~IStreamWriter() = default;

  /// Takes nbBytes; returns how many were written, fewer or -1 on failure.
  virtual int64_t write(void const* data, int64_t nbBytes) = 0;
};

}  // namespace rondo
