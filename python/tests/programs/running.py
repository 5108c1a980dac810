"""What most of these programs share: build a network, run it once on the given arrays, return the outputs."""

import numpy as np
import tensorrt as trt
from cuda import cudart

LOGGER = trt.Logger(trt.Logger.ERROR)


def build(fill, profiles=()):
    """fill(network) marks the outputs; profiles are {input: (min, opt, max)}."""
    builder = trt.Builder(LOGGER)
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.EXPLICIT_BATCH))
    config = builder.create_builder_config()
    fill(network)
    for shapes in profiles:
        profile = builder.create_optimization_profile()
        for name, shape in shapes.items():
            profile.set_shape(name, *shape)
        config.add_optimization_profile(profile)
    plan = builder.build_serialized_network(network, config)
    assert plan is not None, "the build failed"
    return trt.Runtime(LOGGER).deserialize_cuda_engine(plan)


def run(engine, *arrays, context=None):
    """Outputs in the engine's order."""
    context = context or engine.create_execution_context()
    names = [engine.get_tensor_name(i) for i in range(engine.num_io_tensors)]
    inputs = [n for n in names if engine.get_tensor_mode(n) == trt.TensorIOMode.INPUT]
    for name, array in zip(inputs, arrays):
        context.set_input_shape(name, array.shape)
    blocks, outputs = {}, {}
    for name in names:
        if name in inputs:
            array = np.ascontiguousarray(arrays[inputs.index(name)])
        else:
            array = np.zeros(tuple(context.get_tensor_shape(name)), trt.nptype(engine.get_tensor_dtype(name)))
            outputs[name] = array
        status, blocks[name] = cudart.cudaMalloc(array.nbytes)
        assert status == cudart.cudaError_t.cudaSuccess
        kind = cudart.cudaMemcpyKind.cudaMemcpyHostToDevice
        cudart.cudaMemcpyAsync(blocks[name], array.ctypes.data, array.nbytes, kind, 0)
        context.set_tensor_address(name, int(blocks[name]))
    assert context.execute_async_v3(0)
    for name, array in outputs.items():
        kind = cudart.cudaMemcpyKind.cudaMemcpyDeviceToHost
        cudart.cudaMemcpyAsync(array.ctypes.data, blocks[name], array.nbytes, kind, 0)
    cudart.cudaStreamSynchronize(0)
    for block in blocks.values():
        cudart.cudaFree(block)
    return list(outputs.values())
