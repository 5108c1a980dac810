"""rondo.compat beside a real CUDA: which one is chosen, and how tensors get from the GPU to engines on the CPU and back."""

import ctypes
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import rondo as trt
from conftest import build_relu
from rondo.compat import driver_memory, modules, staging


class FakeDriver:
    """Device memory at addresses that nobody can read: the elements live beside them."""

    BASE = 0x7F0000000000

    def __init__(self):
        self.blocks, self.waited = {}, []

    def put(self, array):
        address = self.BASE + 0x10000 * len(self.blocks)
        self.blocks[address] = np.array(array)
        return address

    def is_device_memory(self, address):
        return address in self.blocks

    def wait(self, stream):
        self.waited.append(stream)

    def to_host(self, host, device, size):
        ctypes.memmove(host, self.blocks[device].ctypes.data, size)

    def to_device(self, device, host, size):
        ctypes.memmove(self.blocks[device].ctypes.data, host, size)


HOOKED = ("set_tensor_address", "get_tensor_address", "execute_v2", "execute_async_v2", "execute_async_v3", "set_output_allocator",
          "device_memory", "set_device_memory")  # fmt: skip


@pytest.fixture
def gpu():
    """A GPU, and contexts that are staged."""
    driver = FakeDriver()
    members = {name: getattr(trt.IExecutionContext, name) for name in HOOKED}
    allocators = {owner: owner.gpu_allocator for owner in (trt.Builder, trt.Runtime)}
    staging.install(driver)
    yield driver
    for name, member in members.items():
        setattr(trt.IExecutionContext, name, member)
    for owner, member in allocators.items():
        owner.gpu_allocator = member


X = np.array([[-1, 2, -3], [4, -5, 6]], np.float32)


def test_every_way_to_run_copies(relu, gpu):
    context = relu.create_execution_context()
    x, y = gpu.put(X), gpu.put(np.zeros_like(X))
    context.set_tensor_address("x", x)
    context.set_tensor_address("y", y)
    assert context.get_tensor_address("x") == x
    for run in (
        lambda: context.execute_async_v3(7),
        lambda: context.execute_v2([x, y]),
        lambda: context.execute_async_v2(bindings=[x, y], stream_handle=9),
    ):
        gpu.blocks[y][:] = 0
        assert run() and np.array_equal(gpu.blocks[y], np.maximum(X, 0))
    assert gpu.waited == [7, 0, 9]
    assert context.get_tensor_address("y") == y


def test_host_and_device_may_be_mixed(relu, gpu):
    context = relu.create_execution_context()
    y = np.zeros_like(X)
    assert context.execute_v2([gpu.put(X), y.ctypes.data]) and np.array_equal(y, np.maximum(X, 0))
    assert context.execute_v2([X.ctypes.data, y.ctypes.data])


def test_shapes_may_grow(logger, gpu):
    engine = build_relu(logger, (-1, 3), ((1, 3), (2, 3), (4096, 3)))
    context = engine.create_execution_context()
    for rows in (2, 4096, 1):
        values = np.linspace(-1, 1, rows * 3, dtype=np.float32).reshape(rows, 3)
        y = gpu.put(np.zeros_like(values))
        context.set_tensor_address("x", gpu.put(values))
        context.set_tensor_address("y", y)
        context.set_input_shape("x", values.shape)
        assert context.execute_async_v3(0) and np.array_equal(gpu.blocks[y], np.maximum(values, 0))


