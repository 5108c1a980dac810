"""BERT in numpy and double precision, written from the formulas: what the samples and the benchmark compare with."""

import math

import numpy as np

_erf = np.vectorize(math.erf, otypes=[np.float64])


def erf(x):
    """Abramowitz and Stegun 7.1.26 is too coarse for a reference, math.erf per element too slow for a large one: a table of
    math.erf with steps of 2^-10 and the first terms of its Taylor series between, within 1e-15."""
    bounded = np.clip(x, -6.0, 6.0)
    index = np.rint(bounded * 1024).astype(np.int64)
    at = index / 1024.0
    h = bounded - at
    slope = 2.0 / math.sqrt(math.pi) * np.exp(-at * at)
    return _TABLE[index + 6144] + slope * h * (1 - at * h + (2 * at * at - 1) * h * h / 3)


_TABLE = _erf(np.arange(-6144, 6145) / 1024.0)


def layer_norm(x, gain, bias, eps):
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + eps) * gain + bias


def gelu(x, form):
    if form == "erf":
        return 0.5 * x * (1 + erf(x / math.sqrt(2)))
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def softmax(x):
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def bert(config, weights, ids, types=None, encoder_only=False):
    """Logits [S, vocab], or states [S, hidden], of one sentence of ids [S]."""

    def w(name):
        return weights[name].astype(np.float64)

    def linear(x, name):
        return x @ w(f"{name}.weight").T + w(f"{name}.bias")

    def norm(x, name):
        return layer_norm(x, w(f"{name}.weight"), w(f"{name}.bias"), config.eps)

    ids = np.asarray(ids).reshape(-1)
    types = np.zeros_like(ids) if types is None else np.asarray(types).reshape(-1)
    tables = (("word", ids), ("position", np.arange(len(ids))), ("token_type", types))
    x = sum(weights[f"bert.embeddings.{kind}_embeddings.weight"][at].astype(np.float64) for kind, at in tables)
    x = norm(x, "bert.embeddings.LayerNorm")
    for i in range(config.layers):
        layer = f"bert.encoder.layer.{i}"
        heads = (
            linear(x, f"{layer}.attention.self.{part}").reshape(len(ids), config.heads, -1).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        query, key, value = heads
        attention = softmax(query @ key.transpose(0, 2, 1) / math.sqrt(query.shape[-1]))
        joined = (attention @ value).transpose(1, 0, 2).reshape(len(ids), config.hidden)
        x = norm(linear(joined, f"{layer}.attention.output.dense") + x, f"{layer}.attention.output.LayerNorm")
        y = gelu(linear(x, f"{layer}.intermediate.dense"), config.gelu)
        x = norm(linear(y, f"{layer}.output.dense") + x, f"{layer}.output.LayerNorm")
    if encoder_only:
        return x
    y = norm(gelu(linear(x, "cls.predictions.transform.dense"), config.gelu), "cls.predictions.transform.LayerNorm")
    return y @ w("bert.embeddings.word_embeddings.weight").T + w("cls.predictions.bias")
