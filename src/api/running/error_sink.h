#pragma once

#include <exception>
#include <new>
#include <string>
#include <utility>

#include "base/error.h"
#include "rondo/logger.h"

namespace rondo::api {

/// Where an API object reports: the logger it was made with and the recorder attached to it.
/// Memory    references the logger; holds one reference of the recorder while it is attached
/// Threads   report and log are safe together; set_recorder is not
class ErrorSink {
 public:
  explicit ErrorSink(ILogger* logger, IErrorRecorder* recorder = nullptr);
  ErrorSink(const ErrorSink&) = delete;
  ErrorSink& operator=(const ErrorSink&) = delete;
  ~ErrorSink();

  ILogger* logger() const { return logger_; }
  IErrorRecorder* recorder() const { return recorder_; }

  /// Attaches a recorder, null to detach; counts its references.
  void set_recorder(IErrorRecorder* recorder) noexcept;

  /// Logs one error as kERROR (kINTERNAL_ERROR for our bugs) and hands it to the recorder. Never throws, whatever the
  /// user's callbacks do.
  void report(ErrorCode code, const char* message) const noexcept;

  /// Logs without recording. Never throws.
  void log(ILogger::Severity severity, const char* message) const noexcept;

  /// Reports the exception being handled: rondo::Error as the user's mistake, all else as ours. Call inside a catch.
  void report_current_exception(const char* where) const noexcept;

 private:
  ILogger* logger_;
  IErrorRecorder* recorder_ = nullptr;
};

/// Runs body and returns its result; on any exception reports it and returns fallback. Every API entry point that can
/// fail is one call of this, so no exception crosses the ABI. `where` names the entry point: "IBuilder::build…".
template <class Result, class Body>
Result guarded(const ErrorSink& sink, const char* where, Result fallback, Body&& body) noexcept {
  try {
    return std::forward<Body>(body)();
  } catch (...) {
    sink.report_current_exception(where);
    return fallback;
  }
}

/// The same for entry points without a result; false if it failed.
template <class Body>
bool guarded(const ErrorSink& sink, const char* where, Body&& body) noexcept {
  try {
    std::forward<Body>(body)();
    return true;
  } catch (...) {
    sink.report_current_exception(where);
    return false;
  }
}

/// Remembers the first logger of the process for getLogger(). Call when a builder or a runtime is made.
void remember_logger(ILogger* logger) noexcept;

}  // namespace rondo::api
