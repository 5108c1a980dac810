#!/usr/bin/env python3
"""Writes examples.json, what the sample must answer: the most probable continuations of ten warm-up sentences, in double precision.

    python3 examples.py --model ../model

Computed with NumPy alone from `char-rnn.wts`, apart from every engine. A continuation ends before the first character whose lead over
the second best is so small that single precision might swap them.
"""

import argparse
import json
import pathlib

import numpy as np

WARMUPS = ["ROMEO", "JUL", "The K", "That tho", "KING", "beauty of", "birth of K", "Hi", "JACK", "interestingly, it was J"]
LENGTH = 60
LEAST_LEAD = 1e-3  # of a score over the next; single precision errs by some 1e-5


def read_wts(path):
    tensors = {}
    with open(path, "rb") as file:
        for _ in range(int(file.readline())):
            head = b""
            while not head.endswith(b")"):
                head += file.read(1)
            name, _, dims = head.decode().split(" ", 2)
            shape = tuple(int(d) for d in dims.strip("()").split(",") if d.strip())
            file.read(1)
            tensors[name] = np.frombuffer(file.read(4 * int(np.prod(shape))), np.float32).reshape(shape).astype(np.float64)
            file.read(1)
    return tensors


def step(tensors, token, states):
    """One character: its scores for the next one, and the new states."""

    def sigmoid(v):
        return 1 / (1 + np.exp(-v))

    x, after = tensors["embedding"][token], []
    for layer, (h, c) in enumerate(states):
        prefix = f"rnn_multi_rnn_cell_cell_{layer}_basic_lstm_cell_"
        i, j, f, o = np.split(np.concatenate([x, h]) @ tensors[prefix + "kernel"] + tensors[prefix + "bias"], 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(j)
        x = sigmoid(o) * np.tanh(c)
        after.append((x, c))
    return x @ tensors["softmax_softmax_w"] + tensors["softmax_softmax_b"], after


def continuation(tensors, ids):
    hidden = tensors["softmax_softmax_w"].shape[0]
    layers = sum(name.endswith("kernel") for name in tensors)
    states = [(np.zeros(hidden), np.zeros(hidden))] * layers
    for token in ids:
        scores, states = step(tensors, token, states)
    result = []
    while len(result) < LENGTH:
        second, first = np.sort(scores)[-2:]
        if first - second < LEAST_LEAD:
            break
        result.append(int(np.argmax(scores)))
        scores, states = step(tensors, result[-1], states)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path, default=pathlib.Path(__file__).parent / ".." / "model")
    folder = parser.parse_args().model
    tensors = read_wts(folder / "char-rnn.wts")
    ids = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    characters = {number: character for character, number in ids.items()}
    examples = [
        [warmup, "".join(characters[i] for i in continuation(tensors, [ids[c] for c in warmup]))] for warmup in WARMUPS
    ]
    (folder / "examples.json").write_text(json.dumps(examples, indent=1) + "\n", encoding="utf-8")
    print("\n".join(f"{warmup!r} -> {text!r}" for warmup, text in examples))


if __name__ == "__main__":
    main()
