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


def test_calibrators_are_kept_and_not_called(logger):
    class Calibrator(trt.IInt8EntropyCalibrator2):
        def __init__(self):
            trt.IInt8EntropyCalibrator2.__init__(self)

        def get_batch_size(self):
            raise AssertionError("called")

        def get_batch(self, names):
            raise AssertionError("called")

    builder = trt.Builder(logger)
    network = builder.create_network()
    network.mark_output(network.add_identity(network.add_input("x", trt.float32, (1,))).get_output(0))
    config = builder.create_builder_config()
    config.set_flag(trt.BuilderFlag.INT8)
    calibrator = Calibrator()
    config.int8_calibrator = calibrator
    assert config.int8_calibrator is calibrator
    assert calibrator.get_algorithm() == trt.CalibrationAlgoType.ENTROPY_CALIBRATION_2
    assert builder.build_serialized_network(network, config) is not None
    assert any("calibrator is not called" in message for _, message in logger.messages)


@pytest.mark.parametrize("name", ["IInt8Calibrator", "IInt8EntropyCalibrator", "IInt8MinMaxCalibrator", "IInt8LegacyCalibrator"])
def test_calibrators_want_their_methods(name):
    base = getattr(trt, name)

    class Empty(base):
        def __init__(self):
            base.__init__(self)

    with pytest.raises(NotImplementedError, match="Empty does not override get_batch_size"):
        Empty().get_batch_size()


def test_plans_through_streams(logger):
    class Writer(trt.IStreamWriter):
        def __init__(self):
            trt.IStreamWriter.__init__(self)
            self.data = b""

        def write(self, data):
            self.data += bytes(data)
            return len(data)

    class Reader(trt.IStreamReader):
        def __init__(self, data):
            trt.IStreamReader.__init__(self)
            self.data = data

        def read(self, size):
            piece, self.data = self.data[:1000][:size], self.data[1000:]
            return piece

    builder = trt.Builder(logger)
    network = builder.create_network()
    network.mark_output(network.add_identity(network.add_input("x", trt.float32, (1,))).get_output(0))
    writer = Writer()
    assert builder.build_serialized_network_to_stream(network, builder.create_builder_config(), writer)
    assert trt.Runtime(logger).deserialize_cuda_engine(Reader(writer.data)).num_io_tensors == 2


def test_broken_reader_is_reported(logger, unraisable):
    class Reader(trt.IStreamReader):
        def __init__(self):
            trt.IStreamReader.__init__(self)

        def read(self, size):
            raise OSError("the disk is gone")

    assert trt.Runtime(logger).deserialize_cuda_engine(Reader()) is None
    assert any("disk is gone" in str(error) for error in unraisable) and logger.errors()


def test_gpu_allocator(relu):
    class Allocator(trt.IGpuAllocator):
        def __init__(self):
            trt.IGpuAllocator.__init__(self)
            self.blocks = {}

        def allocate(self, size, alignment, flags):
            block = np.empty(size + alignment, np.uint8)
            address = block.ctypes.data + -block.ctypes.data % max(alignment, 1)
            self.blocks[address] = block
            return address

        def deallocate(self, memory):
            return self.blocks.pop(memory, None) is not None

    allocator = Allocator()
    context = relu.create_execution_context()
    context.temporary_allocator = allocator
    assert context.temporary_allocator is allocator


def test_timing_cache(logger):
    config = trt.Builder(logger).create_builder_config()
    cache = config.create_timing_cache(b"")
    key = "0x" + "0123456789abcdef" * 2
    assert cache.update(key, trt.TimingCacheValue(7, 0.5)) and cache.queryKeys() == [key]
    again = config.create_timing_cache(bytes(cache.serialize()))
    assert again.query(key).tacticHash == 7 and again.query(key).timingMSec == 0.5
    assert config.set_timing_cache(again, ignore_mismatch=False) and config.get_timing_cache() is again
    assert config.create_timing_cache(b"not a cache") is None and "no timing cache" in logger.errors()[-1]


def test_refitter_says_why_not(relu, logger):
    with pytest.raises(RuntimeError, match="cannot be refitted"):
        trt.Refitter(relu, logger)
    assert "folded and packed" in logger.errors()[-1]
