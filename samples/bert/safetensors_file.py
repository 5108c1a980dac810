"""Reads a .safetensors file: 8 bytes of length, a JSON header {name: dtype, shape, data_offsets}, then the bytes."""

import json
import struct

import numpy as np

_TYPES = {"F64": np.float64, "F32": np.float32, "F16": np.float16}


def load_floats(path):
    """{name: float32 array} of the floating-point tensors."""
    with open(path, "rb") as file:
        data = file.read()
    if len(data) < 8:
        raise ValueError(f"{path}: {len(data)} bytes are no safetensors file")
    (length,) = struct.unpack("<Q", data[:8])
    if length > len(data) - 8:
        raise ValueError(f"{path}: a header of {length} bytes ends behind the file")
    header = json.loads(data[8 : 8 + length])
    body = memoryview(data)[8 + length :]
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__" or not (entry["dtype"] == "BF16" or entry["dtype"] in _TYPES):
            continue
        begin, end = entry["data_offsets"]
        tensors[name] = _floats(body[begin:end], entry["dtype"]).reshape(entry["shape"])
    return tensors


def _floats(chunk, dtype):
    if dtype == "BF16":  # the upper half of a float32
        return (np.frombuffer(chunk, np.uint16).astype(np.uint32) << 16).view(np.float32)
    return np.frombuffer(chunk, _TYPES[dtype]).astype(np.float32)
