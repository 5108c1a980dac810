"""What engines take and fill: numpy, DLPack, __cuda_array_interface__, buffers."""

import array
import ctypes
import mmap

import numpy as np
import pytest
import rondo

X = np.arange(6, dtype=np.float32).reshape(2, 3) - 2
Y = np.maximum(X, 0)


@pytest.fixture(scope="module")
def engine():
    builder = rondo.Builder(rondo.Logger(rondo.Logger.INTERNAL_ERROR))
    network = builder.create_network()
    y = network.add_activation(network.add_input("x", rondo.float32, (2, 3)), rondo.ActivationType.RELU).get_output(0)
    y.name = "y"
    network.mark_output(y)
    return rondo.build(network)


class Dlpack:
    """An array of another library: DLPack and nothing else."""

    def __init__(self, held):
        self.held = held

    def __dlpack__(self, **kwargs):
        return self.held.__dlpack__(**kwargs)

    def __dlpack_device__(self):
        return self.held.__dlpack_device__()


class Cuda:
    """An array that says where it is by __cuda_array_interface__, as those of PyCUDA, CuPy and Numba do."""

    def __init__(self, held, **more):
        self.held, self.more = held, more

    @property
    def __cuda_array_interface__(self):
        held = self.held
        strides = None if held.flags.c_contiguous else held.strides
        return {
            "shape": held.shape, "typestr": held.dtype.str, "data": (held.ctypes.data, False), "version": 3, "strides": strides,
        } | self.more  # fmt: skip


def mapped():
    memory = mmap.mmap(-1, X.nbytes)
    memory.write(X.tobytes())
    return memory


@pytest.mark.parametrize("make", [
    lambda: X, lambda: Dlpack(X), lambda: Cuda(X), lambda: Cuda(np.asfortranarray(X)), lambda: memoryview(X), lambda: X.tobytes(),
    lambda: bytearray(X.tobytes()), lambda: X.tolist() and X.astype(np.float32), lambda: array.array("f", X.ravel()),
    lambda: ((ctypes.c_float * 3) * 2).from_buffer_copy(X.tobytes()), mapped,
])  # fmt: skip
def test_inputs(engine, make):
    value = make()
    if isinstance(value, array.array):
        value = memoryview(value).cast("B").cast("f", (2, 3))
    assert np.array_equal(engine(value)["y"], Y)


@pytest.mark.parametrize("wrap", [
    lambda a: a, Dlpack, Cuda, memoryview, lambda a: (ctypes.c_uint8 * a.nbytes).from_address(a.ctypes.data),
])  # fmt: skip
def test_outputs_are_filled_in_place(engine, wrap):
    memory = np.full((2, 3), 9, np.float32)
    try:
        result = engine.into({"y": wrap(memory)}, X)
    except (ValueError, BufferError) as error:
        if wrap is Dlpack:
            pytest.skip(f"this numpy imports DLPack read-only: {error}")
        raise
    assert np.array_equal(memory, Y) and np.array_equal(result["y"], Y)


def test_results_go_to_other_libraries(engine):
    y = engine(X)["y"]
    assert np.array_equal(np.from_dlpack(y), Y) and memoryview(y).shape == (2, 3)


def test_mistakes_name_the_tensor(engine):
    with pytest.raises(ValueError, match=r"output 'y' is float32\[2, 3\], the array given for it float32\[3, 3\]"):
        engine.into({"y": np.zeros((3, 3), np.float32)}, X)
    with pytest.raises(ValueError, match="not writable and C-contiguous"):
        engine.into({"y": np.asfortranarray(np.zeros((2, 3), np.float32))}, X)
    with pytest.raises(TypeError, match="no output 'z'"):
        engine.into({"z": X}, X)
    with pytest.raises(TypeError, match="holds no memory to write to"):
        engine.into({"y": 3.0}, X)
    with pytest.raises(TypeError, match="'x' has a mask"):
        engine(Cuda(X, mask=Cuda(X)))
    with pytest.raises(TypeError, match="input 'x' is uint8"):
        engine(X.tobytes()[:-4])


def test_device_memory_is_copied(engine, monkeypatch):
    class Driver:
        def is_device_memory(self, address):
            return address == 0x7F0000001000

        def wait(self, stream):
            assert stream == 5

        def to_host(self, host, device, size):
            ctypes.memmove(host, X.ctypes.data, size)

    monkeypatch.setattr("rondo._arrays._driver", Driver)
    there = Cuda(X, data=(0x7F0000001000, False), stream=5)
    assert np.array_equal(engine(there)["y"], Y)
    with pytest.raises(TypeError, match="output 'y' is in device memory"):
        engine.into({"y": there}, X)
