"""A run captured into a CUDA graph and launched again with other data, in both forms of cudaGraphInstantiate."""

import numpy as np
import tensorrt as trt
from cuda import cudart
from running import build


def fill(network):
    x = network.add_input("x", trt.float32, (8,))
    network.mark_output(network.add_activation(x, trt.ActivationType.RELU).get_output(0))


engine = build(fill)
context = engine.create_execution_context()
names = [engine.get_tensor_name(i) for i in range(2)]
x, y = np.zeros(8, np.float32), np.zeros(8, np.float32)
dx, dy = cudart.cudaMalloc(x.nbytes)[1], cudart.cudaMalloc(y.nbytes)[1]
context.set_tensor_address(names[0], dx)
context.set_tensor_address(names[1], dy)
stream = cudart.cudaStreamCreate()[1]
cudart.cudaStreamBeginCapture(stream, cudart.cudaStreamCaptureMode.cudaStreamCaptureModeGlobal)
kind = cudart.cudaMemcpyKind
cudart.cudaMemcpyAsync(dx, x.ctypes.data, x.nbytes, kind.cudaMemcpyHostToDevice, stream)
context.execute_async_v3(stream)
cudart.cudaMemcpyAsync(y.ctypes.data, dy, y.nbytes, kind.cudaMemcpyDeviceToHost, stream)
_, graph = cudart.cudaStreamEndCapture(stream)
assert len(cudart.cudaGraphInstantiate(graph, b"", 0)) == 3
status, executable = cudart.cudaGraphInstantiate(graph, 0)
for seed in range(3):
    x[:] = np.random.default_rng(seed).standard_normal(8)
    cudart.cudaGraphLaunch(executable, stream)
    cudart.cudaStreamSynchronize(stream)
    assert np.array_equal(y, np.maximum(x, 0))
print("graph capture passed")
