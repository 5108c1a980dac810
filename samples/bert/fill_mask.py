#!/usr/bin/env python3
"""Prints the ten likeliest words for [MASK] in a sentence.

    fill_mask.py --model samples/bert/model "the king shall [MASK] the crown ."

The folder holds config.json, model.safetensors (any float type, names as in HuggingFace's BertForMaskedLM, the decoder tied to the word
embedding) and tokenizer.json for the package `tokenizers`.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import rondo as trt
from bert_model import BertConfig, BertSession, build_plan
from safetensors_file import load_floats

DEFAULT_MODEL = Path(__file__).resolve().parent / "model"
MASK = "[MASK]"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sentence", nargs="?", default="what is your [MASK] , my lord ?", help="a sentence with one [MASK]")
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, help="folder of the model")
    parser.add_argument("--top", type=int, default=10, help="how many words (default: 10)")
    parser.add_argument("--verbose", action="store_true", help="log the build: layers, fusions, kernels")
    return parser.parse_args()


def likeliest(logits, count):
    """[(id, probability)] of the `count` largest logits of a row, largest first."""
    row = logits.astype(np.float64)
    powers = np.exp(row - row.max())
    order = np.argsort(-row, kind="stable")[:count]
    return [(int(i), float(powers[i] / powers.sum())) for i in order]


def load_model(folder):
    """Configuration and weights; a ValueError names the file that is missing."""
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        if not (folder / name).is_file():
            raise ValueError(f"{folder / name} is missing; samples/bert/README.md says how to make a model")
    return BertConfig.load(folder / "config.json"), load_floats(folder / "model.safetensors")


def main():
    arguments = parse_arguments()
    try:
        from tokenizers import Tokenizer
    except ImportError:
        sys.exit("fill_mask.py needs the package tokenizers: pip install tokenizers")
    try:
        config, weights = load_model(arguments.model)
        tokenizer = Tokenizer.from_file(str(arguments.model / "tokenizer.json"))
        ids = tokenizer.encode(arguments.sentence).ids
        places = [i for i, token in enumerate(ids) if token == tokenizer.token_to_id(MASK)]
        if len(places) != 1:
            raise ValueError(f"the sentence holds {len(places)} {MASK}, it must hold one")
        logger = trt.Logger(trt.Logger.VERBOSE if arguments.verbose else trt.Logger.WARNING)
        longest = min(200, config.positions)
        start = time.perf_counter()
        plan = build_plan(config, weights, logger, (1, min(50, longest), longest))
        print(f"build {(time.perf_counter() - start) * 1e3:.0f} ms")
        session = BertSession(plan, logger)
        start = time.perf_counter()
        logits = session(ids)[0, places[0]]
        print(f"run {(time.perf_counter() - start) * 1e3:.2f} ms, {len(ids)} tokens")
    except ValueError as error:
        sys.exit(f"fill_mask.py: {error}")
    for token, probability in likeliest(logits, arguments.top):
        word = tokenizer.id_to_token(token)
        print(f"{probability:8.4f}  {arguments.sentence.replace(MASK, word)}")


if __name__ == "__main__":
    main()
