#pragma once

#include <exception>

#include "base/error.h"

namespace rondo::api {

/// Calls into user code during a build: what it throws is an error that names the object and the method, "the int8 calibrator failed in
/// getBatch: <what>".
template <class Call>
auto call_user(const char* object, const char* method, Call call) {
  try {
    return call();
  } catch (const std::exception& error) {
    fail(Code::kFailedExecution, object, " failed in ", method, ": ", error.what());
  } catch (...) {
    fail(Code::kFailedExecution, object, " failed in ", method);
  }
}

}  // namespace rondo::api
