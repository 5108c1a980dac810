"""Arrays of anything that holds numbers: numpy, DLPack, `__cuda_array_interface__`, buffers, sequences. Memory is shared where it can be."""

import ctypes
import functools

import numpy as np


@functools.lru_cache(maxsize=1)
def _driver():
    """The CUDA driver of this machine, or None."""
    from .compat.driver_memory import Driver, DriverError

    try:
        return Driver()
    except (OSError, AttributeError, DriverError):
        return None


def _extent_bytes(shape, strides, itemsize):
    """Bytes from the first element to behind the last; strides are not negative."""
    if 0 in shape:
        return 0
    return itemsize + sum((extent - 1) * step for extent, step in zip(shape, strides))


def _of_cuda_interface(name, interface, writable):
    """A view of host memory (that of rondo.compat, pinned or managed), or a copy of device memory."""
    shape, dtype = tuple(interface["shape"]), np.dtype(interface["typestr"])
    address, read_only = interface["data"]
    strides = interface.get("strides") or tuple(dtype.itemsize * int(np.prod(shape[i + 1 :])) for i in range(len(shape)))
    if interface.get("mask") is not None or any(step < 0 for step in strides):
        raise TypeError(f"'{name}' has a mask or negative strides, which are not read through __cuda_array_interface__")
    size = _extent_bytes(shape, strides, dtype.itemsize)
    driver = _driver()
    if driver is not None and driver.is_device_memory(address):
        if writable:
            raise TypeError(f"output '{name}' is in device memory; engines run on the CPU, so give an array of the host")
        memory = np.empty(size, np.uint8)
        driver.wait(interface.get("stream") or 0)
        driver.to_host(memory.ctypes.data, address, size)
    elif size == 0:
        memory = np.empty(0, np.uint8)
    else:
        memory = np.frombuffer((ctypes.c_uint8 * size).from_address(address), np.uint8)
    view = np.ndarray(shape, dtype, memory, 0, strides)
    view.flags.writeable = writable and not read_only
    return view


def as_array(name, value, dtype=None, shape=None, writable=False):
    """The value as an array. Bytes without a type of their own are taken as `dtype` in `shape` where the sizes agree.

    writable   for results: never a copy; TypeError where that is not possible
    """
    if isinstance(value, np.ndarray):
        return value
    interface = getattr(value, "__cuda_array_interface__", None)
    if interface is not None:
        return _of_cuda_interface(name, interface, writable)
    if hasattr(value, "__dlpack__") and (writable or not hasattr(value, "__array__")):
        return np.from_dlpack(value)
    try:
        view = memoryview(value)
    except TypeError:
        if writable:
            raise TypeError(f"output '{name}' is a {type(value).__name__}, which holds no memory to write to") from None
        return np.asarray(value)
    raw = view.itemsize == 1 and view.ndim == 1 and dtype is not None and dtype.itemsize > 1
    if raw and shape is not None and -1 not in shape and view.nbytes == dtype.itemsize * int(np.prod(shape)):
        return np.frombuffer(value, dtype).reshape(shape)
    return np.asarray(view)
