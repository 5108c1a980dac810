"""`cuda.cuda` and `cuda.bindings.driver`: the CUDA driver API on host memory. Kernels are GPU code and are refused."""

from . import memory, streams
from .codes import CUresult
from .cudart import _ATTRIBUTES

_OK = CUresult.CUDA_SUCCESS
_INVALID = CUresult.CUDA_ERROR_INVALID_VALUE
CUstream = CUevent = CUdevice = CUcontext = CUdeviceptr = streams.Handle


def _status(done):
    return (_OK if done else _INVALID,)


def cuInit(flags=0):  # noqa: N802, ARG001
    return (_OK,)


def cuDeviceGet(ordinal):  # noqa: N802
    return (_OK, streams.Handle(0)) if int(ordinal) == 0 else (CUresult.CUDA_ERROR_INVALID_DEVICE, None)


def cuDeviceGetCount():  # noqa: N802
    return _OK, 1


def cuDeviceGetName(length, device):  # noqa: N802, ARG001
    return _OK, b"Rondo CPU"


def cuDeviceGetAttribute(attribute, device):  # noqa: N802, ARG001
    return _OK, _ATTRIBUTES.get(int(attribute), 0)


def cuCtxCreate(*args):  # noqa: N802, ARG001
    return _OK, streams.new_stream()


def cuCtxDestroy(context):  # noqa: N802, ARG001
    return (_OK,)


def cuCtxSynchronize():  # noqa: N802
    return (_OK,)


def cuDevicePrimaryCtxRetain(device):  # noqa: N802, ARG001
    return _OK, streams.new_stream()


def cuCtxSetCurrent(context):  # noqa: N802, ARG001
    return (_OK,)


def cuGetErrorName(error):  # noqa: N802
    return _OK, CUresult(error).name.encode()


def cuGetErrorString(error):  # noqa: N802
    return _OK, CUresult(error).name.encode()


def cuMemAlloc(size):  # noqa: N802
    return _OK, streams.Handle(memory.BLOCKS.allocate(size))


def cuMemAllocAsync(size, stream):  # noqa: N802, ARG001
    return cuMemAlloc(size)


def cuMemAllocHost(size):  # noqa: N802
    return cuMemAlloc(size)


def cuMemFree(pointer):  # noqa: N802
    address = memory.address_of(pointer)
    return _status(address == 0 or memory.BLOCKS.free(address))


def cuMemFreeAsync(pointer, stream):  # noqa: N802, ARG001
    return cuMemFree(pointer)


def cuMemFreeHost(pointer):  # noqa: N802
    return cuMemFree(pointer)


def cuMemcpy(destination, source, size):  # noqa: N802
    return _status(memory.copy(destination, source, size))


def cuMemcpyHtoD(destination, source, size):  # noqa: N802
    return _status(memory.copy(destination, source, size))


def cuMemcpyDtoH(destination, source, size):  # noqa: N802
    return _status(memory.copy(destination, source, size))


def cuMemcpyDtoD(destination, source, size):  # noqa: N802
    return _status(memory.copy(destination, source, size))


def cuMemcpyHtoDAsync(destination, source, size, stream):  # noqa: N802
    return _status(streams.submit(stream, lambda: memory.copy(destination, source, size)))


def cuMemcpyDtoHAsync(destination, source, size, stream):  # noqa: N802
    return _status(streams.submit(stream, lambda: memory.copy(destination, source, size)))


def cuMemcpyDtoDAsync(destination, source, size, stream):  # noqa: N802
    return _status(streams.submit(stream, lambda: memory.copy(destination, source, size)))


def cuMemsetD8(pointer, value, size):  # noqa: N802
    return _status(memory.fill(pointer, value, size))


def cuStreamCreate(flags=0):  # noqa: N802, ARG001
    return _OK, streams.new_stream()


def cuStreamSynchronize(stream):  # noqa: N802, ARG001
    return (_OK,)


def cuStreamDestroy(stream):  # noqa: N802
    streams.end_capture(stream)
    return (_OK,)


def _no_kernels(*args):  # noqa: ARG001
    """GPU code cannot run in host memory."""
    return CUresult.CUDA_ERROR_NOT_SUPPORTED, None


cuModuleLoadData = cuModuleGetFunction = cuLaunchKernel = cuModuleUnload = _no_kernels  # noqa: N816
