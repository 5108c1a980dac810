/// ImportError: why a model is not imported. Thrown anywhere in the library, caught once, in Parser.
#pragma once

#include <source_location>
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

/// An error on its way to IParserError. Who throws it states class and text; who imports the node adds which node it was.
struct ImportError : std::runtime_error {
  ImportError(ErrorCode code, std::string const& what, std::source_location where = std::source_location::current())
      : std::runtime_error(what), code(code), where(where) {}

  ErrorCode code;
  std::source_location where;
  int32_t node_index = -1;  ///< in its graph; -1 while no node is known
  std::string node_name;
  std::string node_operator;
  std::vector<std::string> functions;  ///< local functions being expanded, outermost first
};

/// Throws unless ok.
inline void check(bool ok, ErrorCode code, std::string const& what,
                  std::source_location where = std::source_location::current()) {
  if (!ok) throw ImportError(code, what, where);
}

}  // namespace rondo::onnx
