// Asks the parser of the installed package for its version, under Rondo's own names.
#include <rondo/onnx_parser.h>

int main() { return getNvOnnxParserVersion() == NV_ONNX_PARSER_VERSION ? 0 : 1; }
