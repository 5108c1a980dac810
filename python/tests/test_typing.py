"""The stubs: a program written with TensorRT's habits passes mypy."""

import subprocess
import sys
from pathlib import Path

import pytest
import rondo

pytest.importorskip("mypy")

PROGRAM = '''
import numpy as np
import rondo as trt

logger = trt.Logger(trt.Logger.WARNING)
builder = trt.Builder(logger)
network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.EXPLICIT_BATCH))
x: trt.ITensor = network.add_input("x", trt.float32, (-1, 3, 8, 8))
conv = network.add_convolution_nd(x, 4, (3, 3), np.ones((4, 3, 3, 3), np.float32))
conv.stride_nd = (2, 2)
relu = network.add_activation(conv.get_output(0), trt.ActivationType.RELU)
network.mark_output(relu.get_output(0))
config = builder.create_builder_config()
profile = builder.create_optimization_profile()
profile.set_shape("x", (1, 3, 8, 8), (2, 3, 8, 8), (4, 3, 8, 8))
config.add_optimization_profile(profile)
engine = rondo_engine = trt.build(network, shapes={"x": ((1, 3, 8, 8), (2, 3, 8, 8), (4, 3, 8, 8))})
print(engine.inputs["x"].shape)
'''


def test_program_type_checks(tmp_path):
    if not (Path(rondo.__file__).parent / "_rondo.pyi").exists():
        pytest.skip("the stub comes with an installed package or a build of the target rondo_python")
    (tmp_path / "program.py").write_text(PROGRAM)
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--cache-dir", str(tmp_path / "cache"), "program.py"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
