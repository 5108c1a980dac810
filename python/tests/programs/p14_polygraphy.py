"""P14: Polygraphy's introduction: build an engine from an ONNX identity model, save it, run it, load it, compare."""

import os
import sys
import tempfile

import numpy as np

try:
    import onnx
    from polygraphy.backend.common import BytesFromPath
    from polygraphy.backend.trt import (
        CreateConfig,
        EngineFromBytes,
        EngineFromNetwork,
        NetworkFromOnnxPath,
        SaveEngine,
        TrtRunner,
    )
    from polygraphy.comparator import Comparator, CompareFunc, DataLoader
except ImportError as error:
    print(f"P14 skipped: {error}")
    sys.exit()

folder = tempfile.mkdtemp()
model_path, engine_path = os.path.join(folder, "identity.onnx"), os.path.join(folder, "identity.engine")


def make_model():
    tensor = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Identity", ["x"], ["y"])],
        "identity",
        [tensor("x", onnx.TensorProto.FLOAT, [1, 1, 2, 2])],
        [tensor("y", onnx.TensorProto.FLOAT, [1, 1, 2, 2])],
    )
    onnx.save(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 13)], ir_version=8), model_path)


make_model()
build_engine = SaveEngine(EngineFromNetwork(NetworkFromOnnxPath(model_path), config=CreateConfig(fp16=True)), path=engine_path)
x = np.arange(4, dtype=np.float32).reshape(1, 1, 2, 2)
with TrtRunner(build_engine) as runner:
    outputs = runner.infer(feed_dict={"x": x})
    assert list(outputs) == ["y"] and np.array_equal(outputs["y"], x), outputs
assert os.path.getsize(engine_path) > 0

load_engine = EngineFromBytes(BytesFromPath(engine_path))
with TrtRunner(load_engine) as runner:
    for i in range(3):
        outputs = runner.infer(feed_dict={"x": x + i}, copy_outputs_to_host=True)
        assert np.array_equal(outputs["y"], x + i), outputs

runners = [TrtRunner(build_engine, name="built"), TrtRunner(load_engine, name="loaded")]
results = Comparator.run(runners, data_loader=DataLoader(seed=1, iterations=2))
assert bool(Comparator.compare_accuracy(results, compare_func=CompareFunc.simple(atol=0, rtol=0)))
print("P14 passed")
