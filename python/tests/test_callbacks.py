"""Classes that Python overrides: what they raise is reported, and a forgotten base __init__ is a TypeError."""

import sys

import pytest
import rondo as trt


def test_logger_that_raises_is_reported(unraisable):
    class Broken(trt.ILogger):
        def __init__(self):
            trt.ILogger.__init__(self)

        def log(self, severity, msg):
            raise ValueError("no paper")

    builder = trt.Builder(Broken())
    assert builder.build_serialized_network(builder.create_network(), builder.create_builder_config()) is None
    assert any("no paper" in str(error) for error in unraisable)


OVERRIDABLE = (
    "ILogger", "IProfiler", "IErrorRecorder", "IProgressMonitor", "IOutputAllocator", "IGpuAllocator", "IGpuAsyncAllocator",
    "IStreamReader", "IStreamReaderV2", "IStreamWriter", "IDebugListener", "IAlgorithmSelector", "IInt8Calibrator",
    "IInt8EntropyCalibrator", "IInt8EntropyCalibrator2", "IInt8MinMaxCalibrator", "IInt8LegacyCalibrator",
)  # fmt: skip


@pytest.mark.filterwarnings("ignore:nanobind. attempted to access an uninitialized:RuntimeWarning")
@pytest.mark.parametrize("name", OVERRIDABLE)
def test_forgotten_init_is_a_type_error(name, bound, logger):
    """Wherever the object is handed over; the handing over is what TensorRT refuses too."""

    class Forgetful(getattr(trt, name)):
        def __init__(self):
            pass

    context = bound[0]
    builder = trt.Builder(logger)
    config, network = builder.create_builder_config(), builder.create_network()
    hand_over = {
        "ILogger": trt.Builder,
        "IProfiler": lambda it: setattr(context, "profiler", it),
        "IErrorRecorder": lambda it: setattr(builder, "error_recorder", it),
        "IProgressMonitor": lambda it: setattr(config, "progress_monitor", it),
        "IOutputAllocator": lambda it: context.set_output_allocator("y", it),
        "IGpuAllocator": lambda it: setattr(builder, "gpu_allocator", it),
        "IGpuAsyncAllocator": lambda it: setattr(context, "temporary_allocator", it),
        "IStreamReader": trt.Runtime(logger).deserialize_cuda_engine,
        "IStreamReaderV2": trt.Runtime(logger).deserialize_cuda_engine,
        "IStreamWriter": lambda it: builder.build_serialized_network_to_stream(network, config, it),
        "IDebugListener": context.set_debug_listener,
        "IAlgorithmSelector": lambda it: setattr(config, "algorithm_selector", it),
    }.get(name, lambda it: setattr(config, "int8_calibrator", it))
    with pytest.raises(TypeError):
        hand_over(Forgetful())


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
            size = min(size, 1000)
            piece, self.data = self.data[:size], self.data[size:]
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


def test_progress_monitor_cancels(logger):
    class Monitor(trt.IProgressMonitor):
        def __init__(self, steps):
            trt.IProgressMonitor.__init__(self)
            self.left, self.seen, self.total = steps, [], 0

        def phase_start(self, phase_name, parent_phase, num_steps):
            self.total = num_steps

        def step_complete(self, phase_name, step):
            self.seen.append(step)
            self.left -= 1
            return self.left > 0

        def phase_finish(self, phase_name):
            pass

    builder = trt.Builder(logger)
    network = builder.create_network()
    network.mark_output(network.add_identity(network.add_input("x", trt.float32, (1,))).get_output(0))
    config = builder.create_builder_config()
    config.progress_monitor = Monitor(3)
    assert builder.build_serialized_network(network, config) is None
    assert "progress monitor cancelled" in logger.errors()[-1] and config.progress_monitor.seen == [0, 1, 2]
    config.progress_monitor = Monitor(1000)
    assert builder.build_serialized_network(network, config) is not None
    assert config.progress_monitor.seen == list(range(config.progress_monitor.total))


def test_progress_monitor_that_raises_cancels_and_is_reported(logger, unraisable):
    class Monitor(trt.IProgressMonitor):
        def __init__(self):
            trt.IProgressMonitor.__init__(self)

        def phase_start(self, phase_name, parent_phase, num_steps):
            pass

        def step_complete(self, phase_name, step):
            raise ValueError("no display")

        def phase_finish(self, phase_name):
            pass

    builder = trt.Builder(logger)
    network = builder.create_network()
    network.mark_output(network.add_identity(network.add_input("x", trt.float32, (1,))).get_output(0))
    config = builder.create_builder_config()
    config.progress_monitor = Monitor()
    assert builder.build_serialized_network(network, config) is None
    assert any("no display" in str(error) for error in unraisable)


def test_error_recorder_that_raises_is_reported(logger, unraisable):
    class Recorder(trt.IErrorRecorder):
        def __init__(self):
            trt.IErrorRecorder.__init__(self)

        def report_error(self, code, desc):
            raise ValueError("no paper")

    builder = trt.Builder(logger)
    recorder = Recorder()
    builder.error_recorder = recorder
    assert builder.build_serialized_network(builder.create_network(), builder.create_builder_config()) is None
    assert any("no paper" in str(error) for error in unraisable) and logger.errors()


class ReaderV2(trt.IStreamReaderV2):
    def __init__(self, data):
        trt.IStreamReaderV2.__init__(self)
        self.data, self.at = data, 0

    def read(self, num_bytes, stream):
        piece = self.data[self.at : self.at + num_bytes]
        self.at += len(piece)
        return piece

    def seek(self, offset, where):
        starts = {trt.SeekPosition.SET: 0, trt.SeekPosition.CUR: self.at, trt.SeekPosition.END: len(self.data)}
        self.at = starts[where] + offset
        return 0 <= self.at <= len(self.data)


def test_plan_through_a_seeking_stream(relu, logger, unraisable):
    assert trt.Runtime(logger).deserialize_cuda_engine(ReaderV2(bytes(relu.serialize()))).num_io_tensors == 2
    broken = ReaderV2(None)
    assert trt.Runtime(logger).deserialize_cuda_engine(broken) is None and logger.errors() and unraisable


def test_writer_that_raises_is_reported(logger, unraisable):
    class Writer(trt.IStreamWriter):
        def __init__(self):
            trt.IStreamWriter.__init__(self)

        def write(self, data):
            raise OSError("the disk is full")

    builder = trt.Builder(logger)
    network = builder.create_network()
    network.mark_output(network.add_identity(network.add_input("x", trt.float32, (1,))).get_output(0))
    assert not builder.build_serialized_network_to_stream(network, builder.create_builder_config(), Writer())
    assert any("disk is full" in str(error) for error in unraisable) and logger.errors()


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
