"""The two functions by which programs size their buffers."""

import numpy as np

from ._rondo import DataType

_NUMPY_TYPES = {
    DataType.FLOAT: np.float32,
    DataType.HALF: np.float16,
    DataType.INT8: np.int8,
    DataType.INT32: np.int32,
    DataType.BOOL: np.bool_,
    DataType.UINT8: np.uint8,
    DataType.INT64: np.int64,
}


def nptype(dtype):
    """The numpy type of a rondo.DataType. TypeError for those that numpy lacks."""
    try:
        return _NUMPY_TYPES[dtype]
    except KeyError:
        raise TypeError(f"{dtype} has no numpy type; use bytes, or a package such as ml_dtypes") from None


def volume(iterable):
    """Number of elements of a shape; 1 for an empty one."""
    result = 1
    for extent in iterable:
        result *= extent
    return result
