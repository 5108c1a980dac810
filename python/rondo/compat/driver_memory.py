"""What rondo.compat asks of a real CUDA driver: whose memory an address is, and copies between it and the host. By ctypes, so that
nothing but the driver's own library is needed."""

import ctypes

_MEMORY_TYPE, _IS_MANAGED = 2, 8  # CUpointer_attribute
_DEVICE = 2  # CUmemorytype


class DriverError(RuntimeError):
    """A call of the driver failed."""


class Driver:
    """The CUDA driver of this machine. Raises OSError where there is none, DriverError where it has no device."""

    def __init__(self, library="libcuda.so.1"):
        self._cuda = ctypes.CDLL(library)
        self._call("cuInit", 0)
        count = ctypes.c_int()
        self._call("cuDeviceGetCount", ctypes.byref(count))
        if count.value == 0:
            raise DriverError("the CUDA driver has no device")

    def _call(self, name, *args):
        status = getattr(self._cuda, name)(*args)
        if status != 0:
            raise DriverError(f"{name} failed with CUresult {status}")

    def is_device_memory(self, address):
        """Whether the host cannot read the address. Memory that the driver does not know is the host's."""
        kind, managed = ctypes.c_uint(), ctypes.c_uint()
        at = ctypes.c_uint64(address)
        if self._cuda.cuPointerGetAttribute(ctypes.byref(kind), _MEMORY_TYPE, at) != 0 or kind.value != _DEVICE:
            return False
        return self._cuda.cuPointerGetAttribute(ctypes.byref(managed), _IS_MANAGED, at) != 0 or managed.value == 0

    def wait(self, stream):
        """Until all work submitted to the stream is done. A stream that is being captured cannot be waited for."""
        handle, status = ctypes.c_void_p(stream or None), ctypes.c_int()
        self._make_current()
        self._call("cuStreamIsCapturing", handle, ctypes.byref(status))
        if status.value != 0:
            raise DriverError(
                "the stream is being captured, and engines of this version run on the CPU, where no CUDA graph reaches them; run the "
                "program with --cuda host, which records and replays such streams itself"
            )
        self._call("cuStreamSynchronize", handle)

    def to_host(self, host, device, size):
        if size:
            self._make_current()
            self._call("cuMemcpyDtoH_v2", ctypes.c_void_p(host), ctypes.c_uint64(device), ctypes.c_size_t(size))

    def to_device(self, device, host, size):
        if size:
            self._make_current()
            self._call("cuMemcpyHtoD_v2", ctypes.c_uint64(device), ctypes.c_void_p(host), ctypes.c_size_t(size))

    def _make_current(self):
        """Threads that have no context get the primary one of the first device, as with the runtime API."""
        context, device = ctypes.c_void_p(), ctypes.c_int()
        self._call("cuCtxGetCurrent", ctypes.byref(context))
        if context.value:
            return
        self._call("cuDeviceGet", ctypes.byref(device), 0)
        self._call("cuDevicePrimaryCtxRetain", ctypes.byref(context), device)
        self._call("cuCtxSetCurrent", context)
