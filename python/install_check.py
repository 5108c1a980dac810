#!/usr/bin/env python3
"""Installs the package into an empty virtual environment as a user would, `pip install .`, and runs programs with it."""

import argparse
import os
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

MAX_WHEEL_BYTES = 20 << 20
PROGRAMS = ["p01_identity.py", "p08_lstm_loop.py", "graph_capture.py"]


def run(command, **options):
    print("$", *command, flush=True)
    subprocess.run(command, check=True, **options)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, required=True, help="the project's folder")
    parser.add_argument("--scratch", type=Path, required=True, help="folder for the environment; made anew")
    parser.add_argument("--cmake-args", default="", help="passed to the build as CMAKE_ARGS")
    options = parser.parse_args()
    shutil.rmtree(options.scratch, ignore_errors=True)
    venv.create(options.scratch / "venv", with_pip=True)
    python = str(options.scratch / "venv" / "bin" / "python")
    begin = time.monotonic()
    pip = [python, "-m", "pip", "--disable-pip-version-check"]
    build_dir = f"build-dir={options.scratch / 'build'}"
    wheels = options.scratch / "wheels"
    environment = os.environ | {"CMAKE_ARGS": options.cmake_args}
    run([*pip, "wheel", "-q", "--no-deps", "-w", str(wheels), "-C", build_dir, str(options.source)], env=environment)
    wheel = next(wheels.glob("rondo-*.whl"))
    run([*pip, "install", "-q", str(wheel)])
    print(f"installed in {time.monotonic() - begin:.0f} s, {wheel.name}: {wheel.stat().st_size / (1 << 20):.1f} MB", flush=True)
    if wheel.stat().st_size >= MAX_WHEEL_BYTES:
        sys.exit(f"the wheel has {wheel.stat().st_size} bytes, {MAX_WHEEL_BYTES} are allowed")
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    for program in PROGRAMS:
        path = options.source / "python" / "tests" / "programs" / program
        run([python, "-m", "rondo.compat", str(path)], cwd=options.scratch, env=clean)
    run([python, "-X", "importtime", "-c", "import rondo"], cwd=options.scratch, env=clean, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
