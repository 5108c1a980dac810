"""The networks of samples/char_rnn: generation inside the engine against NumPy, and a trained model where RONDO_TEST_DATA has one."""

import json
import os
import resource
import sys

import numpy as np
import pytest
import rondo

SAMPLE = os.path.join(os.path.dirname(__file__), "..", "..", "..", "samples", "char_rnn")
sys.path.insert(0, SAMPLE)
import networks  # noqa: E402

DATA = os.path.join(os.environ.get("RONDO_TEST_DATA", ""), "char-rnn")
trained = pytest.mark.skipif(not os.path.exists(DATA), reason="RONDO_TEST_DATA is not set, or has no char-rnn/")

SHIPPED = os.path.join(SAMPLE, "model")


def small_model(vocab=13, embedding=6, hidden=8, layers=2, seed=3):
    rng = np.random.default_rng(seed)

    def numbers(*shape, scale=1.0):
        return (scale * rng.standard_normal(shape)).astype(np.float32)

    cells = [
        (numbers(4 * hidden, embedding if k == 0 else hidden), numbers(4 * hidden, hidden), numbers(4 * hidden))
        for k in range(layers)
    ]
    return networks.Model(numbers(vocab, embedding), cells, numbers(hidden, vocab, scale=3), numbers(vocab))


class Stepper:
    """The model in double precision."""

    def __init__(self, model, batch):
        self.model = model
        self.states = [(np.zeros((batch, model.hidden)), np.zeros((batch, model.hidden))) for _ in model.layers]

    def scores(self, tokens):
        x = self.model.embedding[tokens].astype(np.float64)
        for k, (w, r, bias) in enumerate(self.model.layers):
            h, c = self.states[k]
            i, f, g, o = np.split(x @ w.T + h @ r.T + bias, 4, axis=1)
            i, f, o = (1 / (1 + np.exp(-v)) for v in (i, f, o))
            c = f * c + i * np.tanh(g)
            x = o * np.tanh(c)
            self.states[k] = (x, c)
        return x @ self.model.softmax_w + self.model.softmax_b


def philox(seed, stream, block):
    """Philox 4x32-10, as docs/ops/primitive/random.md says."""
    low = 0xFFFFFFFF
    c = [block & low, block >> 32, stream & low, stream >> 32 & low]
    k0, k1 = seed & low, seed >> 32
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [b >> 32 ^ c[1] ^ k0, b & low, a >> 32 ^ c[3] ^ k1, a & low]
        k0, k1 = k0 + 0x9E3779B9 & low, k1 + 0xBB67AE85 & low
    return c


