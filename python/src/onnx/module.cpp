// The extension module rondo._onnx: the ONNX parser under TensorRT's Python names. A module of its own, because it
// alone needs protobuf: where that is missing, everything else of the package works.
#include "parser.h"

NB_MODULE(_onnx, m) {
  using namespace rondo::python;
  m.doc() = "Rondo: the ONNX parser.";
  nb::module_::import_("rondo._rondo");  // networks, tensors and loggers are its classes
  bind_onnx_enums(m);
  bind_onnx_parser(m);
  m.def("get_nv_onnx_parser_version", &getNvOnnxParserVersion);
}
