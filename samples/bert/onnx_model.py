"""The same BERT as an ONNX graph, the way PyTorch exports it without constant folding: every weight behind a Transpose, shapes
worked out by Shape, Gather, Unsqueeze, Concat and Reshape, normalization and GELU in primitive operators (opset 12).

    python onnx_model.py model.onnx [--config config.json]       random weights
"""

import argparse

import numpy as np
from onnx import TensorProto, helper, numpy_helper


class _Graph:
    def __init__(self):
        self.nodes, self.initializers, self.count = [], [], 0

    def node(self, op, inputs, **attributes):
        self.count += 1
        output = f"{op}_{self.count}"
        self.nodes.append(helper.make_node(op, inputs, [output], name=f"node_{output}", **attributes))
        return output

    def scalar(self, value, dtype=np.float32):
        return self.node("Constant", [], value=numpy_helper.from_array(np.array(value, dtype)))

    def extent(self, x, axis):
        return self.node("Gather", [self.node("Shape", [x]), self.scalar(axis, np.int64)], axis=0)

    def reshape(self, x, extents):
        """Extents: integers, or names of scalars of the graph."""
        parts = [self.node("Unsqueeze", [e if isinstance(e, str) else self.scalar(e, np.int64)], axes=[0]) for e in extents]
        return self.node("Reshape", [x, self.node("Concat", parts, axis=0)])

    def linear(self, x, name):
        y = self.node("MatMul", [x, self.node("Transpose", [f"{name}.weight"], perm=[1, 0])])
        return self.node("Add", [y, f"{name}.bias"])

    def layer_norm(self, x, name, eps):
        centred = self.node("Sub", [x, self.node("ReduceMean", [x], axes=[-1])])
        variance = self.node("ReduceMean", [self.node("Pow", [centred, self.scalar(2.0)])], axes=[-1])
        deviation = self.node("Sqrt", [self.node("Add", [variance, self.scalar(eps)])])
        y = self.node("Mul", [self.node("Div", [centred, deviation]), f"{name}.weight"])
        return self.node("Add", [y, f"{name}.bias"])

    def gelu(self, x, form):
        if form == "erf":
            inner = self.node("Erf", [self.node("Div", [x, self.scalar(np.sqrt(2.0))])])
        else:
            cube = self.node("Mul", [self.node("Pow", [x, self.scalar(3.0)]), self.scalar(0.044715)])
            inner = self.node("Tanh", [self.node("Mul", [self.node("Add", [x, cube]), self.scalar(np.sqrt(2.0 / np.pi))])])
        y = self.node("Mul", [x, self.node("Add", [inner, self.scalar(1.0)])])
        return self.node("Mul", [y, self.scalar(0.5)])


def make_onnx(config, weights, encoder_only=False):
    """The ModelProto: int64 inputs input_ids, token_type_ids, position_ids [1, S], float output logits (or states)."""
    graph = _Graph()
    graph.initializers = [numpy_helper.from_array(array, name) for name, array in weights.items()]
    tables = (("word", "input_ids"), ("position", "position_ids"), ("token_type", "token_type_ids"))
    parts = [graph.node("Gather", [f"bert.embeddings.{kind}_embeddings.weight", ids], axis=0) for kind, ids in tables]
    x = graph.node("Add", [graph.node("Add", parts[:2]), parts[2]])
    x = graph.layer_norm(x, "bert.embeddings.LayerNorm", config.eps)
    for i in range(config.layers):
        x = _encoder_layer(graph, config, x, f"bert.encoder.layer.{i}")
    output, width = "states", config.hidden
    if not encoder_only:
        output, width = "logits", config.vocab
        x = graph.gelu(graph.linear(x, "cls.predictions.transform.dense"), config.gelu)
        x = graph.layer_norm(x, "cls.predictions.transform.LayerNorm", config.eps)
        decoder = graph.node("Transpose", ["bert.embeddings.word_embeddings.weight"], perm=[1, 0])
        x = graph.node("Add", [graph.node("MatMul", [x, decoder]), "cls.predictions.bias"])
    graph.nodes.append(helper.make_node("Identity", [x], [output]))
    inputs = [helper.make_tensor_value_info(ids, TensorProto.INT64, [1, "S"]) for _, ids in tables]
    outputs = [helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, "S", width])]
    proto = helper.make_graph(graph.nodes, "bert", inputs, outputs, graph.initializers)
    return helper.make_model(proto, opset_imports=[helper.make_opsetid("", 12)], ir_version=7)


def _encoder_layer(graph, config, x, name):
    width = config.hidden // config.heads

    def heads(part, order):
        y = graph.linear(x, f"{name}.attention.self.{part}")
        split = graph.reshape(y, [graph.extent(y, 0), graph.extent(y, 1), config.heads, width])
        return graph.node("Transpose", [split], perm=order)

    query, key = heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1])
    scores = graph.node("Div", [graph.node("MatMul", [query, key]), graph.scalar(np.sqrt(width))])
    attention = graph.node("Softmax", [scores], axis=3)
    joined = graph.node("Transpose", [graph.node("MatMul", [attention, heads("value", [0, 2, 1, 3])])], perm=[0, 2, 1, 3])
    joined = graph.reshape(joined, [graph.extent(joined, 0), graph.extent(joined, 1), config.hidden])
    attended = graph.node("Add", [graph.linear(joined, f"{name}.attention.output.dense"), x])
    x = graph.layer_norm(attended, f"{name}.attention.output.LayerNorm", config.eps)
    y = graph.gelu(graph.linear(x, f"{name}.intermediate.dense"), config.gelu)
    y = graph.node("Add", [graph.linear(y, f"{name}.output.dense"), x])
    return graph.layer_norm(y, f"{name}.output.LayerNorm", config.eps)


def read_weights(path):
    """{name: array} of the initializers of an exported BERT. An exporter that folds constants leaves the weight of a linear layer without its
    name, as [in, out] of some `onnx::MatMul_123`: it is found from the layer's bias, over the Add to the MatMul before it."""
    import onnx

    graph = onnx.load(path).graph
    arrays = {t.name: numpy_helper.to_array(t) for t in graph.initializer if not t.name.endswith("position_ids")}
    makers = {output: node for node in graph.node for output in node.output}
    weights = {name: array for name, array in arrays.items() if "::" not in name}
    for node in graph.node:
        for bias, product in (node.input[:2], node.input[1::-1]) if node.op_type == "Add" and len(node.input) == 2 else ():
            name = bias.removesuffix(".bias") + ".weight"
            maker = makers.get(product)
            if bias.endswith(".bias") and name not in arrays and maker is not None and maker.op_type == "MatMul":
                if maker.input[1] in arrays:
                    weights[name] = np.ascontiguousarray(arrays[maker.input[1]].T)
    return weights


def main():
    from bert_model import BertConfig, random_weights

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output")
    parser.add_argument("--config", help="config.json; BERT-base without it")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    config = BertConfig.load(arguments.config) if arguments.config else BertConfig()
    with open(arguments.output, "wb") as file:
        file.write(make_onnx(config, random_weights(config, arguments.seed)).SerializeToString())


if __name__ == "__main__":
    main()
