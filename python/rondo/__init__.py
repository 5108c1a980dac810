"""Rondo: an inference engine for the TensorRT programming model.

Names, arguments and behaviour are those of TensorRT's Python API, 7 to 11 side by side: `import rondo as trt`. What is Rondo's own:
`rondo.build`, `rondo.face`, and the package `rondo.compat`, which runs programs that say `import tensorrt` unchanged.
"""

import enum as _enum

from . import _deprecations, _rondo
from ._rondo import *  # noqa: F401,F403
from ._rondo import DataType
from ._engine import Engine, RondoError, TensorInfo, build
from ._face import face
from ._face import network_flags as _network_flags
from ._numpy import nptype, volume
from ._plugins import *  # noqa: F401,F403
from ._onnx_names import ErrorCode, OnnxParser, OnnxParserFlag, OnnxParserRefitter, ParserError, get_nv_onnx_parser_version

__version__ = _rondo._version

# Former and parallel names.
SliceMode = _rondo.SampleMode
ResizeMode = _rondo.InterpolationMode
ErrorCodeTRT = _rondo.ErrorCode  # the engine's; ErrorCode is the parser's

float32 = DataType.FLOAT
float16 = DataType.HALF
int8 = DataType.INT8
int32 = DataType.INT32
bool = DataType.BOOL  # noqa: A001
uint8 = DataType.UINT8
fp8 = DataType.FP8
bfloat16 = DataType.BF16
int64 = DataType.INT64
int4 = DataType.INT4
fp4 = DataType.FP4
e8m0 = DataType.E8M0

_ITEM_BITS = {
    "FLOAT": 32, "HALF": 16, "INT8": 8, "INT32": 32, "BOOL": 8, "UINT8": 8,
    "FP8": 8, "BF16": 16, "INT64": 64, "INT4": 4, "FP4": 4, "E8M0": 8,
}  # fmt: skip


def _itemsize(dtype):
    """Bytes of one element; a fraction for types that share bytes."""
    bits = _ITEM_BITS[dtype.name]
    return bits // 8 if bits % 8 == 0 else bits / 8


def _finish_enums():
    """Enumerations print as DataType.FLOAT, whatever the Python version does for integers."""
    for value in (*vars(_rondo).values(), ErrorCode, OnnxParserFlag):
        if isinstance(value, type) and issubclass(value, _enum.Enum):
            value.__str__ = _enum.Enum.__str__
    _rondo.ILogger.Severity.__str__ = _enum.Enum.__str__
    DataType.itemsize = property(_itemsize)


def _follow_face():
    """create_network reads its flags as the release shown by rondo.face() numbers them."""
    create = _rondo.Builder.create_network

    def create_network(self, flags=0):
        return create(self, _network_flags(int(flags)))

    _rondo.Builder.create_network = create_network


_finish_enums()
_follow_face()
_deprecations.install()
