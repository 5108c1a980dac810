"""`pycuda.driver`: allocations, copies, streams and events of PyCUDA on host memory."""

import ctypes

import numpy as np

from . import memory, streams


class Error(Exception):
    """What PyCUDA raises."""


LogicError = MemoryError = RuntimeError = LaunchError = Error  # noqa: A001


class DeviceAllocation:
    """A block of device memory; freed with the object. int() is its address."""

    def __init__(self, size):
        self._address = memory.BLOCKS.allocate(size)

    def __int__(self):
        return self._address

    __index__ = __int__

    def free(self):
        if self._address:
            memory.BLOCKS.free(self._address)
            self._address = 0

    def __del__(self):
        self.free()


class Stream:
    def __init__(self, flags=0):  # noqa: ARG002
        self.handle = streams.new_stream()

    def synchronize(self):
        pass

    def __int__(self):
        return int(self.handle)

    __index__ = __int__


class Event:
    def __init__(self, flags=0):  # noqa: ARG002
        self.handle = streams.new_event()

    def record(self, stream=None):  # noqa: ARG002
        streams.record(self.handle)
        return self

    def synchronize(self):
        return self

    def query(self):
        return True

    def time_since(self, start):
        return streams.elapsed_ms(start.handle, self.handle)

    def time_till(self, end):
        return streams.elapsed_ms(self.handle, end.handle)


class Context:
    """The one context. push, pop and detach have nothing to do."""

    def push(self):
        pass

    @staticmethod
    def pop():
        pass

    def detach(self):
        pass

    @staticmethod
    def synchronize():
        pass

    @staticmethod
    def get_device():
        return Device(0)


class Device:
    def __init__(self, ordinal=0):
        if ordinal != 0:
            raise LogicError(f"there is one device, 0; {ordinal} was asked for")

    @staticmethod
    def count():
        return 1

    def name(self):
        return "Rondo CPU"

    def compute_capability(self):
        return (8, 0)

    def total_memory(self):
        return 16 << 30

    def make_context(self, flags=0):  # noqa: ARG002
        return Context()

    def retain_primary_context(self):
        return Context()


def init(flags=0):  # noqa: ARG001
    pass


def mem_alloc(size):
    return DeviceAllocation(size)


def mem_alloc_like(array):
    return DeviceAllocation(array.nbytes)


def to_device(array):
    block = DeviceAllocation(array.nbytes)
    memcpy_htod(block, array)
    return block


def mem_get_info():
    return (16 << 30, 16 << 30)


def pagelocked_empty(shape, dtype, order="C", mem_flags=0):  # noqa: ARG001
    return np.empty(shape, dtype, order)


def pagelocked_zeros(shape, dtype, order="C", mem_flags=0):  # noqa: ARG001
    return np.zeros(shape, dtype, order)


def pagelocked_empty_like(array, mem_flags=0):  # noqa: ARG001
    return np.empty_like(array)


def register_host_memory(array, flags=0):  # noqa: ARG001
    return array


def _size(thing):
    return memoryview(thing).nbytes


def _checked(done):
    if not done:
        raise LogicError("the copy leaves its memory, or an address is null")


def memcpy_htod(destination, source):
    source = np.ascontiguousarray(source) if isinstance(source, np.ndarray) else source
    _checked(memory.copy(destination, source, _size(source)))


def memcpy_dtoh(destination, source):
    _checked(memory.copy(destination, source, _size(destination)))


def memcpy_dtod(destination, source, size):
    _checked(memory.copy(destination, source, size))


def memcpy_htod_async(destination, source, stream=None):
    _checked(streams.submit(stream, lambda: memory.copy(destination, source, _size(source))))


def memcpy_dtoh_async(destination, source, stream=None):
    _checked(streams.submit(stream, lambda: memory.copy(destination, source, _size(destination))))


def memcpy_dtod_async(destination, source, size, stream=None):
    _checked(streams.submit(stream, lambda: memory.copy(destination, source, size)))


def memset_d8(destination, value, count):
    _checked(memory.fill(destination, value, count))


def memset_d32(destination, value, count):
    words = (ctypes.c_uint32 * count)(*([value & 0xFFFFFFFF] * count))
    _checked(memory.copy(destination, words, 4 * count))
