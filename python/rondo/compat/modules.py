"""The modules that programs import, made of those of this package, and the hooks by which captured streams record runs."""

import ctypes
import ctypes.util
import sys
import types
from pathlib import Path

import rondo

from .. import _face
from . import cudart, driver, pycuda_driver, streams

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


def _redirect_ctypes():
    """ctypes.CDLL("libcudart.so…") opens the CUDA runtime of host memory that comes with Rondo."""
    library = next(Path(rondo.__file__).parent.glob("librondo_cudart*.so"), None)
    if library is None:
        raise ImportError("this installation of Rondo lacks its C library of the CUDA runtime")
    open_library, find_library = ctypes.CDLL.__init__, ctypes.util.find_library

    def init(self, name, *args, **kwargs):
        is_runtime = name is not None and Path(str(name)).name.startswith("libcudart")
        open_library(self, str(library) if is_runtime else name, *args, **kwargs)

    ctypes.CDLL.__init__ = init
    ctypes.util.find_library = lambda name: str(library) if name == "cudart" else find_library(name)


def install(ctypes_cudart=False):
    """Makes `import tensorrt`, `cuda`, `pycuda` and `nvtx` find Rondo's. Calling it again changes nothing.

    ctypes_cudart   also give programs that open libcudart by ctypes a C library with its names
    """
    global _installed
    if ctypes_cudart and not _installed:
        _redirect_ctypes()
    if _installed:
        return
    _installed = True
    _tensorrt()
    _cuda()
    _pycuda()
    _nvtx()
    _record_runs()
