#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

namespace rondo {

/// The integers are the public API's ErrorCode.
enum class Code : int32_t {
  kSuccess = 0,
  kUnspecified = 1,
  kInternal = 2,
  kInvalidArgument = 3,
  kInvalidConfig = 4,
  kFailedAllocation = 5,
  kFailedInitialization = 6,
  kFailedExecution = 7,
  kFailedComputation = 8,
  kInvalidState = 9,
  kUnsupportedState = 10,
};

/// A user's mistake or a damaged input: names the thing, the rule and the way out. Thrown anywhere in the compiling half and at
/// load time, caught once in src/api. Never thrown on the enqueue path.
class Error : public std::runtime_error {
 public:
  Error(Code code, const std::string& message) : std::runtime_error(message), code_(code) {}
  Code code() const { return code_; }

 private:
  Code code_;
};

/// A bug of ours: a broken invariant. Carries file and line for the report; users see it as kInternal.
class InternalError : public std::logic_error {
 public:
  explicit InternalError(const std::string& message) : std::logic_error(message) {}
};

/// Joins the arguments with operator<<. `text("axis ", 3, " of ", rank)`.
template <class... Args>
std::string text(const Args&... args) {
  std::ostringstream out;
  (out << ... << args);
  return out.str();
}

/// Throws Error(code) with the joined message.
template <class... Args>
[[noreturn]] void fail(Code code, const Args&... args) {
  throw Error(code, text(args...));
}

[[noreturn]] void internal_failure(const char* file, int line, const char* condition, const std::string& message);

}  // namespace rondo

/// States an invariant of ours; a violation throws InternalError naming file, line and condition.
#define RONDO_CHECK(condition, ...)                                                                          \
  do {                                                                                                       \
    if (!(condition)) ::rondo::internal_failure(__FILE__, __LINE__, #condition, ::rondo::text(__VA_ARGS__)); \
  } while (false)
