#!/usr/bin/env python3
"""Trains the small masked-language model that the sample ships.

    python3 train.py --text bible_web.txt bible_kjv.txt plays.txt --out ../model

Each text file holds one sentence or verse per line. A BERT of 4 layers, 256 wide, with a WordPiece vocabulary of its own, learns to
fill in 15 % of the tokens (of these 80 % are hidden behind [MASK], 10 % replaced, 10 % left). Every fiftieth block of 40 lines is kept
apart for validation. Written are `config.json`, `tokenizer.json` (for the `tokenizers` package), `model.safetensors` (fp16, tensor
names as in HuggingFace's BERT) and `result.json` (recipe, seed, loss and accuracy on the lines kept apart).

Needs PyTorch, tokenizers, safetensors and, to finish in minutes, a GPU.
"""
import argparse
import json
import math
import pathlib
import time

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from torch import nn
from torch.nn import functional

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
PAD, UNK, CLS, SEP, MASK = range(5)


def train_tokenizer(lines, vocab):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.train_from_iterator(lines, trainers.WordPieceTrainer(vocab_size=vocab, special_tokens=SPECIAL, min_frequency=3))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", CLS), ("[SEP]", SEP)])
    return tokenizer


class Attention(nn.Module):
    """The submodules carry the names under which HuggingFace's BERT stores their weights."""

    def __init__(self, hidden, heads, dropout):
        super().__init__()
        self.heads = heads
        self.self = nn.ModuleDict({name: nn.Linear(hidden, hidden) for name in ("query", "key", "value")})
        self.output = nn.ModuleDict({"dense": nn.Linear(hidden, hidden), "LayerNorm": nn.LayerNorm(hidden, eps=1e-12)})
        self.dropout = dropout

    def forward(self, x):
        def split(name):
            return self.self[name](x).unflatten(-1, (self.heads, -1)).transpose(1, 2)
        dropout = self.dropout if self.training else 0.0
        mixed = functional.scaled_dot_product_attention(split("query"), split("key"), split("value"), dropout_p=dropout)
        y = self.output["dense"](mixed.transpose(1, 2).flatten(-2))
        return self.output["LayerNorm"](x + functional.dropout(y, dropout, self.training))


class Layer(nn.Module):
    def __init__(self, hidden, heads, intermediate, dropout):
        super().__init__()
        self.attention = Attention(hidden, heads, dropout)
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(hidden, intermediate)})
        self.output = nn.ModuleDict({"dense": nn.Linear(intermediate, hidden), "LayerNorm": nn.LayerNorm(hidden, eps=1e-12)})
        self.dropout = dropout

    def forward(self, x):
        x = self.attention(x)
        y = self.output["dense"](functional.gelu(self.intermediate["dense"](x)))
        return self.output["LayerNorm"](x + functional.dropout(y, self.dropout, self.training))


class MaskedLanguageModel(nn.Module):
    def __init__(self, config, dropout):
        super().__init__()
        hidden, vocab = config["hidden"], config["vocab"]
        self.bert = nn.Module()
        self.bert.embeddings = nn.ModuleDict({
            "word_embeddings": nn.Embedding(vocab, hidden), "position_embeddings": nn.Embedding(config["positions"], hidden),
            "token_type_embeddings": nn.Embedding(2, hidden), "LayerNorm": nn.LayerNorm(hidden, eps=1e-12)})
        self.bert.encoder = nn.Module()
        self.bert.encoder.layer = nn.ModuleList(
            Layer(hidden, config["heads"], config["intermediate"], dropout) for _ in range(config["layers"]))
        self.cls = nn.Module()
        self.cls.predictions = nn.Module()
        self.cls.predictions.transform = nn.ModuleDict(
            {"dense": nn.Linear(hidden, hidden), "LayerNorm": nn.LayerNorm(hidden, eps=1e-12)})
        self.cls.predictions.bias = nn.Parameter(torch.zeros(vocab))
        self.dropout = dropout
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)

    def forward(self, ids, at):
        """Logits [len(at), vocab] of the positions `at` of the flattened batch."""
        table = self.bert.embeddings
        positions = torch.arange(ids.shape[1], device=ids.device)
        x = table["word_embeddings"](ids) + table["position_embeddings"](positions) + table["token_type_embeddings"].weight[0]
        x = functional.dropout(table["LayerNorm"](x), self.dropout, self.training)
        for layer in self.bert.encoder.layer:
            x = layer(x)
        head = self.cls.predictions.transform
        y = head["LayerNorm"](functional.gelu(head["dense"](x.flatten(0, 1)[at])))
        return y @ table["word_embeddings"].weight.T + self.cls.predictions.bias


