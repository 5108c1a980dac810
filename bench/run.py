#!/usr/bin/env python3
"""Times Rondo beside its rivals in one process: interleaved pairs, ratio of medians, outputs checked in the same run.

A record is {suite, case, dtype, threads, ours_us, rival, rival_us, ratio, max_abs_err}; ratio = rival_us / ours_us, so above 1
Rondo is faster. Weights and inputs are random; every output is compared with a double-precision reference.
"""

import argparse
import json
import statistics
import time

import bert
import cases
import char_rnn
import layer_runners
import layers
import numpy as np
import precision
import runners

MAX_ABS_ERROR = 1e-4
PAUSE_S = 0.05  # lets the other side's spinning workers go to sleep, so that they do not steal its cores


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", default="all", choices=["all", "loops", "layers", "char_rnn", "precision", "bert"], help="which cases (default: all)")
    parser.add_argument("--out", help="write the records as JSON to this file")
    parser.add_argument("--build-dir", default="build", help="where librondo_bench_driver.so was built (default: build)")
    parser.add_argument("--threads", default="1,2", help="team sizes, comma separated (default: 1,2)")
    parser.add_argument("--seconds", type=float, default=3.0, help="time for each pair of runners (default: 3)")
    parser.add_argument("--only", default="", help="only cases whose name contains this text")
    return parser.parse_args()


def checked_error(runner, expected):
    got = np.asarray(runner.output(), np.float64)[:, : expected.shape[1]]
    error = float(np.max(np.abs(got - expected)))
    if not error <= MAX_ABS_ERROR:
        raise SystemExit(f"{runner.name}: output differs from the reference by {error:.2e} (allowed {MAX_ABS_ERROR:.0e})")
    return error


def interleave(ours, rival, seconds):
    """Alternates the two and returns the median of each in microseconds."""
    for runner in (ours, rival):
        runner.run()
    times = {ours: [], rival: []}
    end = time.monotonic() + seconds
    while len(times[ours]) < 5 or (time.monotonic() < end and len(times[ours]) < 400):
        for runner in (ours, rival) if len(times[ours]) % 2 == 0 else (rival, ours):
            time.sleep(PAUSE_S)
            runner.run()
            times[runner].append(min(runner.run() for _ in range(2)))
    return statistics.median(times[ours]), statistics.median(times[rival])


def record(suite, case, threads, ours_us, rival, rival_us, error):
    row = {
        "suite": suite,
        "case": case,
        "dtype": "float32",
        "threads": threads,
        "ours_us": round(ours_us, 3),
        "rival": rival,
        "rival_us": round(rival_us, 3),
        "ratio": round(rival_us / ours_us, 3),
        "max_abs_err": error,
    }
    print(f"{case:44} {threads:2}  {ours_us:12.1f}  {rival:14} {rival_us:12.1f}  {row['ratio']:6.2f}  {error:.1e}", flush=True)
    return row


def run_case(case, rivals, library, threads, seconds):
    data = cases.make_data(case)
    expected = cases.reference(case, data)
    ours = runners.Rondo(library)
    ours.prepare(case, data, threads)
    records = []
    for rival in rivals:
        rival.prepare(case, data, threads)
        ours_us, rival_us = interleave(ours, rival, seconds)
        error = checked_error(ours, expected)
        checked_error(rival, expected)
        records.append(record("loops", case.name, threads, ours_us, rival.name, rival_us, error))
        rival.close()
    ours.close()
    return records


def run_primitive(case, library, threads, seconds):
    """The hand-written loop against the RNNv2 layer of the same sizes: both must end in the same program."""
    data = cases.make_data(case)
    expected = cases.reference(case, data)
    layer = cases.Case(case.name, case.steps, case.batch, case.input, case.hidden)
    loop, rnn = runners.Rondo(library), runners.Rondo(library)
    loop.prepare(case, data, threads)
    rnn.prepare(layer, data, threads)
    rnn.name = "rondo rnnv2"
    ours_us, rival_us = interleave(loop, rnn, seconds)
    error = checked_error(loop, expected)
    build_ms, load_ms = loop.build_times_ms()
    row = record("loops", case.name, threads, ours_us, rnn.name, rival_us, error)
    row.update(build_ms=round(build_ms, 2), load_ms=round(load_ms, 2))
    print(f"{'':44}     build {build_ms:.1f} ms, load {load_ms:.1f} ms")
    loop.close()
    rnn.close()
    return [row]


def run_layer(case, rivals, library, threads, seconds):
    rng = np.random.default_rng(7)
    x, weights = case.x(rng), case.weights(rng)
    expected = case.reference(x, weights)
    ours = layer_runners.Rondo(library)
    ours.prepare(case, x, weights, threads)
    records = []
    copies = [layer_runners.Copy(library), layer_runners.Copy(library, 64 << 20)] if hasattr(case, "copied") else []
    for rival in copies + rivals:
        rival.prepare(case, x, weights, threads)
        ours_us, rival_us = interleave(ours, rival, seconds)
        error = checked_error(ours, expected)
        if rival not in copies:
            checked_error(rival, expected)
        records.append(record("layers", case.name, threads, ours_us, rival.name, rival_us, error))
        rival.close()
    ours.close()
    return records


def run_counter(library):
    """Cost of one iteration of a loop with a small body; the rival column holds the bound of 1 us."""
    ours = runners.Rondo(library)
    trips = 1_000_000
    ours.prepare_counter(trips, 1)
    ours.run()
    per_iteration_us = statistics.median(ours.run() for _ in range(5)) / trips
    value = float(ours.output()[0, 0])
    ours.close()
    return [record("loops", "iteration of a small body", 1, per_iteration_us, "bound 1 us", 1.0, abs(value - 2.0))]


def run_loops(arguments, library, threads):
    records = []
    rivals = runners.available_rivals()
    for case in cases.LOOPS:
        if arguments.only in case.name:
            records += run_case(case, rivals, library, threads, arguments.seconds)
    for case in cases.PRIMITIVE:
        if arguments.only in case.name:
            records += run_primitive(case, library, threads, arguments.seconds)
    return records


def run_layers(arguments, library, threads):
    records = []
    rivals = layer_runners.available_rivals()
    for case in layers.LAYERS:
        if arguments.only in case.name:
            records += run_layer(case, rivals, library, threads, arguments.seconds)
    return records


def run_bert(arguments, library, threads):
    return bert.run_suite(arguments, library, threads, interleave, record)


def run_char_rnn(arguments, library, threads):
    return char_rnn.run_suite(arguments, library, threads, interleave, record)


def run_precision(arguments, library, threads):
    return precision.run_suite(arguments, library, threads, interleave, record)


def main():
    arguments = parse_arguments()
    library = runners.find_driver(arguments.build_dir)
    print("rivals: " + ", ".join(f"{r.name} {r.version}" for r in runners.available_rivals()))
    print(f"{'case':44} thr {'ours us':>12}  {'rival':14} {'rival us':>12}   ratio  max err")
    records = []
    suites = [("loops", run_loops), ("layers", run_layers), ("char_rnn", run_char_rnn), ("precision", run_precision), ("bert", run_bert)]
    for threads in (int(t) for t in arguments.threads.split(",")):
        for name, run in suites:
            if arguments.suite in ("all", name):
                records += run(arguments, library, threads)
    if arguments.suite in ("all", "loops") and arguments.only in "iteration of a small body":
        records += run_counter(library)
    if arguments.out:
        with open(arguments.out, "w", encoding="utf-8") as file:
            json.dump(records, file, indent=1)
        print(f"{len(records)} records written to {arguments.out}")


if __name__ == "__main__":
    main()
