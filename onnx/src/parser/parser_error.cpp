#include "parser/parser_error.h"

#include <cstring>
#include <iterator>

#include "model/names.h"

namespace rondo::onnx {
namespace {

std::string describe(ImportError const& error) {
  std::string where;
  if (error.node_index >= 0) {
    where = text("node '", error.node_name, "' (", error.node_operator, ", number ", error.node_index, ")");
    for (std::string const& function : error.functions) where += " in function '" + function + "'";
    where += ": ";
  }
  return printable(text("onnx: ", where, error.what(), " [", getErrorCodeName(error.code), "]"));
}

/// The part of a source path that is the same wherever the library was compiled.
char const* short_path(char const* path) {
  char const* found = std::strstr(path, "onnx/src/");
  return found ? found : path;
}

}  // namespace

ParserError::ParserError(ImportError const& error)
    : code_(error.code),
      text_(describe(error)),
      file_(short_path(error.where.file)),
      line_(static_cast<int32_t>(error.where.line)),
      function_(error.where.function),
      node_(error.node_index),
      node_name_(printable(error.node_name)),
      node_operator_(printable(error.node_operator)),
      functions_(error.functions) {
  for (std::string& function : functions_) function = printable(function);
  for (std::string const& function : functions_) stack_.push_back(function.c_str());
}

char const* getErrorCodeName(ErrorCode code) noexcept {
  static constexpr char const* kNames[] = {"SUCCESS",
                                           "INTERNAL_ERROR",
                                           "MEM_ALLOC_FAILED",
                                           "MODEL_DESERIALIZE_FAILED",
                                           "INVALID_VALUE",
                                           "INVALID_GRAPH",
                                           "INVALID_NODE",
                                           "UNSUPPORTED_GRAPH",
                                           "UNSUPPORTED_NODE",
                                           "UNSUPPORTED_NODE_ATTR",
                                           "UNSUPPORTED_NODE_INPUT",
                                           "UNSUPPORTED_NODE_DATATYPE",
                                           "UNSUPPORTED_NODE_DYNAMIC",
                                           "UNSUPPORTED_NODE_SHAPE",
                                           "REFIT_FAILED"};
  const auto index = static_cast<size_t>(code);
  return index < std::size(kNames) ? kNames[index] : "unknown";
}

}  // namespace rondo::onnx