def uniform(stream, row):
    seed = 0xCBF29CE484222325
    for c in b"choice":  # the fill layer's name
        seed = (seed ^ c) * 0x100000001B3 % 2**64
    return (philox(seed, stream, row // 4)[row % 4] >> 8) * 2.0**-24


def draw(scores, temperature, top_k, top_p, u):
    """The character, and how near the number came to the border of another."""
    order = np.argsort(-scores, kind="stable")
    weights = np.exp((scores[order] - scores[order[0]]) / temperature)
    weights[top_k:] = 0
    before = np.cumsum(weights) - weights
    border = np.abs(before[:top_k] - top_p * weights.sum()).min() if top_p < 1 else 1
    totals = np.cumsum(np.where(before < top_p * weights.sum(), weights, 0))
    place = int(np.sum(totals <= u * totals[-1]))
    return order[place], min(border, np.abs(totals - u * totals[-1]).min())


def generator(model, sample, batch, threads=1):
    engine = rondo.build(networks.build(networks.describe_generation, model, sample, batch, threads=threads), threads=threads)

    def run(count, state, **limits):
        out = engine(count=np.array(count, np.int32), **state, **limits)
        after = {"token": out["tokenOut"], "hiddenIn": out["hiddenOut"], "cellIn": out["cellOut"]}
        if sample:
            after["random"] = out["randomOut"]
        return out["text"], after

    return run


def start(model, batch, seed=None):
    zeros = np.zeros((len(model.layers), batch, model.hidden), np.float32)
    state = {"token": np.arange(batch, dtype=np.int32) % model.vocab, "hiddenIn": zeros, "cellIn": zeros}
    if seed is not None:
        state["random"] = np.array(seed, np.int64)
    return state


def test_greedy_text_is_that_of_steps():
    model, batch = small_model(), 3
    text, after = generator(model, False, batch)(40, start(model, batch))
    stepper, tokens = Stepper(model, batch), np.arange(batch)
    for row in text:
        tokens = np.argmax(stepper.scores(tokens), axis=1)
        assert np.array_equal(row, tokens)
    assert np.array_equal(after["token"], tokens)
    np.testing.assert_allclose(after["hiddenIn"], [h for h, _ in stepper.states], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(after["cellIn"], [c for _, c in stepper.states], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("temperature", "top_k", "top_p"), [(1.0, 13, 1.0), (0.5, 13, 0.8), (2.0, 4, 1.0), (1.3, 6, 0.6), (0.7, 1, 1.0)])
def test_drawn_text_is_what_the_documented_numbers_say(temperature, top_k, top_p):
    model, batch, seed = small_model(), 6, (5 << 32) + 7
    limits = {"temperature": np.array(temperature, np.float32), "topK": np.array(top_k, np.int32), "topP": np.array(top_p, np.float32)}
    text, after = generator(model, True, batch)(60, start(model, batch, seed), **limits)
    stepper, tokens = Stepper(model, batch), np.arange(batch)
    for t, row in enumerate(text):
        scores = stepper.scores(tokens)
        for b in range(batch):
            expected, distance = draw(scores[b], float(limits["temperature"]), top_k, float(limits["topP"]), uniform(seed + t, b))
            assert row[b] == expected or distance < 1e-5, (t, b)
        tokens = row
    assert after["random"] == seed + 60


def test_same_text_for_any_threads_batch_and_calls():
    model, seed = small_model(vocab=65, embedding=32, hidden=64), 9
    limits = {"temperature": np.array(0.9, np.float32), "topK": np.array(40, np.int32), "topP": np.array(0.95, np.float32)}
    text, last = generator(model, True, 8)(50, start(model, 8, seed), **limits)
    assert len({tuple(column) for column in text.T}) == 8
    for threads in (2, 3):
        again, after = generator(model, True, 8, threads)(50, start(model, 8, seed), **limits)
        assert np.array_equal(again, text) and np.array_equal(after["hiddenIn"], last["hiddenIn"])
    run, state, parts = generator(model, True, 3), start(model, 3, seed), []
    for count in (20, 1, 29):
        part, state = run(count, state, **limits)
        parts.append(part)
    assert np.array_equal(np.concatenate(parts), text[:, :3])
    other, _ = run(50, start(model, 3, seed + 1), **limits)
    assert not np.array_equal(other, text[:, :3])


def test_a_table_of_products_stands_for_the_embedding():
    model = small_model(vocab=65, embedding=512, hidden=64, layers=1)
    size = len(bytes(networks.build(networks.describe_generation, model, False, 1)))
    assert size < 4 * (65 * 256 + 64 * 256 + 64 * 65) + 100_000  # neither the embedding nor its weights
    one_hot = networks.Model(np.eye(65, dtype=np.float32), [(model.layers[0][0] @ model.embedding.T[:, :65], *model.layers[0][1:])], *model_dense(model))
    text, _ = generator(model, False, 2)(30, start(model, 2))
    again, _ = generator(one_hot, False, 2)(30, start(one_hot, 2))
    assert np.array_equal(text, again)


def model_dense(model):
    return model.softmax_w, model.softmax_b


def test_shipped_model_goes_on_as_recorded():
    model = networks.load_model(os.path.join(SHIPPED, "char-rnn.wts"))
    vocabulary = networks.Vocabulary(os.path.join(SHIPPED, "vocab.json"))
    with open(os.path.join(SHIPPED, "examples.json"), encoding="utf-8") as file:
        examples = json.load(file)
    run = generator(model, False, 1)
    for warmup, expected in examples:
        assert continuation(model, vocabulary, run, warmup, len(expected)) == expected


def continuation(model, vocabulary, run, warmup, length):
    state = start(model, 1)
    *before, last = vocabulary.encode(warmup)
    for token in before:
        _, state = run(1, dict(state, token=np.array([token], np.int32)))
    text, _ = run(length, dict(state, token=np.array([last], np.int32)))
    return vocabulary.decode(text[:, 0])


# ---- a model that TensorFlow has trained: 2x128, one-hot


@pytest.fixture(scope="module")
def real():
    model = networks.load_model(os.path.join(DATA, "model-70280"))
    vocabulary = networks.Vocabulary(os.path.join(DATA, "vocab.json"))
    with open(os.path.join(DATA, "tiny_shakespeare.txt"), encoding="utf-8") as file:
        return model, vocabulary, vocabulary.encode(file.read())


def reader(model, batch, most_steps):
    plan = networks.build(networks.describe_reading, model, batch, most_steps=most_steps, threads=1)
    engine = rondo.build(plan, threads=1)
    state = {name: np.zeros((len(model.layers), batch, model.hidden), np.float32) for name in ("hiddenIn", "cellIn")}

    def read(ids, following):
        out = engine(ids=ids, next=following, **state)
        state.update(hiddenIn=out["hiddenOut"], cellIn=out["cellOut"])
        return out["nats"]

    return read, state


def parts_of(ids):
    train, valid = int(len(ids) * 0.9), int(len(ids) * 0.05)
    return ids[train : train + valid], ids[train + valid :]


@trained
def test_perplexity_of_the_test_part(real):
    model, _, ids = real
    _, test = parts_of(ids)
    assert len(test) == 55771
    read, _ = reader(model, 1, len(test))
    nats = read(test[:, None], np.roll(test, -1)[:, None])
    assert np.exp(nats.mean(dtype=np.float64)) == pytest.approx(5.38840628, rel=1e-5)


@trained
def test_perplexity_of_the_validation_part_as_trained(real):
    """20 cursors at equal distances, 279 steps of 10 characters, from where 13 epochs of the same had brought them."""
    model, _, ids = real
    valid, _ = parts_of(ids)
    batch, unrollings, steps, epochs = 20, 10, 279, 13
    begins = np.arange(batch) * (len(valid) // batch) + epochs * steps * unrollings
    read, _ = reader(model, batch, unrollings)
    losses = []
    for step in range(steps):
        at = (begins + step * unrollings + np.arange(unrollings)[:, None]) % len(valid)
        losses.append(read(valid[at], valid[(at + 1) % len(valid)]).mean(dtype=np.float64))
    assert np.exp(np.mean(losses)) == pytest.approx(4.35419989, rel=1e-5)


@trained
@pytest.mark.parametrize(
    ("warmup", "expected"),
    [
        ("ROMEO", ":\nThe sea will not speak to the courtesy, and the world and "),
        ("KING", "S:\nWhat says the seat of his law\nThan the way to the contrar"),
    ],
)
def test_greedy_continuations(real, warmup, expected):
    model, vocabulary, _ = real
    assert continuation(model, vocabulary, generator(model, False, 1), warmup, 60) == expected


def available_memory():
    with open("/proc/meminfo", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("MemAvailable"))


@trained
def test_whole_corpus_in_chunks(real):
    """A million characters with carried states: flat memory, and the numbers of one pass."""
    model, _, ids = real
    assert len(ids) == 1115394
    following, chunk = np.roll(ids, -1), 32768
    read, state = reader(model, 1, chunk)
    parts, peaks = [], []
    for begin in range(0, len(ids), chunk):
        parts.append(read(ids[begin : begin + chunk, None], following[begin : begin + chunk, None]))
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    kept = sum(part.nbytes for part in parts) // 1024
    assert peaks[-1] - peaks[1] < kept + 4096, "KiB"
    # A step of one pass takes some 6 KB for the inputs of both layers; where memory is short, the pass is cut.
    length = min(len(ids), available_memory() // 2 // 6144)
    whole_read, whole_state = reader(model, 1, length)
    whole = [whole_read(ids[b : b + length, None], following[b : b + length, None]) for b in range(0, len(ids), length)]
    assert np.array_equal(np.concatenate(parts), np.concatenate(whole))
    assert all(np.array_equal(state[name], whole_state[name]) for name in state)
