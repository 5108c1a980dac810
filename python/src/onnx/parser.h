#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <vector>

#include "rondo/onnx_parser.h"

namespace rondo::python {

namespace nb = nanobind;
using namespace nb::literals;

void bind_onnx_enums(nb::module_& m);
void bind_onnx_parser(nb::module_& m);

/// What IParserError says, copied: programs keep errors longer than the parser does.
struct ParserError {
  explicit ParserError(const rondo::onnx::IParserError& error);
  std::string text() const;

  rondo::onnx::ErrorCode code;
  std::string desc, file, func, node_name, node_operator;
  int32_t line, node;
  std::vector<std::string> stack;
};

/// rondo.OnnxParser. The C++ parser owns weights that the network refers to, so it lives as long as the Python network does, however
/// early the program drops this object; the object keeps the network alive. No cycle: the network holds the C++ parser only.
class __attribute__((visibility("hidden"))) Parser {
 public:
  Parser(nb::handle network, ILogger& logger, nb::handle logger_object);
  rondo::onnx::IParser* operator->() const { return parser_; }
  nb::handle network() const { return network_; }

 private:
  rondo::onnx::IParser* parser_;
  nb::handle network_;
};

/// The bytes of a serialized model: any buffer.
class ModelBytes {
 public:
  explicit ModelBytes(nb::handle model);
  ~ModelBytes();
  ModelBytes(const ModelBytes&) = delete;
  ModelBytes& operator=(const ModelBytes&) = delete;
  const void* data() const { return view_.buf; }
  size_t size() const { return static_cast<size_t>(view_.len); }

 private:
  Py_buffer view_;
};

}  // namespace rondo::python
