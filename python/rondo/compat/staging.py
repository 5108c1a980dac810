"""Engines on the CPU for programs whose tensors are in the memory of a real GPU.

On a machine with CUDA the program's own `cuda` or `pycuda` modules stay, and its addresses are the device's. Before a run, inputs that
lie there are copied to the host; after it, outputs are copied back. Runs become synchronous with their stream. Addresses that the
program asks for are those it has set.
"""

import math
import warnings
import weakref

import numpy as np
import rondo

from .memory import address_of

_ALIGNMENT = 256


class _Block:
    """Host memory in place of a tensor."""

    def __init__(self):
        self._memory = np.empty(0, np.uint8)

    def room_for(self, size):
        if self._memory.nbytes < size + _ALIGNMENT:
            self._memory = np.empty(size + _ALIGNMENT, np.uint8)
        address = self._memory.ctypes.data
        return address + -address % _ALIGNMENT


class _Allocator(rondo.IOutputAllocator):
    """Asks the program's allocator, and has the engine write to the host where the answer is the device's."""

    def __init__(self, driver, inner):
        rondo.IOutputAllocator.__init__(self)
        self._driver, self._inner, self._block = driver, inner, _Block()
        self._device, self._bytes = 0, 0

    def reallocate_output_async(self, tensor_name, memory, size, alignment, stream):
        memory = self._device or memory
        if type(self._inner).reallocate_output_async is not rondo.IOutputAllocator.reallocate_output_async:
            address = self._inner.reallocate_output_async(tensor_name, memory, size, alignment, stream)
        else:
            address = self._inner.reallocate_output(tensor_name, memory, size, alignment)
        self._device, self._bytes = 0, size
        if not address or not self._driver.is_device_memory(address_of(address)):
            return address
        self._device = address_of(address)
        return self._block.room_for(size)

    def notify_shape(self, tensor_name, shape):
        self._inner.notify_shape(tensor_name, shape)

    def deliver(self, context, name):
        if self._device:
            size = min(_size(context, name), self._bytes)
            self._driver.to_device(self._device, self._block.room_for(size), size)


def _size(context, name):
    """Bytes of a tensor in its present shape; None while that is not known."""
    shape = tuple(context.get_tensor_shape(name))
    if any(extent < 0 for extent in shape):
        return None
    return math.ceil(math.prod(shape) * context.engine.get_tensor_dtype(name).itemsize)


class Stage:
    """What one context has on the device: addresses by tensor name, host blocks, allocators."""

    def __init__(self, driver):
        self.driver = driver
        self.device = {}
        self.blocks = {}
        self.allocators = {}

    def take(self, context, name, address):
        """Remembers an address of the device and gives the host's in its place; None where it is the host's itself."""
        self.device.pop(name, None)
        if not address or not self.driver.is_device_memory(address):
            return None
        self.device[name] = address
        size = _size(context, name)
        return self.blocks.setdefault(name, _Block()).room_for(size if size is not None else 0)

    def before(self, context, stream, set_address):
        """Inputs to the host."""
        self.driver.wait(stream)
        for name, address in self.device.items():
            size = _size(context, name)
            if size is None:
                size = max(context.get_max_output_size(name), 0)
            host = self.blocks.setdefault(name, _Block()).room_for(size)
            set_address(context, name, host)
            if context.engine.get_tensor_mode(name) == rondo.TensorIOMode.INPUT:
                self.driver.to_host(host, address, size)

    def after(self, context):
        """Outputs to the device."""
        for name, address in self.device.items():
            if context.engine.get_tensor_mode(name) == rondo.TensorIOMode.OUTPUT:
                size = _size(context, name) or 0
                self.driver.to_device(address, self.blocks[name].room_for(size), size)
        for name, allocator in self.allocators.items():
            allocator.deliver(context, name)


def install(driver, context_class=None):
    """Hooks the context class, so that device addresses may be given wherever addresses are taken."""
    cls = context_class or rondo.IExecutionContext
    stages = weakref.WeakKeyDictionary()
    plain = {
        name: getattr(cls, name)
        for name in (
            "set_tensor_address", "get_tensor_address", "execute_v2", "execute_async_v2", "execute_async_v3", "set_output_allocator",
            "device_memory", "set_device_memory",
        )
    }  # fmt: skip

    def stage_of(context):
        return stages.setdefault(context, Stage(driver))

    def set_tensor_address(self, name, memory):
        host = stage_of(self).take(self, name, address_of(memory))
        return plain["set_tensor_address"](self, name, memory if host is None else host)

    def get_tensor_address(self, name):
        return stage_of(self).device.get(name) or plain["get_tensor_address"](self, name)

    def run(self, stream, call):
        stage = stage_of(self)
        stage.before(self, int(stream or 0), plain["set_tensor_address"])
        done = call()
        if done:
            stage.after(self)
        return done

    def take_bindings(self, bindings):
        engine = self.engine
        count = engine.num_io_tensors
        first = self.active_optimization_profile * count
        hosts = [address_of(b) for b in bindings]
        for i in range(count):
            host = stage_of(self).take(self, engine.get_tensor_name(i), hosts[first + i])
            hosts[first + i] = hosts[first + i] if host is None else host
        return hosts

    def staged_bindings(self, hosts):
        # before() may have moved a block that had to grow.
        first = self.active_optimization_profile * self.engine.num_io_tensors
        for i in range(self.engine.num_io_tensors):
            name = self.engine.get_tensor_name(i)
            if name in stage_of(self).device:
                hosts[first + i] = plain["get_tensor_address"](self, name)
        return hosts

    def execute_v2(self, bindings):
        hosts = take_bindings(self, bindings)
        return run(self, 0, lambda: plain["execute_v2"](self, staged_bindings(self, hosts)))

    def execute_async_v2(self, bindings, stream_handle, input_consumed=None):
        hosts = take_bindings(self, bindings)
        call = lambda: plain["execute_async_v2"](self, staged_bindings(self, hosts), stream_handle, input_consumed)  # noqa: E731
        return run(self, stream_handle, call)

    def execute_async_v3(self, stream_handle):
        return run(self, stream_handle, lambda: plain["execute_async_v3"](self, stream_handle))

    def set_output_allocator(self, name, output_allocator):
        own = None if output_allocator is None else _Allocator(driver, output_allocator)
        stage_of(self).allocators.pop(name, None)
        if own is not None:
            stage_of(self).allocators[name] = own
        return plain["set_output_allocator"](self, name, own)

    def on_host(self, memory):
        """Temporary memory is the engine's own business: a block of the host serves instead of the device's."""
        if memory and driver.is_device_memory(address_of(memory)):
            return stage_of(self).blocks.setdefault("", _Block()).room_for(self.engine.device_memory_size_v2)
        return memory

    def set_device_memory(self, memory, size):
        plain["set_device_memory"](self, on_host(self, memory), size)

    for function in (
        set_tensor_address, get_tensor_address, execute_v2, execute_async_v2, execute_async_v3, set_output_allocator, set_device_memory,
    ):  # fmt: skip
        setattr(cls, function.__name__, function)
    whole = plain["device_memory"]
    cls.device_memory = property(whole.fget, lambda self, memory: whole.fset(self, on_host(self, memory)), None, whole.__doc__)

    def ignore_allocator(self, allocator):
        if allocator is not None:
            warnings.warn("gpu_allocator is not asked: temporary memory of engines on the CPU is the host's", stacklevel=2)

    for owner in (rondo.Builder, rondo.Runtime):
        owner.gpu_allocator = property(owner.gpu_allocator.fget, ignore_allocator, None, owner.gpu_allocator.__doc__)