class Stream:
    """The tokens of all lines behind each other; a batch starts at lines and runs on for its length."""

    def __init__(self, tokenizer, lines, device):
        encoded = [encoding.ids for encoding in tokenizer.encode_batch(lines, add_special_tokens=False)]
        starts, count = [], 0
        for ids in encoded:
            starts.append(count)
            count += len(ids)
        self.tokens = torch.tensor([token for ids in encoded for token in ids] + [SEP] * 512, device=device)
        self.starts = torch.tensor(starts, device=device)

    def batch(self, rows, length, vocab, generator):
        device = self.tokens.device
        start = self.starts[torch.randint(len(self.starts), (rows, 1), device=device, generator=generator)]
        ids = self.tokens[start + torch.arange(length - 2, device=device)]
        edge = torch.full((rows, 1), CLS, device=device)
        ids = torch.cat([edge, ids, torch.full_like(edge, SEP)], dim=1)
        draw = torch.rand(ids.shape, device=device, generator=generator)
        at = ((draw < 0.15) & (ids > MASK)).flatten().nonzero()[:, 0]
        targets = ids.flatten()[at]
        kind = torch.rand(at.shape, device=device, generator=generator)
        other = torch.randint(MASK + 1, vocab, at.shape, device=device, generator=generator)
        shown = torch.where(kind < 0.8, torch.full_like(other, MASK), torch.where(kind < 0.9, other, targets))
        return ids.flatten().index_copy(0, at, shown).view(ids.shape), at, targets


def evaluate(model, stream, vocab, seed):
    model.eval()
    generator = torch.Generator(stream.tokens.device).manual_seed(seed)
    loss = correct = count = 0
    with torch.no_grad():
        for _ in range(20):
            ids, at, targets = stream.batch(128, 64, vocab, generator)
            logits = model(ids, at)
            loss += functional.cross_entropy(logits, targets, reduction="sum").item()
            correct += (logits.argmax(-1) == targets).sum().item()
            count += len(targets)
    return loss / count, correct / count


def train(model, streams, config, options, device):
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.learning_rate, weight_decay=0.05, betas=(0.9, 0.98))
    begin, step = time.time(), 0
    generator = torch.Generator(device).manual_seed(options.seed)
    while step < options.steps and time.time() - begin < options.seconds:
        progress = max(step / options.steps, (time.time() - begin) / options.seconds)
        rate = options.learning_rate * min(1.0, (step + 1) / 500) * (1 - progress)
        optimizer.param_groups[0]["lr"] = rate
        model.train()
        length = (16, 32, 64, config["positions"])[step % 4]
        ids, at, targets = streams["train"].batch(options.batch * config["positions"] // length, length, config["vocab"], generator)
        with torch.autocast(device, dtype=torch.bfloat16):
            loss = functional.cross_entropy(model(ids, at), targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        if step % 500 == 0:
            held, accuracy = evaluate(model, streams["valid"], config["vocab"], 7)
            print(f"step {step:6}  validation loss {held:.4f}  accuracy {accuracy:.4f}  {time.time() - begin:.0f} s", flush=True)
    return step


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=pathlib.Path, nargs="+", required=True, help="text files, one sentence or verse per line")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder for the four files")
    for name, value in dict(layers=4, hidden=256, heads=4, intermediate=1024, vocab=6000, positions=128).items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--batch", type=int, default=256, help="sequences of the full length per step")
    parser.add_argument("--steps", type=int, default=20000)
    parser.add_argument("--seconds", type=float, default=math.inf, help="ends earlier, with the learning rate at 0")
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--learning-rate", type=float, default=0.001)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main():
    options = parse_arguments()
    torch.manual_seed(options.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    lines = [line.strip() for path in options.text for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    held = [line for index, line in enumerate(lines) if index // 40 % 50 == 49]
    kept = [line for index, line in enumerate(lines) if index // 40 % 50 != 49]
    tokenizer = train_tokenizer(kept, options.vocab)
    config = {name: getattr(options, name) for name in ("layers", "hidden", "heads", "intermediate", "positions")}
    config["vocab"] = tokenizer.get_vocab_size()
    config["layer_norm_eps"] = 1e-12
    streams = {"train": Stream(tokenizer, kept, device), "valid": Stream(tokenizer, held, device)}
    print(f"{len(lines)} lines, {len(streams['train'].tokens)} tokens to learn from, {config['vocab']} word pieces", flush=True)

    model = MaskedLanguageModel(config, options.dropout).to(device)
    steps = train(model, streams, config, options, device)
    halves = {name: value.half().cpu().contiguous() for name, value in model.state_dict().items()}
    model.load_state_dict({name: value.float() for name, value in halves.items()})
    loss, accuracy = evaluate(model, streams["valid"], config["vocab"], 11)

    options.out.mkdir(parents=True, exist_ok=True)
    save_file(halves, options.out / "model.safetensors")
    tokenizer.save(str(options.out / "tokenizer.json"))
    (options.out / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    result = {"text": [path.name for path in options.text], "lines": len(lines), "tokens": len(streams["train"].tokens),
              "steps": steps, "recipe": {name: value for name, value in vars(options).items() if name not in ("text", "out", "seconds")},
              "validation_loss": loss, "validation_accuracy": accuracy, "torch": torch.__version__,
              "device": torch.cuda.get_device_name() if device == "cuda" else "cpu"}
    (options.out / "result.json").write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
