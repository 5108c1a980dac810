/// How Rondo reports: the log of messages and the record of errors. Both are implemented by the user.
///
/// Methods that a user overrides carry no `noexcept` here, so that overriders with it (8.0 and later) and without it
/// (7.x) both compile. They must not throw all the same: what escapes them is dropped.
#pragma once

#include "rondo/types.h"

namespace rondo {

/// Receives every message of the objects made with it.
/// Memory    referenced by the builder, runtime, engines and contexts made with it; must outlive them
/// Threads   must accept calls from several threads at a time
class ILogger {
 public:
  /// How serious a message is; smaller is worse.
  enum class Severity : int32_t {
    kINTERNAL_ERROR = 0,  ///< a bug of Rondo; the text names what to report
    kERROR = 1,           ///< a call failed; the text names the object, the rule and the way out
    kWARNING = 2,         ///< the call succeeded, but perhaps not as meant
    kINFO = 3,            ///< progress
    kVERBOSE = 4          ///< what the compiler decided and why
  };

  ILogger() = default;
  virtual ~ILogger() = default;

  /// Takes one message.
  /// Memory    msg is valid during the call only
  virtual void log(Severity severity, AsciiChar const* msg) = 0;
};

template <>
constexpr int32_t EnumMax<ILogger::Severity>() noexcept {
  return 5;
}

/// Class of an error, recorded beside its text.
enum class ErrorCode : int32_t {
  kSUCCESS = 0,
  kUNSPECIFIED_ERROR = 1,
  kINTERNAL_ERROR = 2,         ///< a bug of Rondo
  kINVALID_ARGUMENT = 3,       ///< an argument breaks a documented rule
  kINVALID_CONFIG = 4,         ///< settings that do not fit each other or the network
  kFAILED_ALLOCATION = 5,      ///< memory ran out
  kFAILED_INITIALIZATION = 6,  ///< an object could not be made, for example from a damaged plan
  kFAILED_EXECUTION = 7,       ///< a run could not start or end
  kFAILED_COMPUTATION = 8,     ///< a run met data that breaks a rule
  kINVALID_STATE = 9,          ///< a call in the wrong order
  kUNSUPPORTED_STATE = 10      ///< legal, but not available in this version or on this machine
};

template <>
constexpr int32_t EnumMax<ErrorCode>() noexcept {
  return 11;
}

/// Collects errors of the objects it is attached to, for programs that want codes and not only a log.
/// Memory    reference-counted by its implementer: incRefCount when attached, decRefCount when detached
/// Threads   must accept calls from several threads at a time
class IErrorRecorder {
 public:
  /// Text of an error.
  using ErrorDesc = char const*;

  /// Count of references to this recorder.
  using RefCount = int32_t;

  /// Longest text that an implementation must be able to keep, in characters without the terminator.
  static constexpr size_t kMAX_DESC_LENGTH{127U};

  IErrorRecorder() = default;
  virtual ~IErrorRecorder() = default;

  /// Returns how many errors are stored.
  virtual int32_t getNbErrors() const = 0;

  /// Returns the class of stored error errorIdx, 0 being the oldest; kINVALID_ARGUMENT out of range.
  virtual ErrorCode getErrorCode(int32_t errorIdx) const = 0;

  /// Returns the text of stored error errorIdx; an empty string out of range.
  virtual ErrorDesc getErrorDesc(int32_t errorIdx) const = 0;

  /// Tells whether errors were dropped for want of room.
  virtual bool hasOverflowed() const = 0;

  /// Forgets all stored errors.
  virtual void clear() = 0;

  /// Stores one error; returns true if the program should stop working with the object that reported it.
  virtual bool reportError(ErrorCode val, ErrorDesc desc) = 0;

  /// Adds a reference; returns the new count.
  virtual RefCount incRefCount() = 0;

  /// Drops a reference; returns the new count.
  virtual RefCount decRefCount() = 0;
};

}  // namespace rondo

/// Returns the logger given to the first builder or runtime of this process, or null before any was made.
extern "C" RONDO_API rondo::ILogger* getLogger() noexcept;
