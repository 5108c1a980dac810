"""BERT for masked words (BertForMaskedLM) as a network: its sizes, its weights by HuggingFace's names, the network of layers.

The attention mask is left out: one sentence per call, so nothing is padded.
"""

import json
import os
from dataclasses import asdict, dataclass, fields

import numpy as np
import rondo as trt
from layer_builder import LayerBuilder


@dataclass(frozen=True)
class BertConfig:
    """Sizes of a model; the defaults are BERT-base, uncased."""

    layers: int = 12
    hidden: int = 768
    heads: int = 12
    intermediate: int = 3072
    vocab: int = 30522
    positions: int = 512
    token_types: int = 2
    eps: float = 1e-12
    gelu: str = "erf"  # or "tanh"

    def __post_init__(self):
        if self.hidden % self.heads != 0:
            raise ValueError(f"hidden {self.hidden} must be a multiple of heads {self.heads}")
        if self.gelu not in ("erf", "tanh"):
            raise ValueError(f"gelu is '{self.gelu}', it must be erf or tanh")

    @staticmethod
    def load(path):
        """config.json: the fields of this class, or HuggingFace's names for them."""
        with open(path, encoding="utf-8") as file:
            values = json.load(file)
        theirs = {
            "num_hidden_layers": "layers",
            "hidden_size": "hidden",
            "num_attention_heads": "heads",
            "intermediate_size": "intermediate",
            "vocab_size": "vocab",
            "max_position_embeddings": "positions",
            "type_vocab_size": "token_types",
            "layer_norm_eps": "eps",
        }
        known = {field.name for field in fields(BertConfig)}
        chosen = {theirs.get(name, name): value for name, value in values.items() if theirs.get(name, name) in known}
        if "hidden_act" in values:
            forms = {"gelu": "erf", "gelu_new": "tanh", "gelu_pytorch_tanh": "tanh"}
            if values["hidden_act"] not in forms:
                raise ValueError(f"{path}: hidden_act '{values['hidden_act']}' is none of {', '.join(forms)}")
            chosen["gelu"] = forms[values["hidden_act"]]
        return BertConfig(**chosen)

    def save(self, path):
        with open(path, "w", encoding="utf-8") as file:
            json.dump(asdict(self), file, indent=1)


def weight_shapes(config):
    """{name: shape} of all weights, linear ones as [out, in]. The decoder is the word embedding."""
    hidden, wide = config.hidden, config.intermediate
    shapes = {}

    def layer_norm(name):
        shapes[f"{name}.weight"] = shapes[f"{name}.bias"] = (hidden,)

    def linear(name, outer, inner):
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (outer, inner), (outer,)

    entries = {"word": config.vocab, "position": config.positions, "token_type": config.token_types}
    for kind, count in entries.items():
        shapes[f"bert.embeddings.{kind}_embeddings.weight"] = (count, hidden)
    layer_norm("bert.embeddings.LayerNorm")
    for i in range(config.layers):
        layer = f"bert.encoder.layer.{i}"
        for part in ("query", "key", "value"):
            linear(f"{layer}.attention.self.{part}", hidden, hidden)
        linear(f"{layer}.attention.output.dense", hidden, hidden)
        layer_norm(f"{layer}.attention.output.LayerNorm")
        linear(f"{layer}.intermediate.dense", wide, hidden)
        linear(f"{layer}.output.dense", hidden, wide)
        layer_norm(f"{layer}.output.LayerNorm")
    linear("cls.predictions.transform.dense", hidden, hidden)
    layer_norm("cls.predictions.transform.LayerNorm")
    shapes["cls.predictions.bias"] = (config.vocab,)
    return shapes


def uniform(seed, count):
    """`count` numbers in [-1, 1) from SplitMix64, the same in Python and C++: number i is a hash of seed + i + 1 steps."""
    step = np.uint64(0x9E3779B97F4A7C15)
    with np.errstate(over="ignore"):
        z = np.arange(1, count + 1, dtype=np.uint64) * step + np.uint64(seed)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return ((z >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-23)) - np.float32(1.0)


def random_weights(config, seed=1):
    """Weights of the spread that trained models have: about 0.04; gains around 1."""
    weights = {}
    for index, (name, shape) in enumerate(weight_shapes(config).items()):
        values = uniform(seed * 1000003 + index * 7919, int(np.prod(shape))).reshape(shape)
        gain = name.endswith("LayerNorm.weight")
        values *= np.float32(0.2 if gain else 0.07)
        weights[name] = values + np.float32(1.0) if gain else values
    return weights


def check_weights(config, weights):
    """Raises a ValueError that names the first weight that is missing or has another shape."""
    for name, shape in weight_shapes(config).items():
        if name not in weights:
            raise ValueError(f"weights: '{name}' is missing")
        if tuple(weights[name].shape) != shape:
            raise ValueError(f"weights: '{name}' is {tuple(weights[name].shape)}, the configuration says {shape}")


def add_bert(net, config, weights, encoder_only=False):
    """Adds inputs input_ids, token_type_ids, position_ids int32 [1, S] and returns logits [1, S, vocab], or with `encoder_only` the
    last layer's states [1, S, hidden]."""
    ids = {name: net.addInput(name, trt.int32, (1, -1)) for name in ("input_ids", "token_type_ids", "position_ids")}
    words = net.addConstant(weights["bert.embeddings.word_embeddings.weight"], "word_embeddings")
    x = net.addEmbedding(ids["input_ids"], words, "words")
    for kind in ("position", "token_type"):
        table = weights[f"bert.embeddings.{kind}_embeddings.weight"]
        x = net.addAdd(x, net.addEmbedding(ids[f"{kind}_ids"], table, kind))
    x = add_layer_norm(net, config, weights, x, "bert.embeddings.LayerNorm")
    for i in range(config.layers):
        x = add_encoder_layer(net, config, weights, x, f"bert.encoder.layer.{i}")
    if encoder_only:
        return x
    x = add_gelu(net, config, add_linear(net, weights, x, "cls.predictions.transform.dense"), "cls.predictions.transform")
    x = add_layer_norm(net, config, weights, x, "cls.predictions.transform.LayerNorm")
    return net.addLinear(x, words, weights["cls.predictions.bias"], "cls.predictions.decoder", transposed=True)


