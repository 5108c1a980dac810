#!/usr/bin/env python3
"""Runs the samples, shows one graph before and after the passes, times each sample and prints a table.

The last line is `demo: N passed, M failed`; the exit status is 0 when M is 0.
"""

import argparse
import glob
import os
import re
import subprocess
import sys
import tempfile

SAMPLES = ["relu_rnn", "lstm_loop", "lstm_bidirectional", "lstm_dynamic", "rnnv2", "char_rnn"]
MODEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "samples", "char_rnn", "model")
ARGUMENTS = {"char_rnn": ["--datadir", MODEL, "--generate", "300", "--temperature", "0.7", "--seed", "4"]}
PRINTED = ("lstm_loop", "char_rnn")  # their output is shown
SHOWN = "lstm_loop"
TIMEOUT_S = 120


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build-dir", default="build", help="where the samples were built (default: build)")
    parser.add_argument("--verbose", action="store_true", help="print the output of every sample")
    return parser.parse_args()


def find_sample(build_dir, name):
    path = os.path.join(build_dir, "samples", f"sample_{name}")
    return path if os.access(path, os.X_OK) else None


def run_sample(path, arguments=()):
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(
                [os.path.abspath(path), *arguments], capture_output=True, text=True, timeout=TIMEOUT_S, cwd=folder, check=False
            )
        except subprocess.TimeoutExpired:
            return 1, f"no answer within {TIMEOUT_S} s"
    return done.returncode, done.stdout + done.stderr


def shorten(line):
    """Cuts the bytes of constants, which would fill the screen."""
    line = re.sub(r"hex:([0-9a-f]{16})[0-9a-f]+", r"hex:\1…", line.rstrip("\n"))
    return (line if len(line) <= 180 else line[:179] + "…") + "\n"


def show_graph(path):
    """Prints the graph of one sample as it enters and as it leaves the passes."""
    with tempfile.TemporaryDirectory() as folder:
        run_sample(path, ["--dump", folder])
        dumps = sorted(glob.glob(os.path.join(folder, "*.after.txt")))
        if len(dumps) < 2:
            print("no graph dumps were written")
            return False
        for title, dump in (("before the passes", dumps[0]), ("after the passes", dumps[-1])):
            with open(dump, encoding="utf-8") as file:
                print(f"--- graph of {SHOWN} {title} ({os.path.basename(dump)})")
                print("".join(shorten(line) for line in file if line.strip()))
    return True


def main():
    arguments = parse_arguments()
    rows, failed = [], 0
    for name in SAMPLES:
        path = find_sample(arguments.build_dir, name)
        code, output = (1, "not built: run `make build`") if path is None else run_sample(path, ARGUMENTS.get(name, ()))
        passed = code == 0 and "check: passed" in output
        failed += not passed
        times = re.findall(r"time: build ([\d.]+) ms, load ([\d.]+) ms, run ([\d.]+) us", output)
        rows.append((name, "passed" if passed else "FAILED", *(times[0] if times else ("-", "-", "-"))))
        print(f"--- {name}: {'passed' if passed else 'FAILED'}")
        if arguments.verbose or not passed or name in PRINTED:
            print(output.rstrip())
    shown = find_sample(arguments.build_dir, SHOWN)
    if shown is None or not show_graph(shown):
        failed += 1
    print(f"{'sample':20} {'result':8} {'build ms':>9} {'load ms':>9} {'run us':>9}")
    for row in rows:
        print(f"{row[0]:20} {row[1]:8} {row[2]:>9} {row[3]:>9} {row[4]:>9}")
    print(f"demo: {sum(row[1] == 'passed' for row in rows)} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
