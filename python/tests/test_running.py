"""Engines and contexts from Python: both generations of names, threads, memory, speed of a call."""

import gc
import mmap
import os
import pathlib
import sys
import tempfile
import threading
import time

import numpy as np
import pytest
import rondo as trt
from conftest import build_relu


@pytest.mark.parametrize("form", [str, os.fsencode, pathlib.Path])
def test_engine_of_a_file(relu, logger, tmp_path, form):
    path = tmp_path / "relu.plan"
    path.write_bytes(relu.serialize())
    runtime = trt.Runtime(logger)
    engine = runtime.deserialize_cuda_engine_from_file(form(path))
    path.unlink()
    assert bytes(engine.serialize()) == bytes(relu.serialize())
    assert runtime.deserialize_cuda_engine_from_file(form(path)) is None
    assert any("relu.plan' cannot be opened" in error for error in logger.errors())
    with pytest.raises(TypeError):
        runtime.deserialize_cuda_engine_from_file(3)


def test_generations_side_by_side(relu):
    assert list(relu) == ["x", "y"] and len(relu) == 2 and relu[0] == "x" and relu["y"] == 1
    assert relu.num_io_tensors == relu.num_bindings == 2
    assert relu.get_tensor_mode("x") == trt.TensorIOMode.INPUT and relu.binding_is_input("x") and not relu.binding_is_input(1)
    assert relu.get_tensor_shape("x") == relu.get_binding_shape(0) == (2, 3)
    assert relu.get_tensor_dtype("y") == relu.get_binding_dtype("y") == trt.float32
    with pytest.raises(IndexError):
        relu.get_binding_shape(2)


def test_three_ways_to_run(bound):
    context, x, y = bound
    for step, run in enumerate((
        lambda: context.execute_async_v3(0),
        lambda: context.execute_v2([x.ctypes.data, y.ctypes.data]),
        lambda: context.execute_async_v2(bindings=[x.ctypes.data, y.ctypes.data], stream_handle=0),
    )):
        x[:] = np.random.default_rng(step).standard_normal((2, 3))
        assert run() and np.array_equal(y, np.maximum(x, 0))


@pytest.mark.parametrize("form", [bytes, bytearray, memoryview, lambda plan: plan])
def test_plan_in_any_buffer(relu, logger, form):
    engine = trt.Runtime(logger).deserialize_cuda_engine(form(relu.serialize()))
    assert engine is not None and len(engine) == 2


def test_plan_in_a_mapped_file(relu, logger):
    with tempfile.TemporaryFile() as f:
        f.write(relu.serialize())
        f.flush()
        with mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            assert trt.Runtime(logger).deserialize_cuda_engine(mapped) is not None


def test_damaged_plan_gives_none(relu, logger):
    plan = bytearray(relu.serialize())
    plan[len(plan) // 2] ^= 1
    assert trt.Runtime(logger).deserialize_cuda_engine(plan) is None and logger.errors()


def test_order_of_deletion_does_not_matter(logger):
    engine = build_relu(logger)
    context = engine.create_execution_context()
    del engine
    gc.collect()
    x, y = np.array([[-1, 2, -3], [4, -5, 6]], np.float32), np.zeros((2, 3), np.float32)
    assert context.execute_v2([x.ctypes.data, y.ctypes.data]) and y[0, 1] == 2
    assert context.engine.num_io_tensors == 2


def test_dynamic_shapes(logger):
    engine = build_relu(logger, (-1, 3), ((1, 3), (2, 3), (4, 3)))
    context = engine.create_execution_context()
    assert context.infer_shapes() == ["x"] and not context.all_binding_shapes_specified
    assert not context.set_input_shape("x", (5, 3)) and logger.errors()
    assert context.set_input_shape("x", (4, 3)) and context.get_tensor_shape("y") == (4, 3)
    assert context.infer_shapes() == [] and context.all_binding_shapes_specified
    assert engine.get_tensor_profile_shape("x", 0) == [(1, 3), (2, 3), (4, 3)]


def test_two_contexts_in_two_threads(logger):
    engine = build_relu(logger, (64, 64))
    wrong = []

    def work(seed):
        context = engine.create_execution_context()
        x = np.random.default_rng(seed).standard_normal((64, 64)).astype(np.float32)
        y = np.zeros_like(x)
        for _ in range(200):
            y[:] = 0
            if not context.execute_v2([x.ctypes.data, y.ctypes.data]) or not np.array_equal(y, np.maximum(x, 0)):
                wrong.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def resident_bytes():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_memory_is_flat(logger):
    def once():
        engine = build_relu(logger)
        context = engine.create_execution_context()
        x, y = np.zeros((2, 3), np.float32), np.zeros((2, 3), np.float32)
        assert context.execute_v2([x.ctypes.data, y.ctypes.data])
        logger.messages.clear()

    for _ in range(20):
        once()
    gc.collect()
    before = resident_bytes()
    for _ in range(200):
        once()
    gc.collect()
    assert resident_bytes() - before < 8 << 20


def test_one_context_in_two_threads_is_refused(bound, logger):
    context, x, _ = bound
    answers = []

    class Allocator(trt.IOutputAllocator):
        """Asks, in the middle of a run, for another one from another thread."""

        def __init__(self):
            trt.IOutputAllocator.__init__(self)
            self.memory = np.zeros(4096, np.uint8)

        def reallocate_output(self, tensor_name, memory, size, alignment):
            other = threading.Thread(target=lambda: answers.append(context.execute_async_v3(0)))
            other.start()
            other.join()
            return self.memory.ctypes.data + -self.memory.ctypes.data % alignment

        def notify_shape(self, tensor_name, shape):
            pass

    allocator = Allocator()
    assert context.set_output_allocator("y", allocator) and context.execute_async_v3(0)
    assert answers == [False] and "in use by another thread" in logger.errors()[-1]
    assert context.set_output_allocator("y", None) and context.execute_async_v3(0)


def test_runs_release_the_gil(logger):
    builder = trt.Builder(logger)
    network = builder.create_network()
    x = network.add_input("x", trt.float32, (1024, 1024))
    y, none = x, trt.MatrixOperation.NONE
    for _ in range(6):
        y = network.add_matrix_multiply(y, none, x, none).get_output(0)
    network.mark_output(y)
    plan = builder.build_serialized_network(network, builder.create_builder_config())
    context = trt.Runtime(logger).deserialize_cuda_engine(plan).create_execution_context()
    arrays = np.zeros((2, 1024, 1024), np.float32)
    state = {"running": False, "seen": 0}

    def work():
        state["running"] = True
        state["done"] = context.execute_v2([arrays[0].ctypes.data, arrays[1].ctypes.data])
        state["running"] = False

    interval = sys.getswitchinterval()
    thread = threading.Thread(target=work)
    try:
        sys.setswitchinterval(60)  # no thread gives way by itself: this one is awake during the run only if the run lets go
        thread.start()
        while thread.is_alive():
            state["seen"] += state["running"]
            time.sleep(0.001)
    finally:
        sys.setswitchinterval(interval)
        thread.join()
    assert state["done"] and state["seen"] > 0
