#!/usr/bin/env python3
"""Trains the character model that the sample ships, and writes it as the sample reads it.

    python3 train.py --corpus tiny_shakespeare.txt --out ../model

Two LSTM layers of 512 units over an embedding of 512, one softmax over the characters. The corpus is cut by characters into
0.9 training, 0.05 validation and 0.05 test; the weights kept are those of the epoch with the best validation perplexity. Written are
`char-rnn.wts` (`.wts` version 2, fp32, under the names and in the layout of a TensorFlow checkpoint: one matrix [x, h] K per layer,
gates in the order i, c, f, o), `vocab.json` (character -> id) and `result.json` (recipe, seed, perplexities).

Needs PyTorch and, to finish in minutes, a GPU. The same seed gives the same model on the same machine and versions only.
"""
import argparse
import json
import math
import pathlib
import time

import numpy as np
import torch
from torch import nn


class CharRnn(nn.Module):
    def __init__(self, vocab, embedding, hidden, layers, dropout):
        super().__init__()
        self.embedding = nn.Embedding(vocab, embedding)
        self.lstm = nn.LSTM(embedding, hidden, layers, batch_first=True, dropout=dropout)
        self.dropout = nn.Dropout(dropout)
        self.softmax = nn.Linear(hidden, vocab)

    def forward(self, ids, state=None):
        hidden, state = self.lstm(self.dropout(self.embedding(ids)), state)
        return self.softmax(self.dropout(hidden)), state


def perplexity(model, ids, chunk=4096):
    """exp of the mean cross entropy over the whole part, one cursor, state carried; the last target is the first character."""
    model.eval()
    targets = torch.roll(ids, -1)
    total, state = 0.0, None
    with torch.no_grad():
        for begin in range(0, len(ids), chunk):
            logits, state = model(ids[None, begin:begin + chunk], state)
            total += nn.functional.cross_entropy(logits[0].double(), targets[begin:begin + chunk], reduction="sum").item()
    return math.exp(total / len(ids))


def train_epoch(model, optimizer, schedule, ids, options, generator):
    """One pass in `batch` cursors of equal length; the start is shifted at random so that epochs cut the text differently."""
    model.train()
    shift = int(torch.randint(options.unrollings, (1,), generator=generator))
    length = (len(ids) - 1 - shift) // options.batch
    inputs = ids[shift:shift + options.batch * length].view(options.batch, length)
    targets = ids[shift + 1:shift + 1 + options.batch * length].view(options.batch, length)
    state = None
    for begin in range(0, length - options.unrollings + 1, options.unrollings):
        window = slice(begin, begin + options.unrollings)
        logits, state = model(inputs[:, window], state)
        state = tuple(part.detach() for part in state)
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), targets[:, window].flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()


def tensorflow_tensors(model):
    """The weights under a checkpoint's names: kernel [D + H, 4H] with columns i, c, f, o, and one bias per layer."""
    lstm, tensors = model.lstm, {"embedding": model.embedding.weight}
    for layer in range(lstm.num_layers):
        def reordered(value):  # PyTorch stacks i, f, g, o
            i, f, g, o = value.chunk(4)
            return torch.cat([i, g, f, o])
        w = reordered(getattr(lstm, f"weight_ih_l{layer}"))
        r = reordered(getattr(lstm, f"weight_hh_l{layer}"))
        bias = reordered(getattr(lstm, f"bias_ih_l{layer}") + getattr(lstm, f"bias_hh_l{layer}"))
        prefix = f"rnn_multi_rnn_cell_cell_{layer}_basic_lstm_cell_"
        tensors[prefix + "kernel"] = torch.cat([w.T, r.T])
        tensors[prefix + "bias"] = bias
    tensors["softmax_softmax_w"] = model.softmax.weight.T
    tensors["softmax_softmax_b"] = model.softmax.bias
    return {name: value.detach().float().cpu().contiguous().numpy() for name, value in tensors.items()}


def write_wts(path, tensors):
    """`.wts` version 2: a count, then per tensor `name type (dims) bytes`, names sorted; type 0 is float32."""
    with open(path, "wb") as file:
        file.write(f"{len(tensors)}\n".encode())
        for name in sorted(tensors):
            file.write(f"{name} 0 {tensors[name].shape} ".encode() + tensors[name].astype("<f4").tobytes() + b"\n")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=pathlib.Path, required=True, help="a text file")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for the three files")
    parser.add_argument("--hidden", type=int, default=512)
    parser.add_argument("--embedding", type=int, default=512)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--dropout", type=float, default=0.5)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--unrollings", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--learning-rate", type=float, default=0.002)
    parser.add_argument("--weight-decay", type=float, default=0.01)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main():
    options = parse_arguments()
    torch.manual_seed(options.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    text = options.corpus.read_text(encoding="utf-8")
    vocab = {character: index for index, character in enumerate(sorted(set(text)))}
    ids = torch.tensor([vocab[character] for character in text], device=device)
    first, second = int(0.9 * len(ids)), int(0.95 * len(ids))
    parts = {"train": ids[:first], "valid": ids[first:second], "test": ids[second:]}

    model = CharRnn(len(vocab), options.embedding, options.hidden, options.layers, options.dropout).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.learning_rate, weight_decay=options.weight_decay)
    steps = options.epochs * (len(parts["train"]) // (options.batch * options.unrollings))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, options.learning_rate, total_steps=steps + options.epochs, pct_start=0.1)
    generator = torch.Generator().manual_seed(options.seed)
    best, begin = (math.inf, 0, None), time.time()
    for epoch in range(options.epochs):
        train_epoch(model, optimizer, schedule, parts["train"], options, generator)
        valid = perplexity(model, parts["valid"])
        print(f"epoch {epoch + 1:3}  valid perplexity {valid:.4f}  {time.time() - begin:.0f} s", flush=True)
        if valid < best[0]:
            best = (valid, epoch + 1, {name: value.clone() for name, value in model.state_dict().items()})
    model.load_state_dict(best[2])

    options.out.mkdir(parents=True, exist_ok=True)
    write_wts(options.out / "char-rnn.wts", tensorflow_tensors(model))
    (options.out / "vocab.json").write_text(json.dumps(vocab, indent=1) + "\n")
    recipe = {name: value for name, value in vars(options).items() if name not in ("corpus", "out")}
    result = {"corpus": {"name": options.corpus.name, "characters": len(text)}, "recipe": recipe, "best_epoch": best[1],
              "valid_perplexity": best[0], "test_perplexity": perplexity(model, parts["test"]), "torch": torch.__version__,
              "device": torch.cuda.get_device_name() if device == "cuda" else "cpu"}
    (options.out / "result.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
