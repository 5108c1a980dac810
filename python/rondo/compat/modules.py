"""The modules that programs import, made of those of this package, and the hooks by which captured streams record runs."""

import ctypes
import ctypes.util
import importlib
import importlib.util
import os
import sys
import types
from pathlib import Path

import rondo

from .. import _face
from . import cudart, driver, driver_memory, pycuda_driver, staging, streams

_RECORDED = {"execute_async_v2": 1, "execute_async_v3": 0}  # runs of a context -> position of their stream
_installed = False


def _module(name, parent=None, **members):
    module = types.ModuleType(name)
    module.__dict__.update(members)
    module.__package__ = name
    sys.modules[name] = module
    if parent is not None:
        setattr(sys.modules[parent], name.rpartition(".")[2], module)
    return module


def _package(name, parent=None, **members):
    module = _module(name, parent, **members)
    module.__path__ = []
    return module


def _members(module):
    return {key: value for key, value in vars(module).items() if not key.startswith("__")}


def _tensorrt():
    members = _members(rondo) | {"__version__": _face.version(), "__doc__": rondo.__doc__}
    _package("tensorrt", **members)
    _module("tensorrt.tensorrt", "tensorrt", **members)
    sys.modules["tensorrt.plugin"] = sys.modules["tensorrt"].plugin = importlib.import_module("rondo.plugin")
    for lean in ("tensorrt_lean", "tensorrt_dispatch"):
        _package(lean, **members)


def _cuda():
    _package("cuda")
    _module("cuda.cudart", "cuda", **_members(cudart))
    _module("cuda.cuda", "cuda", **_members(driver))
    _package("cuda.bindings", "cuda")
    _module("cuda.bindings.runtime", "cuda.bindings", **_members(cudart))
    _module("cuda.bindings.driver", "cuda.bindings", **_members(driver))
    _module("cuda.bindings.nvrtc", "cuda.bindings")
    _module("cuda.nvrtc", "cuda")


def _pycuda():
    _package("pycuda", VERSION=(2024, 1), VERSION_TEXT="2024.1")
    _module("pycuda.driver", "pycuda", **_members(pycuda_driver))
    context = pycuda_driver.Context()
    _module("pycuda.autoinit", "pycuda", context=context, device=pycuda_driver.Device(0))
    _module("pycuda.autoprimaryctx", "pycuda", context=context, device=pycuda_driver.Device(0))


class _Annotation:
    """nvtx.annotate: a context manager and a decorator that does nothing."""

    def __init__(self, *args, **kwargs):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        return False

    def __call__(self, function):
        return function


def _nvtx():
    nothing = lambda *args, **kwargs: None  # noqa: E731
    members = {name: nothing for name in ("mark", "push_range", "pop_range", "start_range", "end_range")}
    _module("nvtx", annotate=_Annotation, **members)


def _record_runs():
    """A run on a stream that is being captured is recorded with the others."""

    def hook(run, position):
        def submit(self, *args, **kwargs):
            stream = kwargs.get("stream_handle", args[position] if len(args) > position else 0)
            return streams.submit(stream, lambda: run(self, *args, **kwargs))

        submit.__name__ = run.__name__
        return submit

    for name, position in _RECORDED.items():
        setattr(rondo.IExecutionContext, name, hook(getattr(rondo.IExecutionContext, name), position))


def _own_cudart():
    return next(Path(rondo.__file__).parent.glob("librondo_cudart*.so"), None)


def _redirect_ctypes():
    """ctypes.CDLL("libcudart.so…") opens the CUDA runtime of host memory that comes with Rondo."""
    library = _own_cudart()
    if library is None:
        raise ImportError("this installation of Rondo lacks its C library of the CUDA runtime")
    open_library, find_library = ctypes.CDLL.__init__, ctypes.util.find_library

    def init(self, name, *args, **kwargs):
        is_runtime = name is not None and Path(str(name)).name.startswith("libcudart")
        open_library(self, str(library) if is_runtime else name, *args, **kwargs)

    ctypes.CDLL.__init__ = init
    ctypes.util.find_library = lambda name: str(library) if name == "cudart" else find_library(name)


def _real_driver():
    """The CUDA driver of this machine, or None where it has none or no device."""
    try:
        return driver_memory.Driver()
    except (OSError, driver_memory.DriverError, AttributeError):
        return None


def _has_real_modules():
    """Whether a module that reaches a real GPU is installed."""
    for name in ("cuda.bindings.runtime", "cuda.cudart", "pycuda.driver"):
        try:
            if importlib.util.find_spec(name) is not None:
                return True
        except (ImportError, ValueError):
            pass
    return False


def _choose_driver(cuda):
    """The real driver, or None for host memory. `cuda` is auto, host or real."""
    if cuda not in ("auto", "host", "real"):
        raise ValueError(f"rondo.compat: cuda={cuda!r}; known are 'auto', 'host' and 'real'")
    if cuda == "host":
        return None
    found = _real_driver()
    if found is None and cuda == "real":
        raise RuntimeError("rondo.compat: cuda='real', but this machine has no CUDA driver with a device")
    if cuda == "auto" and not _has_real_modules():
        return None
    return found


def _alias_real_modules():
    """cuda-python 13 has the new names only, programs use the old ones, and cuda-python 11 the other way round."""
    pairs = (("cuda.cudart", "cuda.bindings.runtime"), ("cuda.cuda", "cuda.bindings.driver"), ("cuda.nvrtc", "cuda.bindings.nvrtc"))
    for old, new in (*pairs, *(pair[::-1] for pair in pairs)):
        try:
            if importlib.util.find_spec(old) is None:
                raise ImportError
        except (ImportError, ValueError):
            try:
                module = importlib.import_module(new)
            except ImportError:
                continue
            sys.modules[old] = module
            parent = old.rpartition(".")[0]
            if parent in sys.modules:
                setattr(sys.modules[parent], old.rpartition(".")[2], module)


def install(ctypes_cudart=None, cuda=None):
    """Makes `import tensorrt`, `cuda`, `pycuda` and `nvtx` find Rondo's. Calling it again changes nothing.

    ctypes_cudart   also give programs that open libcudart by ctypes, as Polygraphy does, a C library with its names; None: where device
                    memory is the host's and there is no CUDA driver
    cuda            "host": device memory is host memory. "real": the program's own modules and GPU; inputs and outputs are copied, since
                    engines run on the CPU. "auto", also by the environment variable RONDO_COMPAT_CUDA: real where a CUDA driver
                    with a device and one of the modules are found, else host
    """
    global _installed
    if _installed:
        return
    real = _choose_driver(cuda or os.environ.get("RONDO_COMPAT_CUDA", "auto"))
    if ctypes_cudart or (ctypes_cudart is None and real is None and _own_cudart() and _real_driver() is None):
        _redirect_ctypes()
    _installed = True
    _tensorrt()
    if real is None:
        _cuda()
        _pycuda()
        _record_runs()
    else:
        print("rondo.compat: tensors are on the GPU, engines run on the CPU: inputs and outputs are copied", file=sys.stderr)
        _alias_real_modules()
        staging.install(real)
    if real is None or importlib.util.find_spec("nvtx") is None:
        _nvtx()
