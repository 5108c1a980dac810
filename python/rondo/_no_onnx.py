"""The names of the ONNX parser where the package was built without it: the enumerations work, a parser cannot be made."""

import enum

_REASON = "unknown"


def explain(reason):
    """What making a parser will say; `reason` is why the extension module cannot be imported."""
    global _REASON
    _REASON = reason


def _refuse(name):
    raise RuntimeError(
        f"{name}: this installation of rondo reads no ONNX ({_REASON}); install protobuf's library, headers and compiler"
        " (Debian: libprotobuf-dev protobuf-compiler) and install rondo again"
    )


class ErrorCode(enum.IntEnum):
    SUCCESS = 0
    INTERNAL_ERROR = 1
    MEM_ALLOC_FAILED = 2
    MODEL_DESERIALIZE_FAILED = 3
    INVALID_VALUE = 4
    INVALID_GRAPH = 5
    INVALID_NODE = 6
    UNSUPPORTED_GRAPH = 7
    UNSUPPORTED_NODE = 8
    UNSUPPORTED_NODE_ATTR = 9
    UNSUPPORTED_NODE_INPUT = 10
    UNSUPPORTED_NODE_DATATYPE = 11
    UNSUPPORTED_NODE_DYNAMIC = 12
    UNSUPPORTED_NODE_SHAPE = 13
    REFIT_FAILED = 14


class OnnxParserFlag(enum.IntEnum):
    NATIVE_INSTANCENORM = 0
    ENABLE_UINT8_AND_ASYMMETRIC_QUANTIZATION_DLA = 1
    REPORT_CAPABILITY_DLA = 2
    ENABLE_PLUGIN_OVERRIDE = 3
    ADJUST_FOR_DLA = 4


class ParserError:
    """Never made here."""


class OnnxParser:
    def __init__(self, network, logger):  # noqa: ARG002
        _refuse("OnnxParser")


class OnnxParserRefitter:
    def __init__(self, refitter, logger):  # noqa: ARG002
        _refuse("OnnxParserRefitter")


def get_nv_onnx_parser_version():
    """0: there is no parser."""
    return 0
