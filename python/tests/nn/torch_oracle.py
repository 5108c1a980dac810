"""Computes recurrent layers with PyTorch, as a process of its own: torch_oracle.py IN.npz OUT.npz.

IN holds `cases`, a JSON list of {kind, input, hidden, layers, bidirectional, bias, batch_first, projection, nonlinearity, double, lengths},
and for case k `k/x`, `k/h0`, `k/c0` (where given) and `k/p/<name>`, its parameters. OUT holds `k/y`, `k/h` and `k/c`.
"""

import json
import sys

import numpy as np
import torch


def make_layer(case):
    kind = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}[case["kind"]]
    more = {"proj_size": case["projection"]} if case["projection"] else {}
    if case["kind"] == "rnn":
        more["nonlinearity"] = case["nonlinearity"]
    return kind(
        case["input"],
        case["hidden"],
        case["layers"],
        bias=case["bias"],
        batch_first=case["batch_first"],
        bidirectional=case["bidirectional"],
        **more,
    )


def run(case, arrays):
    layer = make_layer(case).eval()
    layer.load_state_dict({name[2:]: torch.from_numpy(value) for name, value in arrays.items() if name.startswith("p/")})
    x = torch.from_numpy(arrays["x"])
    states = [torch.from_numpy(arrays[name]) for name in ("h0", "c0") if name in arrays]
    if case["double"]:
        layer, x, states = layer.double(), x.double(), [state.double() for state in states]
    states = None if not states else tuple(states) if len(states) == 2 else states[0]
    if case["lengths"] is None:
        y, last = layer(x, states)
    else:
        pack, unpack = torch.nn.utils.rnn.pack_padded_sequence, torch.nn.utils.rnn.pad_packed_sequence
        steps = x.shape[1 if case["batch_first"] else 0]
        packed = pack(x, torch.tensor(case["lengths"]), batch_first=case["batch_first"], enforce_sorted=False)
        y, last = layer(packed, states)
        y, _ = unpack(y, batch_first=case["batch_first"], total_length=steps)
    last = last if isinstance(last, tuple) else (last,)
    return {name: value.numpy() for name, value in zip(("y", "h", "c"), (y, *last))}


def main():
    given = np.load(sys.argv[1])
    results = {}
    with torch.no_grad():
        for k, case in enumerate(json.loads(str(given["cases"]))):
            arrays = {name[len(f"{k}/") :]: given[name] for name in given.files if name.startswith(f"{k}/")}
            for name, value in run(case, arrays).items():
                results[f"{k}/{name}"] = value
    np.savez(sys.argv[2], **results)


if __name__ == "__main__":
    main()
