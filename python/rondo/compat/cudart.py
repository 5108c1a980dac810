"""`cuda.cudart` and `cuda.bindings.runtime`: the CUDA runtime on host memory. Every call returns a tuple whose first item is the
status; none raises."""

import functools

from . import memory, streams
from .codes import *  # noqa: F401,F403
from .codes import cudaDeviceAttr, cudaError_t, cudaStreamCaptureStatus

_OK = cudaError_t.cudaSuccess
_INVALID = cudaError_t.cudaErrorInvalidValue
_ATTRIBUTES = {
    cudaDeviceAttr.cudaDevAttrComputeCapabilityMajor: 8,
    cudaDeviceAttr.cudaDevAttrComputeCapabilityMinor: 0,
    cudaDeviceAttr.cudaDevAttrWarpSize: 32,
    cudaDeviceAttr.cudaDevAttrMultiProcessorCount: 1,
    cudaDeviceAttr.cudaDevAttrMaxThreadsPerBlock: 1024,
    cudaDeviceAttr.cudaDevAttrIntegrated: 1,
    cudaDeviceAttr.cudaDevAttrManagedMemory: 1,
}
cudaStream_t = cudaEvent_t = streams.Handle  # noqa: N816
cudaGraph_t = streams.Graph  # noqa: N816
cudaGraphExec_t = streams.GraphExec  # noqa: N816


def _call(results):
    """A call that gives `results` values after the status; a mistake of the caller becomes cudaErrorInvalidValue."""

    def wrap(function):
        @functools.wraps(function)
        def safe(*args, **kwargs):
            try:
                return function(*args, **kwargs)
            except (TypeError, ValueError, OverflowError):
                return (_INVALID, *[None] * results)
            except MemoryError:
                return (cudaError_t.cudaErrorMemoryAllocation, *[None] * results)

        return safe

    return wrap


def _status(done):
    return (_OK if done else _INVALID,)


@_call(1)
def cudaMalloc(size):  # noqa: N802
    return _OK, memory.BLOCKS.allocate(size)


@_call(1)
def cudaMallocAsync(size, stream):  # noqa: N802, ARG001
    return cudaMalloc(size)


@_call(1)
def cudaMallocManaged(size, flags=1):  # noqa: N802, ARG001
    return cudaMalloc(size)


@_call(1)
def cudaMallocHost(size):  # noqa: N802
    return cudaMalloc(size)


@_call(1)
def cudaHostAlloc(size, flags=0):  # noqa: N802, ARG001
    return cudaMalloc(size)


@_call(0)
def cudaFree(pointer):  # noqa: N802
    address = memory.address_of(pointer)
    if address == 0 or memory.BLOCKS.free(address):
        return (_OK,)
    return (cudaError_t.cudaErrorInvalidDevicePointer,)


@_call(0)
def cudaFreeAsync(pointer, stream=0):  # noqa: N802, ARG001
    return cudaFree(pointer)


@_call(0)
def cudaFreeHost(pointer):  # noqa: N802
    return cudaFree(pointer)


@_call(0)
def cudaMemcpy(destination, source, size, kind):  # noqa: N802, ARG001
    return _status(memory.copy(destination, source, size))


@_call(0)
def cudaMemcpyAsync(destination, source, size, kind, stream=0):  # noqa: N802, ARG001
    return _status(streams.submit(stream, lambda: memory.copy(destination, source, size)))


@_call(0)
def cudaMemset(pointer, value, size):  # noqa: N802
    return _status(memory.fill(pointer, value, size))


@_call(0)
def cudaMemsetAsync(pointer, value, size, stream=0):  # noqa: N802
    return _status(streams.submit(stream, lambda: memory.fill(pointer, value, size)))


@_call(2)
def cudaMemGetInfo():  # noqa: N802
    total = 16 << 30
    return _OK, total, total


@_call(1)
def cudaStreamCreate():  # noqa: N802
    return _OK, streams.new_stream()


@_call(1)
def cudaStreamCreateWithFlags(flags):  # noqa: N802, ARG001
    return cudaStreamCreate()


@_call(1)
def cudaStreamCreateWithPriority(flags, priority):  # noqa: N802, ARG001
    return cudaStreamCreate()


@_call(0)
def cudaStreamSynchronize(stream):  # noqa: N802, ARG001
    return (_OK,)


@_call(0)
def cudaStreamQuery(stream):  # noqa: N802, ARG001
    return (_OK,)


@_call(0)
def cudaStreamDestroy(stream):  # noqa: N802
    streams.end_capture(stream)
    return (_OK,)


