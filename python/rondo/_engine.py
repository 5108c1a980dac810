"""The convenience for new code: rondo.build makes an engine of a network, a plan or a file, and calling the engine runs it on arrays."""

import errno
import os
import threading
from dataclasses import dataclass

import numpy as np

from . import _rondo
from ._arrays import as_array
from ._numpy import _NUMPY_TYPES, volume
from ._onnx_names import OnnxParser

_UNKNOWN = -1


class RondoError(RuntimeError):
    """A build or a run that failed; the text is what the library reported."""


class _Messages(_rondo.ILogger):
    """Keeps errors for the exception, and hands everything from min_severity on to the user's logger."""

    def __init__(self, logger):
        _rondo.ILogger.__init__(self)
        self._logger = logger
        self._errors = []

    def log(self, severity, msg):
        if severity <= _rondo.ILogger.Severity.ERROR:
            self._errors.append(msg)
        if self._logger is not None:
            self._logger.log(severity, msg)

    def fail(self, what):
        errors, self._errors = self._errors, []
        raise RondoError(f"{what}: " + ("; ".join(errors) or "no reason was reported"))


@dataclass(frozen=True)
class TensorInfo:
    """One input or output of an engine. Extents that come at run time are -1."""

    name: str
    dtype: _rondo.DataType
    shape: tuple


class _Blocks(_rondo.IOutputAllocator):
    """Memory of outputs whose shape is known only when the run has come to them."""

    def __init__(self):
        _rondo.IOutputAllocator.__init__(self)
        self._memory = {}
        self.shapes = {}

    def reallocate_output(self, tensor_name, memory, size, alignment):  # noqa: ARG002
        block = np.empty(size + alignment, np.uint8)
        offset = -block.ctypes.data % alignment
        self._memory[tensor_name] = block[offset : offset + size]
        return block.ctypes.data + offset

    def notify_shape(self, tensor_name, shape):
        self.shapes[tensor_name] = tuple(shape)

    def take(self, name, dtype):
        shape = self.shapes[name]
        block = self._memory.get(name, np.empty(0, np.uint8))
        return block[: volume(shape) * dtype.itemsize].view(dtype).reshape(shape).copy()


def _output_type(dtype):
    """numpy's type of an output; raw 16-bit words for bfloat16 where ml_dtypes is not installed."""
    if dtype in _NUMPY_TYPES:
        return np.dtype(_NUMPY_TYPES[dtype])
    if dtype == _rondo.DataType.BF16:
        try:
            import ml_dtypes

            return np.dtype(ml_dtypes.bfloat16)
        except ImportError:
            return np.dtype(np.uint16)
    return np.dtype(np.uint8)


