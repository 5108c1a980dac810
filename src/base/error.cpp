#include "base/error.h"

namespace rondo {

void internal_failure(const char* file, int line, const char* condition, const std::string& message) {
  throw InternalError(text(file, ":", line, ": ", condition, message.empty() ? "" : ": ", message));
}

}  // namespace rondo