def test_output_allocators_may_give_device_memory(relu, gpu):
    class Allocator(trt.IOutputAllocator):
        def __init__(self):
            trt.IOutputAllocator.__init__(self)

        def reallocate_output(self, tensor_name, memory, size, alignment):
            self.address = gpu.put(np.zeros(size // 4, np.float32))
            return self.address

        def notify_shape(self, tensor_name, shape):
            self.shape = tuple(shape)

    context = relu.create_execution_context()
    allocator = Allocator()
    context.set_tensor_address("x", gpu.put(X))
    assert context.set_output_allocator("y", allocator) and context.execute_async_v3(0)
    assert allocator.shape == (2, 3)
    assert np.array_equal(gpu.blocks[allocator.address].reshape(2, 3), np.maximum(X, 0))


def test_allocators_of_the_gpu_are_not_asked(logger, gpu):
    with pytest.warns(UserWarning, match="gpu_allocator is not asked"):
        trt.Runtime(logger).gpu_allocator = trt.IGpuAllocator()


def test_choice(monkeypatch):
    monkeypatch.setattr(modules, "_real_driver", lambda: "driver")
    monkeypatch.setattr(modules, "_has_real_modules", lambda: True)
    assert modules._choose_driver("auto") == modules._choose_driver("real") == "driver"
    assert modules._choose_driver("host") is None
    monkeypatch.setattr(modules, "_has_real_modules", lambda: False)
    assert modules._choose_driver("auto") is None
    monkeypatch.setattr(modules, "_real_driver", lambda: None)
    assert modules._choose_driver("auto") is None
    with pytest.raises(RuntimeError, match="no CUDA driver"):
        modules._choose_driver("real")
    with pytest.raises(ValueError, match="known are"):
        modules._choose_driver("some")


def test_real_driver():
    """Only where there is a GPU: memory of the device is told from the host's, and copies arrive."""
    driver = modules._real_driver()
    if driver is None:
        pytest.skip("this machine has no CUDA driver with a device")
    host = np.arange(8, dtype=np.float32)
    device = ctypes.c_uint64()
    driver.wait(0)
    driver._call("cuMemAlloc_v2", ctypes.byref(device), ctypes.c_size_t(32))
    assert driver.is_device_memory(device.value) and not driver.is_device_memory(host.ctypes.data)
    driver.to_device(device.value, host.ctypes.data, 32)
    back = np.zeros_like(host)
    thread = threading.Thread(target=driver.to_host, args=(back.ctypes.data, device.value, 32))
    thread.start()
    thread.join()
    assert np.array_equal(back, host)
    driver._call("cuMemFree_v2", device)


def test_missing_driver_is_told():
    with pytest.raises(OSError):
        driver_memory.Driver("libno_such_driver.so.1")


CTYPES_PROGRAM = """
import ctypes
import ctypes.util
import numpy as np
import tensorrt as trt

cudart = ctypes.CDLL(ctypes.util.find_library("cudart") or "libcudart.so")
also = ctypes.CDLL("libcudart.so.12")
cudart.cudaGetErrorString.restype = ctypes.c_char_p

def check(status):
    assert status == 0, cudart.cudaGetErrorString(status)

x, y = np.arange(-3, 3, dtype=np.float32), np.zeros(6, np.float32)
device, result, stream = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
check(cudart.cudaStreamCreate(ctypes.byref(stream)))
for block in (device, result):
    check(cudart.cudaMalloc(ctypes.byref(block), ctypes.c_size_t(x.nbytes)))
host_to_device, device_to_host = ctypes.c_int(1), ctypes.c_int(2)
check(cudart.cudaMemcpyAsync(device, ctypes.c_void_p(x.ctypes.data), ctypes.c_size_t(x.nbytes), host_to_device, stream))

builder = trt.Builder(trt.Logger(trt.Logger.ERROR))
network = builder.create_network(0)
relu = network.add_activation(network.add_input("x", trt.float32, (6,)), trt.ActivationType.RELU)
network.mark_output(relu.get_output(0))
plan = builder.build_serialized_network(network, builder.create_builder_config())
context = trt.Runtime(trt.Logger(trt.Logger.ERROR)).deserialize_cuda_engine(plan).create_execution_context()
assert context.execute_v2([device.value, result.value])
check(also.cudaMemcpyAsync(ctypes.c_void_p(y.ctypes.data), result, ctypes.c_size_t(y.nbytes), device_to_host, stream))
check(cudart.cudaStreamSynchronize(stream))
check(cudart.cudaStreamDestroy(stream))
for block in (device, result):
    check(cudart.cudaFree(block))
assert np.array_equal(y, np.maximum(x, 0)), y
print("passed")
"""


def test_programs_that_open_libcudart_by_ctypes(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(CTYPES_PROGRAM)
    command = [sys.executable, "-m", "rondo.compat", "--cuda", "host", "--ctypes-cudart", str(program)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0 and "passed" in result.stdout, result.stdout + result.stderr


@pytest.mark.parametrize("name", ["p01_identity", "p08_lstm_loop", "p09_broadcast", "p13_profiles"])
def test_programs_on_a_real_gpu(name):
    if modules._real_driver() is None or not modules._has_real_modules():
        pytest.skip("this machine has no CUDA device, or neither cuda-python nor PyCUDA")
    program = Path(__file__).parent / "programs" / f"{name}.py"
    command = [sys.executable, "-m", "rondo.compat", "--cuda", "real", str(program)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0 and "passed" in result.stdout, result.stdout + result.stderr
    assert "engines run on the CPU" in result.stderr
