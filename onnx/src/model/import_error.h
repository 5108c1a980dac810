/// ImportError: why a model is not imported. Thrown anywhere in the library, caught once, in Parser.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "rondo/onnx_parser.h"

namespace rondo::onnx {

/// Joins anything that streams into one text: text("axis ", 3).
template <typename... Parts>
std::string text(Parts const&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

/// A line of this library, by default that of the call. It is std::source_location for compilers that lack that.
struct SourcePlace {
  static SourcePlace here(char const* file = __builtin_FILE(), uint32_t line = __builtin_LINE(),
                          char const* function = __builtin_FUNCTION()) {
    return {file, line, function};
  }
  char const* file;
  uint32_t line;
  char const* function;
};

/// An error on its way to IParserError. Who throws it states class and text; who imports the node adds which node it was.
struct ImportError : std::runtime_error {
  ImportError(ErrorCode code, std::string const& what, SourcePlace where = SourcePlace::here())
      : std::runtime_error(what), code(code), where(where) {}

  ErrorCode code;
  SourcePlace where;
  int32_t node_index = -1;  ///< in its graph; -1 while no node is known
  std::string node_name;
  std::string node_operator;
  std::vector<std::string> functions;  ///< local functions being expanded, outermost first
};

/// Throws unless ok.
inline void check(bool ok, ErrorCode code, std::string const& what, SourcePlace where = SourcePlace::here()) {
  if (!ok) throw ImportError(code, what, where);
}

}  // namespace rondo::onnx
