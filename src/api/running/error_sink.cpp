#include "api/running/error_sink.h"

#include <atomic>

namespace rondo::api {

namespace {

std::atomic<ILogger*> first_logger{nullptr};

}  // namespace

ErrorSink::ErrorSink(ILogger* logger, IErrorRecorder* recorder) : logger_(logger) { set_recorder(recorder); }

ErrorSink::~ErrorSink() { set_recorder(nullptr); }

void ErrorSink::set_recorder(IErrorRecorder* recorder) noexcept {
  try {
    if (recorder != nullptr) recorder->incRefCount();
    if (recorder_ != nullptr) recorder_->decRefCount();
  } catch (...) {
    // A recorder that throws loses the count and nothing else.
  }
  recorder_ = recorder;
}

void ErrorSink::report(ErrorCode code, const char* message) const noexcept {
  const bool ours = code == ErrorCode::kINTERNAL_ERROR;
  log(ours ? ILogger::Severity::kINTERNAL_ERROR : ILogger::Severity::kERROR, message);
  if (recorder_ == nullptr) return;
  try {
    recorder_->reportError(code, message);
  } catch (...) {
    // The message is in the log already.
  }
}

void ErrorSink::log(ILogger::Severity severity, const char* message) const noexcept {
  if (logger_ == nullptr) return;
  try {
    logger_->log(severity, message);
  } catch (...) {
    // A logger that throws loses the message and nothing else.
  }
}

void ErrorSink::report_current_exception(const char* where) const noexcept {
  try {
    throw;
  } catch (const Error& error) {
    report(static_cast<ErrorCode>(error.code()), error.what());
  } catch (const std::bad_alloc&) {
    report(ErrorCode::kFAILED_ALLOCATION, "out of memory; use smaller shapes, or lower the profile's maximum");
  } catch (const std::exception& error) {
    try {
      report(ErrorCode::kINTERNAL_ERROR, text(where, ": ", error.what()).c_str());
    } catch (...) {
      report(ErrorCode::kINTERNAL_ERROR, error.what());
    }
  } catch (...) {
    report(ErrorCode::kINTERNAL_ERROR, where);
  }
}

void remember_logger(ILogger* logger) noexcept {
  ILogger* none = nullptr;
  first_logger.compare_exchange_strong(none, logger);
}

}  // namespace rondo::api

rondo::ILogger* getLogger() noexcept { return rondo::api::first_logger.load(); }
