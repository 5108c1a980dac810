"""DeprecationWarnings: which calls give them, once per place, and how to be rid of them."""

import subprocess
import sys
import warnings

import numpy as np
import pytest
import rondo as trt
from rondo import _deprecations


@pytest.fixture(autouse=True)
def shown_face():
    before = trt.face()
    yield
    trt.face(before)


def test_the_successor_is_named(relu):
    with pytest.warns(DeprecationWarning, match="Use get_tensor_name instead."):
        relu.get_binding_name(0)
    with pytest.warns(DeprecationWarning, match="Use num_io_tensors instead."):
        assert relu.num_bindings == 2


def test_setting_a_property_warns(logger):
    config = trt.Builder(logger).create_builder_config()
    with pytest.warns(DeprecationWarning, match="Use set_memory_pool_limit instead."):
        config.max_workspace_size = 1 << 20
    with pytest.warns(DeprecationWarning, match="explicit quantization"):
        config.int8_calibrator = None


def test_context_managers_warn(logger):
    with pytest.warns(DeprecationWarning, match="Context managers for TensorRT types are deprecated"):
        with trt.Builder(logger) as builder:
            assert isinstance(builder, trt.Builder)


def test_release_decides(relu):
    trt.face("8.6")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        relu.device_memory_size  # deprecated by 10.1
    with pytest.warns(DeprecationWarning):
        relu.num_bindings
    trt.face("7.2")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        relu.num_bindings


def test_newer_names_are_quiet(bound):
    context, x, y = bound
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        x[:] = np.arange(6).reshape(2, 3)
        assert context.execute_async_v3(0) and context.engine.num_io_tensors == 2
        assert context.execute_v2([x.ctypes.data, y.ctypes.data])


def test_rondo_itself_calls_nothing_deprecated(logger):
    builder = trt.Builder(logger)
    network = builder.create_network()
    network.mark_output(network.add_identity(network.add_input("x", trt.float32, (2,))).get_output(0))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trt.build(network)(np.zeros(2, np.float32))


PROGRAM = """
import rondo as trt
config = trt.Builder(trt.Logger(trt.Logger.ERROR)).create_builder_config()
for i in range(3):
    config.max_workspace_size = i
    config.max_workspace_size
"""


def test_once_per_place_and_filterable(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    shown = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, check=True).stderr
    assert shown.count("DeprecationWarning: Use set_memory_pool_limit instead.") == 2
    assert "program.py:5:" in shown and "program.py:6:" in shown
    options = ["-W", "ignore::DeprecationWarning"]
    assert subprocess.run([sys.executable, *options, str(program)], capture_output=True, text=True, check=True).stderr == ""
    options = ["-W", "error::DeprecationWarning"]
    failed = subprocess.run([sys.executable, *options, str(program)], capture_output=True, text=True, check=False)
    assert failed.returncode != 0 and "program.py" in failed.stderr


def test_every_class_of_the_table_exists():
    for class_name, members in _deprecations._TABLE.items():
        for name in members:
            assert hasattr(getattr(trt, class_name), name), f"{class_name}.{name}"