def add_encoder_layer(net, config, weights, x, name):
    width = config.hidden // config.heads
    split = (0, -1, config.heads, width)
    heads = {}
    for part, order in (("query", (0, 2, 1, 3)), ("key", (0, 2, 3, 1)), ("value", (0, 2, 1, 3))):
        y = add_linear(net, weights, x, f"{name}.attention.self.{part}")
        heads[part] = net.addShuffle(y, None, split, order, f"{name}.attention.self.{part}.heads")
    scores = net.addMatMul(heads["query"], heads["key"], f"{name}.attention.self.scores")
    scores = net.addScale(scores, width**-0.5, f"{name}.attention.self.scale")
    weighted = net.addMatMul(net.addSoftmax(scores, -1, f"{name}.attention.self.softmax"), heads["value"])
    joined = net.addShuffle(weighted, (0, 2, 1, 3), (0, -1, config.hidden), None, f"{name}.attention.self.join")
    attended = net.addAdd(add_linear(net, weights, joined, f"{name}.attention.output.dense"), x)
    x = add_layer_norm(net, config, weights, attended, f"{name}.attention.output.LayerNorm")
    y = add_gelu(net, config, add_linear(net, weights, x, f"{name}.intermediate.dense"), f"{name}.intermediate")
    y = net.addAdd(add_linear(net, weights, y, f"{name}.output.dense"), x)
    return add_layer_norm(net, config, weights, y, f"{name}.output.LayerNorm")


def add_linear(net, weights, x, name):
    return net.addLinear(x, weights[f"{name}.weight"], weights[f"{name}.bias"], name, transposed=True)


def add_layer_norm(net, config, weights, x, name):
    return net.addLayerNorm(x, weights[f"{name}.weight"], weights[f"{name}.bias"], config.eps, name)


def add_gelu(net, config, x, name):
    return (net.addGELUErf if config.gelu == "erf" else net.addGELU)(x, name)


def build_plan(config, weights, logger, lengths=(1, 50, 200), encoder_only=False, configure=None):
    """The serialized engine. `lengths`: smallest, best and largest S; configure(builder_config) sets what else is wanted."""
    check_weights(config, weights)
    if not 1 <= lengths[0] <= lengths[1] <= lengths[2] <= config.positions:
        raise ValueError(f"lengths {lengths} must ascend within 1 .. {config.positions}, the number of positions")
    builder = trt.Builder(logger)
    network = builder.create_network(1 << int(trt.NetworkDefinitionCreationFlag.EXPLICIT_BATCH))
    builder_config = builder.create_builder_config()
    net = LayerBuilder(network, None, logger)
    y = add_bert(net, config, weights, encoder_only)
    net.markOutput(y, "states" if encoder_only else "logits")
    profile = builder.create_optimization_profile()
    for name in ("input_ids", "token_type_ids", "position_ids"):
        profile.set_shape(name, *((1, length) for length in lengths))
    builder_config.add_optimization_profile(profile)
    if configure is not None:
        configure(builder_config)
    plan = builder.build_serialized_network(network, builder_config)
    if plan is None:
        raise RuntimeError("the build failed; the log says why")
    return plan


class BertSession:
    """An engine of a plan or of a plan file, and a context for it; call it with the ids of a sentence. `threads`: at most so many; all
    cores without it."""

    def __init__(self, plan, logger, threads=None):
        self.runtime = trt.Runtime(logger)
        if threads is not None:
            self.runtime.max_threads = threads
        is_file = isinstance(plan, (str, os.PathLike))
        self.engine = self.runtime.deserialize_cuda_engine_from_file(plan) if is_file else self.runtime.deserialize_cuda_engine(plan)
        if self.engine is None:
            raise RuntimeError("the plan was refused; the log says why")
        self.context = self.engine.create_execution_context()
        self.inputs, self.output = {}, None

    def bind(self, input_ids, token_type_ids=None):
        """Binds a sentence, ids [S]; returns the array [1, S, ..] that run() fills."""
        ids = np.ascontiguousarray(input_ids, np.int32).reshape(1, -1)
        types = np.zeros_like(ids) if token_type_ids is None else np.ascontiguousarray(token_type_ids, np.int32).reshape(ids.shape)
        positions = np.arange(ids.shape[1], dtype=np.int32).reshape(1, -1)
        self.inputs = {"input_ids": ids, "token_type_ids": types, "position_ids": positions}
        for name, array in self.inputs.items():
            if not self.context.set_input_shape(name, array.shape):
                raise ValueError(f"a sentence of {ids.shape[1]} tokens is outside of the engine's profile")
            self.context.set_tensor_address(name, array.ctypes.data)
        name = self.engine.get_tensor_name(self.engine.num_io_tensors - 1)
        self.output = np.empty(tuple(self.context.get_tensor_shape(name)), np.float32)
        self.context.set_tensor_address(name, self.output.ctypes.data)
        return self.output

    def run(self):
        if not self.context.execute_async_v3(0):
            raise RuntimeError("the run failed; the log says why")

    def __call__(self, input_ids, token_type_ids=None):
        output = self.bind(input_ids, token_type_ids)
        self.run()
        return output