class Engine:
    """A plan, or a plan file, ready to run: `y = engine(x, h0=h)["y"]`. A file stays mapped: replace it by rename only. Calls from several threads run side by side, each on its own context.

    engine.inputs, engine.outputs   TensorInfo by name, in the engine's order
    engine.raw                      the ICudaEngine
    """

    def __init__(self, plan, logger=None, threads=0):
        self._messages = _Messages(logger)
        runtime = _rondo.Runtime(self._messages)
        if threads:
            runtime.max_threads = threads
        from_file = isinstance(plan, (str, os.PathLike))
        self.raw = runtime.deserialize_cuda_engine_from_file(plan) if from_file else runtime.deserialize_cuda_engine(plan)
        if self.raw is None:
            self._messages.fail("the plan cannot be loaded")
        self._local = threading.local()
        self.inputs, self.outputs = {}, {}
        for i in range(self.raw.num_io_tensors):
            name = self.raw.get_tensor_name(i)
            info = TensorInfo(name, self.raw.get_tensor_dtype(name), tuple(self.raw.get_tensor_shape(name)))
            is_input = self.raw.get_tensor_mode(name) == _rondo.TensorIOMode.INPUT
            (self.inputs if is_input else self.outputs)[name] = info

    def save(self, path):
        """Writes the plan to a file; one that is there is replaced by rename, so that engines loaded from it keep what they have."""
        path = os.fsdecode(path)
        unfinished = f"{path}.{os.getpid()}.part"
        with open(unfinished, "wb") as f:
            f.write(self.raw.serialize())
        os.replace(unfinished, path)

    def __repr__(self):
        shapes = lambda infos: ", ".join(f"{i.name} {i.dtype.name}{list(i.shape)}" for i in infos.values())  # noqa: E731
        return f"<rondo.Engine ({shapes(self.inputs)}) -> ({shapes(self.outputs)})>"

    def __call__(self, *args, **kwargs):
        """Runs once. Inputs by position, in the engine's order, or by name; returns the outputs by name as new arrays."""
        return self.into({}, *args, **kwargs)

    def into(self, out, /, *args, **kwargs):
        """As a call, with memory for some outputs: `out` is {output: array}, of numpy, DLPack, a writable buffer or an object with
        __cuda_array_interface__ in host memory; C-contiguous, of the output's type and shape. Those come back as arrays on that memory."""
        arrays = self._arrays(args, kwargs)
        context = self._context()
        for name, array in arrays.items():
            self._bind_input(context, name, array)
        try:
            context.infer_shapes()  # reads the values that shapes depend on, which may have changed since the last call
        except RuntimeError:
            self._messages.fail("the shapes cannot be worked out")
        results, blocks = self._bind_outputs(context, out)
        if not context.execute_async_v3(0):
            self._messages.fail("the run failed")
        for name in blocks.shapes:
            results[name] = blocks.take(name, _output_type(self.outputs[name].dtype))
        return {name: results[name] for name in self.outputs}

    def _context(self):
        if not hasattr(self._local, "context"):
            self._local.context = self.raw.create_execution_context()
            if self._local.context is None:
                self._messages.fail("no context can be made")
        return self._local.context

    def _arrays(self, args, kwargs):
        names = list(self.inputs)
        if len(args) > len(names):
            raise TypeError(f"{len(args)} inputs are given, the engine has {len(names)}: {', '.join(names)}")
        given = dict(zip(names, args))
        for name, value in kwargs.items():
            if name not in self.inputs:
                raise TypeError(f"there is no input '{name}'; the engine has {', '.join(names)}")
            if name in given:
                raise TypeError(f"input '{name}' is given twice")
            given[name] = value
        missing = [name for name in names if name not in given]
        if missing:
            raise TypeError(f"missing inputs: {', '.join(missing)}")
        return {name: self._checked(self.inputs[name], self._array(self.inputs[name], given[name])) for name in names}

    @staticmethod
    def _array(info, value, writable=False):
        return as_array(info.name, value, _output_type(info.dtype), info.shape, writable)

    @staticmethod
    def _checked(info, array):
        wanted = _output_type(info.dtype)
        if array.dtype != wanted:
            raise TypeError(f"input '{info.name}' is {array.dtype}, the engine takes {wanted}; convert it with .astype('{wanted}')")
        fits = array.ndim == len(info.shape) and all(w in (_UNKNOWN, g) for w, g in zip(info.shape, array.shape))
        if not fits:
            raise ValueError(f"input '{info.name}' has shape {array.shape}, the engine takes {info.shape}")
        return np.asarray(array, order="C")  # ascontiguousarray makes a 0-D array 1-D

    def _bind_input(self, context, name, array):
        if not context.set_input_shape(name, array.shape):
            self._messages.fail(f"input '{name}' of shape {array.shape}")
        context.set_tensor_address(name, array.ctypes.data)
        self._local.__dict__.setdefault("inputs", {})[name] = array  # alive until the next call

    def _given_output(self, info, value, shape):
        array = self._array(info, value, writable=True)
        wanted = _output_type(info.dtype)
        if _UNKNOWN in shape:
            raise ValueError(f"output '{info.name}' has a shape that only the run knows; it cannot be given memory")
        if array.dtype != wanted or array.shape != shape:
            raise ValueError(f"output '{info.name}' is {wanted}{list(shape)}, the array given for it {array.dtype}{list(array.shape)}")
        if not array.flags.c_contiguous or not array.flags.writeable:
            raise ValueError(f"the array given for output '{info.name}' is not writable and C-contiguous")
        return array

    def _bind_outputs(self, context, out):
        results, blocks = {}, _Blocks()
        unknown = [name for name in out if name not in self.outputs]
        if unknown:
            raise TypeError(f"there is no output '{unknown[0]}'; the engine has {', '.join(self.outputs)}")
        for name, info in self.outputs.items():
            shape = tuple(context.get_tensor_shape(name))
            if name in out:
                results[name] = self._given_output(info, out[name], shape)
            elif _UNKNOWN in shape:
                context.set_output_allocator(name, blocks)
                continue
            else:
                results[name] = np.empty(shape, _output_type(info.dtype))
            context.set_tensor_address(name, results[name].ctypes.data)
        return results, blocks


