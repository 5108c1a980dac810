"""INT8 calibrators written in Python: when they are called, what the cache holds, what goes wrong."""

import struct

import numpy as np
import pytest
import rondo as trt

RNG = np.random.default_rng(11)
BATCHES = [RNG.standard_normal((4, 16)).astype(np.float32) for _ in range(5)]
WEIGHTS = RNG.standard_normal((16, 8)).astype(np.float32)


def make(base):
    class Calibrator(base):
        def __init__(self, batches=BATCHES, cache=None):
            base.__init__(self)
            self.batches, self.cache, self.calls = list(batches), cache, []

        def get_batch_size(self):
            return 4

        def get_batch(self, names):
            assert names == ["x"]
            self.calls.append("batch")
            if not self.batches:
                return None
            self.held = self.batches.pop(0)
            return [self.held.ctypes.data]

        def read_calibration_cache(self):
            self.calls.append("read")
            return self.cache

        def write_calibration_cache(self, cache):
            self.calls.append("write")
            self.cache = bytes(cache)

        def get_algorithm(self):
            return trt.CalibrationAlgoType.ENTROPY_CALIBRATION_2

        def get_quantile(self):
            return 0.9999

        def get_regression_cutoff(self):
            return 1.0

    if base is not trt.IInt8Calibrator:
        del Calibrator.get_algorithm
    return Calibrator


BASES = {
    trt.IInt8Calibrator: "EntropyCalibration2",
    trt.IInt8EntropyCalibrator: "EntropyCalibration",
    trt.IInt8EntropyCalibrator2: "EntropyCalibration2",
    trt.IInt8MinMaxCalibrator: "MinMaxCalibration",
    trt.IInt8LegacyCalibrator: None,
}


def build(logger, calibrator):
    builder = trt.Builder(logger)
    network = builder.create_network()
    x = network.add_input("x", trt.float32, (4, 16))
    w = network.add_constant((16, 8), WEIGHTS).get_output(0)
    none = trt.MatrixOperation.NONE
    y = network.add_matrix_multiply(x, none, w, none).get_output(0)
    y.name = "y"
    network.mark_output(y)
    config = builder.create_builder_config()
    config.set_flag(trt.BuilderFlag.INT8)
    config.int8_calibrator = calibrator
    assert config.int8_calibrator is calibrator
    return builder.build_serialized_network(network, config)


def run(logger, plan, x):
    context = trt.Runtime(logger).deserialize_cuda_engine(plan).create_execution_context()
    y = np.zeros((4, 8), np.float32)
    assert context.execute_v2([x.ctypes.data, y.ctypes.data])
    return y


@pytest.mark.parametrize("base", BASES, ids=lambda b: b.__name__)
def test_network_is_calibrated(base, logger):
    calibrator = make(base)()
    plan = build(logger, calibrator)
    assert plan is not None, logger.errors()
    assert calibrator.calls == ["read", *["batch"] * 6, "write"]
    head, *lines = calibrator.cache.decode().splitlines()
    if BASES[base]:
        assert head.startswith("TRT-") and head.endswith("-" + BASES[base])
    else:
        assert head == "0 3ff0000000000000 3fefff2e48e8a71e"
    scales = {name: struct.unpack(">f", bytes.fromhex(bits))[0] for name, bits in (line.rsplit(": ", 1) for line in lines)}
    assert set(scales) == {"x", "y"}
    amax = max(np.abs(batch).max() for batch in BATCHES)
    assert scales["x"] <= amax / 127 * 1.001
    if base is trt.IInt8MinMaxCalibrator:
        assert scales["x"] == pytest.approx(amax / 127)
    exact, rounded = BATCHES[0] @ WEIGHTS, run(logger, plan, BATCHES[0])
    assert 0 < np.abs(rounded - exact).max() < 0.1 * np.abs(exact).max()

    again = make(base)(batches=[], cache=calibrator.cache)
    assert bytes(build(logger, again)) == bytes(plan) and again.calls == ["read"]


def test_rounding_is_that_of_the_scale(logger):
    calibrator = make(trt.IInt8MinMaxCalibrator)()
    plan = build(logger, calibrator)
    scale = np.float32(max(np.abs(batch).max() for batch in BATCHES) / 127)
    columns = np.abs(WEIGHTS).max(0) / np.float32(127)
    x = np.clip(np.rint(BATCHES[1] / scale), -128, 127) * scale
    w = np.rint(WEIGHTS / columns) * columns
    assert np.allclose(run(logger, plan, BATCHES[1]), x @ w, rtol=1e-5, atol=1e-5)


def mistake(method, body):
    base = trt.IInt8EntropyCalibrator2
    return type("Mistaken", (make(base),), {method: body})()


def fail(self, *args):
    raise OSError("the disk is gone")


@pytest.mark.parametrize("method", ["get_batch_size", "get_batch", "read_calibration_cache", "write_calibration_cache"])
def test_what_a_calibrator_raises_fails_the_build(logger, unraisable, method):
    assert build(logger, mistake(method, fail)) is None
    assert any("disk is gone" in str(error) for error in unraisable)
    assert f"{method}: the disk is gone" in logger.errors()[-1]


def test_wrong_number_of_addresses(logger, unraisable):
    assert build(logger, mistake("get_batch", lambda self, names: [0x1000, 0x2000])) is None
    assert "returned 2 addresses for 1 inputs" in logger.errors()[-1]


def test_no_batches(logger):
    assert build(logger, make(trt.IInt8EntropyCalibrator2)(batches=[])) is None
    assert "gave no batch" in logger.errors()[-1]


def test_broken_cache_is_told_and_made_again(logger):
    calibrator = make(trt.IInt8EntropyCalibrator2)(cache=b"TRT-8601-EntropyCalibration2\nx: what\n")
    assert build(logger, calibrator) is not None
    assert calibrator.calls[-1] == "write" and any("line 2" in message for _, message in logger.messages)


def test_flag_without_calibrator_says_so(logger):
    assert build(logger, None) is not None
    assert any("neither a calibrator nor dynamic ranges" in message for _, message in logger.messages)