@_call(0)
def cudaStreamWaitEvent(stream, event, flags=0):  # noqa: N802, ARG001
    return (_OK,)


@_call(1)
def cudaEventCreate():  # noqa: N802
    return _OK, streams.new_event()


@_call(1)
def cudaEventCreateWithFlags(flags):  # noqa: N802, ARG001
    return cudaEventCreate()


@_call(0)
def cudaEventRecord(event, stream=0):  # noqa: N802, ARG001
    streams.record(event)
    return (_OK,)


@_call(0)
def cudaEventSynchronize(event):  # noqa: N802, ARG001
    return (_OK,)


@_call(0)
def cudaEventQuery(event):  # noqa: N802, ARG001
    return (_OK,)


@_call(1)
def cudaEventElapsedTime(start, end):  # noqa: N802
    ms = streams.elapsed_ms(start, end)
    return (cudaError_t.cudaErrorInvalidResourceHandle, None) if ms is None else (_OK, ms)


@_call(0)
def cudaEventDestroy(event):  # noqa: N802, ARG001
    return (_OK,)


@_call(0)
def cudaStreamBeginCapture(stream, mode=0):  # noqa: N802, ARG001
    streams.begin_capture(stream)
    return (_OK,)


@_call(1)
def cudaStreamEndCapture(stream):  # noqa: N802
    graph = streams.end_capture(stream)
    return (_INVALID, None) if graph is None else (_OK, graph)


@_call(1)
def cudaStreamIsCapturing(stream):  # noqa: N802
    status = cudaStreamCaptureStatus
    active = status.cudaStreamCaptureStatusActive if streams.is_capturing(stream) else status.cudaStreamCaptureStatusNone
    return _OK, active


@_call(1)
def cudaGraphInstantiate(graph, *args):  # noqa: N802
    """(graph, b"", 0) is CUDA 11's form and gives three items; (graph, flags) is CUDA 12's and gives two."""
    executable = streams.GraphExec(graph.calls)
    return (_OK, executable, None) if len(args) == 2 else (_OK, executable)


@_call(0)
def cudaGraphLaunch(executable, stream=0):  # noqa: N802, ARG001
    executable.launch()
    return (_OK,)


@_call(0)
def cudaGraphDestroy(graph):  # noqa: N802, ARG001
    return (_OK,)


@_call(0)
def cudaGraphExecDestroy(executable):  # noqa: N802, ARG001
    return (_OK,)


@_call(0)
def cudaGraphUpload(executable, stream=0):  # noqa: N802, ARG001
    return (_OK,)


@_call(0)
def cudaDeviceSynchronize():  # noqa: N802
    return (_OK,)


@_call(0)
def cudaDeviceReset():  # noqa: N802
    return (_OK,)


@_call(0)
def cudaSetDevice(device):  # noqa: N802
    return (_OK if int(device) == 0 else cudaError_t.cudaErrorInvalidDevice,)


@_call(1)
def cudaGetDevice():  # noqa: N802
    return _OK, 0


@_call(1)
def cudaGetDeviceCount():  # noqa: N802
    return _OK, 1


@_call(1)
def cudaDeviceGetAttribute(attribute, device=0):  # noqa: N802, ARG001
    return _OK, _ATTRIBUTES.get(cudaDeviceAttr(attribute), 0)


class cudaDeviceProp:  # noqa: N801
    """The properties of the one device that stands for the CPU."""

    def __init__(self):
        self.name = b"Rondo CPU"
        self.major, self.minor = 8, 0
        self.totalGlobalMem = 16 << 30
        self.multiProcessorCount = 1
        self.warpSize = 32
        self.sharedMemPerBlock = 48 << 10
        self.maxThreadsPerBlock = 1024
        self.clockRate = 1000000
        self.memoryClockRate = 1000000
        self.memoryBusWidth = 64
        self.integrated = 1


@_call(1)
def cudaGetDeviceProperties(device):  # noqa: N802
    return (_OK, cudaDeviceProp()) if int(device) == 0 else (cudaError_t.cudaErrorInvalidDevice, None)


@_call(1)
def cudaRuntimeGetVersion():  # noqa: N802
    return _OK, 12000


@_call(1)
def cudaDriverGetVersion():  # noqa: N802
    return _OK, 12000


def cudaGetLastError():  # noqa: N802
    return (_OK,)


def cudaPeekAtLastError():  # noqa: N802
    return (_OK,)


@_call(1)
def cudaGetErrorName(error):  # noqa: N802
    return _OK, cudaError_t(error).name.encode()


@_call(1)
def cudaGetErrorString(error):  # noqa: N802
    return _OK, cudaError_t(error).name.removeprefix("cuda").encode()
