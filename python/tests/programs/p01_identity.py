"""P01: identity on a dynamic input; build, save, load, run with a list of addresses."""

import os
import tempfile

import numpy as np
import tensorrt as trt
from cuda import cudart

plan_file = os.path.join(tempfile.mkdtemp(), "p01.plan")
logger = trt.Logger(trt.Logger.ERROR)


def build():
    builder = trt.Builder(logger)
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.EXPLICIT_BATCH))
    profile = builder.create_optimization_profile()
    config = builder.create_builder_config()
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, 1 << 30)
    tensor = network.add_input("inputT0", trt.float32, [-1, -1, -1])
    profile.set_shape(tensor.name, [1, 1, 1], [3, 4, 5], [6, 8, 10])
    config.add_optimization_profile(profile)
    network.mark_output(network.add_identity(tensor).get_output(0))
    plan = builder.build_serialized_network(network, config)
    assert plan is not None
    with open(plan_file, "wb") as f:
        f.write(plan)


build()
with open(plan_file, "rb") as f:
    engine = trt.Runtime(logger).deserialize_cuda_engine(f.read())
assert engine is not None
names = [engine.get_tensor_name(i) for i in range(engine.num_io_tensors)]
inputs = [engine.get_tensor_mode(n) for n in names].count(trt.TensorIOMode.INPUT)
context = engine.create_execution_context()
context.set_input_shape(names[0], [3, 4, 5])
for name in names:
    print(name, engine.get_tensor_dtype(name), engine.get_tensor_shape(name), context.get_tensor_shape(name))

host = [np.ascontiguousarray(np.arange(60, dtype=np.float32).reshape(3, 4, 5))]
for name in names[inputs:]:
    host.append(np.empty(context.get_tensor_shape(name), dtype=trt.nptype(engine.get_tensor_dtype(name))))
device = [cudart.cudaMalloc(h.nbytes)[1] for h in host]
for i in range(inputs):
    cudart.cudaMemcpy(device[i], host[i].ctypes.data, host[i].nbytes, cudart.cudaMemcpyKind.cudaMemcpyHostToDevice)
assert context.execute_v2([int(d) for d in device])
for i in range(inputs, len(names)):
    cudart.cudaMemcpy(host[i].ctypes.data, device[i], host[i].nbytes, cudart.cudaMemcpyKind.cudaMemcpyDeviceToHost)
for d in device:
    cudart.cudaFree(d)
assert np.array_equal(host[1].ravel(), np.arange(60)), host[1]
assert tuple(context.get_tensor_shape(names[1])) == (3, 4, 5)
print("P01 passed")