def _plan_of(network, shapes, flags, messages, threads):
    builder = network.builder
    config = builder.create_builder_config()
    for flag in flags:
        config.set_flag(flag)
    if threads:
        config.max_threads = threads
    for profile_shapes in shapes:
        profile = builder.create_optimization_profile()
        for name, (low, best, high) in profile_shapes.items():
            profile.set_shape(name, low, best, high)
        config.add_optimization_profile(profile)
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        messages.fail("the build failed")
    return plan


def _build_network(network, profiles, flags, logger, threads):
    messages = _Messages(logger)
    recorder = _Recorder(messages)
    before, network.error_recorder = network.error_recorder, recorder
    try:
        plan = _plan_of(network, profiles, flags, messages, threads)
    finally:
        network.error_recorder = before
    return Engine(plan, logger, threads)


def _build_onnx(path, profiles, flags, logger, threads):
    if not os.path.isfile(path):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
    messages = _Messages(logger)
    network = _rondo.Builder(messages).create_network()
    parser = OnnxParser(network, messages)
    if not parser.parse_from_file(path):
        errors = "; ".join(str(parser.get_error(i)) for i in range(parser.num_errors))
        raise RondoError(f"{path} cannot be imported: {errors or 'no reason was reported'}")
    return _build_network(network, profiles, flags, logger, threads)


def build(source, *, shapes=None, flags=(), logger=None, threads=0):
    """An Engine of a network, of a plan (bytes or any buffer), of a plan file, or of an ONNX file (its name ends in .onnx).

    shapes   {input: (min, opt, max)} for inputs with -1 extents, or a list of such dicts, one per profile
    flags    BuilderFlags for the build
    logger   receives all messages; errors become exceptions anyway
    threads  the most threads to use; 0: all cores
    Raises RondoError with what the library reported; ValueError for a source of another kind.
    """
    profiles = [shapes] if isinstance(shapes, dict) else list(shapes or ())
    if isinstance(source, _rondo.INetworkDefinition):
        return _build_network(source, profiles, flags, logger, threads)
    if isinstance(source, (str, os.PathLike)):
        path = os.fspath(source)
        if path.endswith(".onnx"):
            return _build_onnx(path, profiles, flags, logger, threads)
        os.stat(path)  # FileNotFoundError, not the library's message
        return Engine(path, logger, threads)
    try:
        memoryview(source)
    except TypeError:
        raise ValueError(f"build() takes a network, a plan or a path, not {type(source).__name__}") from None
    return Engine(source, logger, threads)


class _Recorder(_rondo.IErrorRecorder):
    """Collects what a build reports, for the exception."""

    def __init__(self, messages):
        _rondo.IErrorRecorder.__init__(self)
        self._messages = messages

    def report_error(self, code, desc):  # noqa: ARG002
        self._messages.log(_rondo.ILogger.Severity.ERROR, desc)
        return False

    def get_num_errors(self):
        return 0

    def get_error_code(self, index):  # noqa: ARG002
        return _rondo.ErrorCode.SUCCESS

    def get_error_desc(self, index):  # noqa: ARG002
        return ""

    def has_overflowed(self):
        return False

    def clear(self):
        pass
