"""python -m rondo.compat [--face RELEASE] program.py args…"""

import argparse
import os
import runpy
import sys

from .. import face
from .modules import install


def main():
    parser = argparse.ArgumentParser(
        prog="python -m rondo.compat",
        description="Runs a Python program written for TensorRT; its imports of tensorrt, cuda, pycuda and nvtx find Rondo.",
    )
    parser.add_argument("--face", help="TensorRT release to show where releases differ: 7.2, 8.6, 9.3, 10.16 (default) or 11.1")
    parser.add_argument(
        "--ctypes-cudart",
        action=argparse.BooleanOptionalAction,
        help="give programs that open libcudart by ctypes Rondo's own; without the option: where there is no CUDA driver",
    )
    parser.add_argument(
        "--cuda",
        choices=("auto", "host", "real"),
        help="host: device memory is host memory; real: this machine's GPU and modules, inputs and outputs are copied; auto (default, or "
        "the environment variable RONDO_COMPAT_CUDA): real where a GPU and cuda-python or pycuda are found",
    )
    parser.add_argument("-m", dest="module", action="store_true", help="`program` is the name of a module")
    parser.add_argument("program", help="the program to run")
    parser.add_argument("args", nargs=argparse.REMAINDER, help="its arguments")
    options = parser.parse_args()
    if options.face:
        try:
            face(options.face)
        except ValueError as error:
            parser.error(str(error))
    install(ctypes_cudart=options.ctypes_cudart, cuda=options.cuda)
    sys.argv = [options.program, *options.args]
    if options.module:
        runpy.run_module(options.program, run_name="__main__", alter_sys=True)
        return
    if not os.path.exists(options.program):
        parser.error(f"there is no file {options.program}")
    sys.path[0] = os.path.dirname(os.path.abspath(options.program))
    runpy.run_path(options.program, run_name="__main__")


if __name__ == "__main__":
    main()
