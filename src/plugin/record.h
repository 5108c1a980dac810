#pragma once

#include <cstdint>
#include <exception>
#include <string>

#include "base/error.h"
#include "rondo/plugin.h"

namespace rondo::plugin {

/// By what a creator is found.
struct Identity {
  std::string type, version, name_space;

  /// "'LayerNorm' version '1'" and, where there is one, "of namespace 'n'".
  std::string text() const {
    return "'" + type + "' version '" + version + "'" +
           (name_space.empty() ? "" : " of namespace '" + name_space + "'");
  }
};

/// A plugin as a plan keeps it.
struct Record {
  Identity identity;
  uint8_t generation =
      2;  ///< 1: data is what FirstGeneration writes; 2: what IPluginV2::serialize wrote; 3: encoded fields
  int32_t tactic = 0;            ///< generation 3
  uint64_t workspace_bytes = 0;  ///< generation 3
  std::string data;
};

/// Calls into code of the application; what it throws becomes Error(kFailedExecution) that names `who` and the method.
template <class Call>
auto ask(const std::string& who, const char* method, Call&& call) {
  try {
    return call();
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    fail(Code::kFailedExecution, who, ": ", method, " threw: ", error.what());
  } catch (...) {
    fail(Code::kFailedExecution, who, ": ", method, " threw");
  }
}

/// A name of a user's object: never null.
inline std::string name_of(AsciiChar const* name) { return name == nullptr ? std::string() : std::string(name); }

}  // namespace rondo::plugin
