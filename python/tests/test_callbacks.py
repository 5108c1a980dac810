"""Classes that Python overrides: what they raise is reported, and a forgotten base __init__ is a TypeError."""

import sys

import numpy as np
import pytest
import rondo as trt
from conftest import build_relu


@pytest.fixture
def unraisable(monkeypatch):
    seen = []
    monkeypatch.setattr(sys, "unraisablehook", lambda args: seen.append(args.exc_value))
    return seen


def test_logger_that_raises_is_reported(unraisable):
    class Broken(trt.ILogger):
        def __init__(self):
            trt.ILogger.__init__(self)

        def log(self, severity, msg):
            raise ValueError("no paper")

    builder = trt.Builder(Broken())
    assert builder.build_serialized_network(builder.create_network(), builder.create_builder_config()) is None
    assert any("no paper" in str(error) for error in unraisable)


def test_forgotten_init_is_a_type_error():
    class Forgetful(trt.ILogger):
        def __init__(self):
            pass

        def log(self, severity, msg):
            pass

    with pytest.raises(TypeError):
        trt.Builder(Forgetful())


def test_profiler(bound):
    class Times(trt.IProfiler):
        def __init__(self):
            trt.IProfiler.__init__(self)
            self.layers = []

        def report_layer_time(self, layer_name, ms):
            self.layers.append((layer_name, ms))

    context, _, _ = bound
    times = Times()
    context.profiler = times
    assert context.execute_async_v3(0)
    assert times.layers and all(ms >= 0 for _, ms in times.layers)
    assert context.profiler is times


def test_error_recorder(logger):
    class Recorder(trt.IErrorRecorder):
        def __init__(self):
            trt.IErrorRecorder.__init__(self)
            self.errors = []

        def get_num_errors(self):
            return len(self.errors)

        def get_error_code(self, index):
            return self.errors[index][0]

        def get_error_desc(self, index):
            return self.errors[index][1]

        def has_overflowed(self):
            return False

        def clear(self):
            self.errors.clear()

        def report_error(self, code, desc):
            self.errors.append((code, desc))
            return False

    builder = trt.Builder(logger)
    recorder = Recorder()
    builder.error_recorder = recorder
    assert builder.build_serialized_network(builder.create_network(), builder.create_builder_config()) is None
    assert recorder.errors


def test_progress_monitor(logger):
    class Monitor(trt.IProgressMonitor):
        def __init__(self):
            trt.IProgressMonitor.__init__(self)
            self.phases = []

        def phase_start(self, phase_name, parent_phase, num_steps):
            self.phases.append(phase_name)

        def step_complete(self, phase_name, step):
            return True

        def phase_finish(self, phase_name):
            self.phases.remove(phase_name)

    builder = trt.Builder(logger)
    network = builder.create_network()
    network.mark_output(network.add_identity(network.add_input("x", trt.float32, (1,))).get_output(0))
    config = builder.create_builder_config()
    monitor = Monitor()
    config.progress_monitor = monitor
    assert builder.build_serialized_network(network, config) is not None
    assert monitor.phases == []


def test_output_allocator(logger):
    engine = build_relu(logger)

    class Allocator(trt.IOutputAllocator):
        def __init__(self):
            trt.IOutputAllocator.__init__(self)
            self.shape = None
            self.array = None

        def reallocate_output(self, tensor_name, memory, size, alignment):
            self.array = np.zeros(size + alignment, np.uint8)
            return self.array.ctypes.data + -self.array.ctypes.data % alignment

        def notify_shape(self, tensor_name, shape):
            self.shape = tuple(shape)

    context = engine.create_execution_context()
    x = np.array([[-1, 2, -3], [4, -5, 6]], np.float32)
    allocator = Allocator()
    context.set_tensor_address("x", x.ctypes.data)
    assert context.set_output_allocator("y", allocator)
    assert context.execute_async_v3(0)
    assert allocator.shape == (2, 3)
