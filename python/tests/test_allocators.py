"""Allocators written in Python: of temporary memory and of outputs."""

import gc

import numpy as np
import pytest
import rondo as trt
from conftest import build_relu


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


class Blocks(trt.IGpuAllocator):
    def __init__(self):
        trt.IGpuAllocator.__init__(self)
        self.blocks, self.most = {}, 0

    def allocate(self, size, alignment, flags):
        block = np.empty(size + alignment, np.uint8)
        address = block.ctypes.data + -block.ctypes.data % max(alignment, 1)
        self.blocks[address] = block
        self.most = max(self.most, len(self.blocks))
        return address

    def deallocate(self, memory):
        return self.blocks.pop(memory, None) is not None


class AsyncBlocks(trt.IGpuAsyncAllocator):
    """Overrides the newer names only."""

    def __init__(self):
        trt.IGpuAsyncAllocator.__init__(self)
        self.inner = Blocks()

    def allocate_async(self, size, alignment, flags, stream):
        return self.inner.allocate(size, alignment, flags)

    def deallocate_async(self, memory, stream):
        return self.inner.deallocate(memory)


def build_found(logger):
    """|x| and where x is not zero, as float: the size of the second is known only when it has run."""
    builder = trt.Builder(logger)
    network = builder.create_network()
    x = network.add_input("x", trt.float32, (64, 64))
    found = network.add_non_zero(network.add_softmax(x).get_output(0)).get_output(0)
    for tensor, name in ((found, "found"), (network.add_softmax(x).get_output(0), "y")):
        tensor.name = name
        network.mark_output(tensor)
    plan = builder.build_serialized_network(network, builder.create_builder_config())
    assert plan is not None, logger.errors()
    return bytes(plan)


@pytest.mark.parametrize("kind", [Blocks, AsyncBlocks])
def test_gpu_allocator_of_the_runtime_gives_all_temporary_memory(logger, kind):
    allocator = kind()
    blocks = allocator if kind is Blocks else allocator.inner
    runtime = trt.Runtime(logger)
    runtime.gpu_allocator = allocator
    engine = runtime.deserialize_cuda_engine(build_found(logger))
    context = engine.create_execution_context()
    assert blocks.most > 0
    del context
    gc.collect()
    assert not blocks.blocks


def test_temporary_allocator_serves_what_only_the_run_tells(logger):
    engine = trt.Runtime(logger).deserialize_cuda_engine(build_found(logger))
    context = engine.create_execution_context()
    blocks = Blocks()
    context.temporary_allocator = blocks
    assert context.temporary_allocator is blocks
    x, y = np.zeros((64, 64), np.float32), np.zeros((64, 64), np.float32)
    found = np.zeros(max(context.get_max_output_size("found"), 1), np.uint8)
    for name, array in (("x", x), ("y", y), ("found", found)):
        context.set_tensor_address(name, array.ctypes.data)
    assert context.execute_async_v3(0), logger.errors()
    context.temporary_allocator = None
    assert not blocks.blocks


def test_gpu_allocator_that_raises_is_reported(logger, unraisable):
    class Broken(trt.IGpuAllocator):
        def __init__(self):
            trt.IGpuAllocator.__init__(self)

        def allocate(self, size, alignment, flags):
            raise MemoryError("nothing left")

    runtime = trt.Runtime(logger)
    runtime.gpu_allocator = Broken()
    assert runtime.deserialize_cuda_engine(build_found(logger)).create_execution_context() is None
    assert any("nothing left" in str(error) for error in unraisable) and logger.errors()


def test_output_allocator_that_raises_is_reported(bound, logger, unraisable):
    class Broken(trt.IOutputAllocator):
        def __init__(self):
            trt.IOutputAllocator.__init__(self)

        def reallocate_output(self, tensor_name, memory, size, alignment):
            raise MemoryError("nothing left")

        def notify_shape(self, tensor_name, shape):
            pass

    context = bound[0]
    allocator = Broken()
    assert context.set_output_allocator("y", allocator) and not context.execute_async_v3(0)
    assert any("nothing left" in str(error) for error in unraisable) and "gave no memory" in logger.errors()[-1]
