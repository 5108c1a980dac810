#!/usr/bin/env python3
"""The sample in Python: the six steps of TensorRT's sampleCharRNN, generation inside the engine (--generate), perplexity (--evaluate)."""

import argparse
import json
import os
import sys
import time

import numpy as np
import rondo
from networks import Vocabulary, build, describe_generation, describe_reading, describe_step, load_model

FOLDERS = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "model")]


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datadir", action="append", metavar="DIR", help="where char-rnn.wts, vocab.json and examples.json are (repeatable)")
    parser.add_argument("--weights", help="weights from another file: TensorFlow checkpoint, .wts, npz, safetensors")
    parser.add_argument("--useILoop", action="store_true", help="write the LSTM layers with the loop API, else with RNNv2")
    parser.add_argument("--saveEngine", metavar="FILE", help="write the engine's plan to a file")
    parser.add_argument("--loadEngine", metavar="FILE", help="read the plan from a file instead of building it")
    parser.add_argument("--prompt", help="the text to go on with")
    parser.add_argument("--generate", type=int, default=0, metavar="N", help="generate N characters in one call")
    parser.add_argument("--temperature", type=float, default=0.0, help="draw characters; 0 takes the most probable")
    parser.add_argument("--topK", type=int, default=0, help="draw from the K most probable characters")
    parser.add_argument("--topP", type=float, default=1.0, help="draw from those that together have probability P")
    parser.add_argument("--seed", type=int, default=0, help="place in the random numbers")
    parser.add_argument("--streams", type=int, default=1, help="generate that many texts at once")
    parser.add_argument("--evaluate", metavar="FILE", help="print the perplexity of a text")
    parser.add_argument("--threads", type=int, default=0, help="number of threads")
    return parser.parse_args()


def locate(name, folders):
    for folder in folders:
        if os.path.exists(os.path.join(folder, name)):
            return os.path.join(folder, name)
    raise FileNotFoundError(f"'{name}' is in none of {', '.join(folders)}; name a folder with --datadir")


class Sample:
    def __init__(self, arguments):
        self.arguments = arguments
        self.folders = arguments.datadir or FOLDERS
        self.vocabulary = Vocabulary(locate("vocab.json", self.folders))
        self.model = load_model(arguments.weights or locate("char-rnn.wts", self.folders))

    def engine(self, describe, *more, most_steps=4096):
        if self.arguments.loadEngine:
            with open(self.arguments.loadEngine, "rb") as file:
                plan = file.read()
        else:
            plan = build(describe, self.model, *more, most_steps=most_steps, threads=self.arguments.threads)
        if self.arguments.saveEngine:
            with open(self.arguments.saveEngine, "wb") as file:
                file.write(plan)
        return rondo.build(plan, threads=self.arguments.threads)

    def example(self):
        if self.arguments.prompt:
            return self.arguments.prompt, ""
        with open(locate("examples.json", self.folders), encoding="utf-8") as file:
            examples = json.load(file)
        return examples[self.arguments.seed % len(examples)]

    def no_states(self, *batch):
        return np.zeros((len(self.model.layers), *batch, self.model.hidden), np.float32)

    def step_by_step(self):
        warmup, expected = self.example()
        engine = self.engine(describe_step, self.arguments.useILoop)
        print(f"[I] RNN warmup sentence: {warmup}\n[I] Expected output: {expected}")
        hidden = cell = self.no_states()

        def step(token):
            nonlocal hidden, cell
            result = engine(data=np.array([token], np.int32), hiddenIn=hidden, cellIn=cell, seqLen=np.array(1, np.int32))
            hidden, cell = result["hiddenOut"], result["cellOut"]
            return int(result["pred"][0, 0])

        for token in self.vocabulary.encode(warmup):
            following = step(token)
        received = [following]
        while len(received) < (len(expected) or 100):
            received.append(step(received[-1]))
        text = self.vocabulary.decode(received)
        print(f"[I] Received: {text}")
        return not expected or text == expected

    def generate(self):
        a = self.arguments
        warmup, expected = self.example()
        engine = self.engine(describe_generation, a.temperature > 0, a.streams, most_steps=max(a.generate, 1))
        state = {"hiddenIn": self.no_states(a.streams), "cellIn": self.no_states(a.streams)}
        if a.temperature > 0:
            state["random"] = np.array(a.seed << 32, np.int64)
        limits = {
            "temperature": np.array(a.temperature, np.float32),
            "topK": np.array(a.topK or self.model.vocab, np.int32),
            "topP": np.array(a.topP, np.float32),
        }
        limits = limits if a.temperature > 0 else {}
        *before, last = self.vocabulary.encode(warmup)
        for token in before:
            out = engine(token=np.full(a.streams, token, np.int32), count=np.array(1, np.int32), **state, **limits)
            state.update(hiddenIn=out["hiddenOut"], cellIn=out["cellOut"])
        start = time.perf_counter()
        out = engine(token=np.full(a.streams, last, np.int32), count=np.array(a.generate, np.int32), **state, **limits)
        elapsed = time.perf_counter() - start
        texts = [self.vocabulary.decode(out["text"][:, b]) for b in range(a.streams)]
        for b, text in enumerate(texts):
            print((f"[I] Text {b}:\n" if a.streams > 1 else "") + warmup + text)
        print(f"[I] {elapsed / a.generate * 1e6:.1f} us per character")
        common = min(len(texts[0]), len(expected))
        return a.temperature > 0 or texts[0][:common] == expected[:common]

    def evaluate(self, chunk=4096):
        engine = self.engine(describe_reading, 1, most_steps=chunk)
        with open(self.arguments.evaluate, encoding="utf-8") as file:
            ids = self.vocabulary.encode(file.read())
        following = np.roll(ids, -1)
        hidden, cell, nats = self.no_states(1), self.no_states(1), 0.0
        for begin in range(0, len(ids), chunk):
            part = slice(begin, begin + chunk)
            out = engine(ids=ids[part, None], next=following[part, None], hiddenIn=hidden, cellIn=cell)
            hidden, cell = out["hiddenOut"], out["cellOut"]
            nats += float(out["nats"].sum(dtype=np.float64))
        print(f"[I] Perplexity: {np.exp(nats / len(ids)):.8f} over {len(ids)} characters")
        return bool(np.isfinite(nats))


def main():
    arguments = parse_arguments()
    title = "TensorRT.sample_char_rnn # " + " ".join(sys.argv)
    print(f"&&&& RUNNING {title}")
    try:
        sample = Sample(arguments)
        run = sample.evaluate if arguments.evaluate else sample.generate if arguments.generate else sample.step_by_step
        passed = run()
    except (OSError, ValueError, RuntimeError) as error:
        print(f"[E] {error}")
        passed = False
    print(f"&&&& {'PASSED' if passed else 'FAILED'} {title}")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
