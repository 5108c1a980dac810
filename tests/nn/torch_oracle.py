"""Runs recurrent layers with PyTorch: torch_oracle.py CASES.safetensors RESULTS.npz.

Tensors are named CASE/NAME: `settings` (kind, hidden, layers, bidirectional, projection, bias, batch_first, relu), `x`, and where the case has
them `lengths`, `h0`, `c0`; all others are the state dict. Results: CASE/output, CASE/h and, for an LSTM, CASE/c. Ends with 3 where
there is no PyTorch.
"""
import json
import struct
import sys

try:
    import numpy as np
    import torch
except ImportError as missing:
    print(missing)
    sys.exit(3)

MODULES = {0: torch.nn.RNN, 1: torch.nn.LSTM, 2: torch.nn.GRU}


def read_safetensors(path):
    """Name -> array; f32 and i32 only."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    arrays = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        kind = {"F32": "<f4", "I32": "<i4"}[entry["dtype"]]
        arrays[name] = np.frombuffer(data[begin:end], kind).reshape(entry["shape"]).copy()
    return arrays


def module_of(settings, width):
    kind, hidden, layers, bidirectional, projection, bias, batch_first, relu = (int(v) for v in settings)
    options = {"bidirectional": bool(bidirectional), "bias": bool(bias), "batch_first": bool(batch_first)}
    if kind == 0:
        options["nonlinearity"] = "relu" if relu else "tanh"
    if kind == 1:
        options["proj_size"] = projection
    return MODULES[kind](width, hidden, layers, **options), bool(batch_first)


def run(case):
    module, batch_first = module_of(case.pop("settings"), case["x"].shape[2])
    given = {name: torch.from_numpy(case.pop(name)) for name in ("x", "lengths", "h0", "c0") if name in case}
    module.load_state_dict({name: torch.from_numpy(value) for name, value in case.items()})
    x = given["x"]
    states = given.get("h0")
    if "c0" in given:
        states = (states, given["c0"])
    if "lengths" in given:
        packed = torch.nn.utils.rnn.pack_padded_sequence(x, given["lengths"].long(), batch_first, enforce_sorted=False)
        output, last = module(packed, states)
        output, _ = torch.nn.utils.rnn.pad_packed_sequence(output, batch_first, total_length=x.shape[1 if batch_first else 0])
    else:
        output, last = module(x, states)
    hidden = last[0] if isinstance(last, tuple) else last
    results = {"output": output, "h": hidden}
    if isinstance(last, tuple):
        results["c"] = last[1]
    return {name: value.numpy() for name, value in results.items()}


def main():
    torch.set_num_threads(1)
    cases = {}
    for name, array in read_safetensors(sys.argv[1]).items():
        case, part = name.split("/", 1)
        cases.setdefault(case, {})[part] = array
    results = {}
    with torch.no_grad():
        for case, tensors in cases.items():
            results.update({f"{case}/{name}": value for name, value in run(tensors).items()})
    np.savez(sys.argv[2], **results)
    print(f"{len(cases)} cases, PyTorch {torch.__version__}")


if __name__ == "__main__":
    main()
