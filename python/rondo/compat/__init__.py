"""Runs programs that were written for TensorRT: `python -m rondo.compat program.py args…`, or `rondo.compat.install()` at their top.

Provides the modules `tensorrt`, `cuda` (cudart, cuda, bindings.runtime, bindings.driver, bindings.nvrtc), `pycuda` (autoinit, driver)
and `nvtx` on host memory. Device addresses are addresses of this process, streams run at the call, and what a stream records
between BeginCapture and EndCapture is replayed by cudaGraphLaunch.
"""

from .modules import install

__all__ = ["install"]
