"""The ONNX parser's names: the extension module's where it was built and its library is there, else those of _no_onnx."""

try:
    from ._onnx import ErrorCode, OnnxParser, OnnxParserFlag, OnnxParserRefitter, ParserError, get_nv_onnx_parser_version
except ImportError as error:
    from . import _no_onnx

    _no_onnx.explain(str(error))
    from ._no_onnx import (  # type: ignore[assignment]
        ErrorCode,
        OnnxParser,
        OnnxParserFlag,
        OnnxParserRefitter,
        ParserError,
        get_nv_onnx_parser_version,
    )

__all__ = ["ErrorCode", "OnnxParser", "OnnxParserFlag", "OnnxParserRefitter", "ParserError", "get_nv_onnx_parser_version"]
