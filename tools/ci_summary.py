#!/usr/bin/env python3
"""Adds up what a CI run did and prints `N passed, M failed` as its last line.

Counts every test of the JUnit files that ctest wrote (the fast tests of `make check` only if `make test` did not run
them again) and the samples of the demo. If stages failed but no test did, each such stage counts as one failure.
"""
import argparse
import re
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

DEMO_LINE = re.compile(r"^demo: (\d+) passed, (\d+) failed$", re.MULTILINE)

SKIP_REASON = re.compile(r"Skipped\n(.+)")  # how GoogleTest prints GTEST_SKIP() << reason


def count_junit(path):
    """(passed, names of failed, skipped with reasons) of one file that `ctest --output-junit` wrote."""
    passed, failed, skipped = 0, [], []
    for case in xml.parse(path).getroot().iter("testcase"):
        status = case.get("status")
        if status == "run":
            passed += 1
        elif status in ("notrun", "disabled") and case.find("failure") is None and case.find("skipped") is not None:
            message = case.find("skipped").get("message") or status
            said = SKIP_REASON.search(case.findtext("system-out") or "")
            reason = said[1].strip() if said else message
            (failed if "Unable to find" in message else skipped).append(f"{case.get('name')}: {reason}")
        else:
            failed.append(case.get("name"))
    return passed, failed, skipped


def result_files(folders):
    """All result files, without check.xml where test.xml repeats its tests."""
    files = []
    for folder in folders:
        names = sorted(Path(folder).glob("*.xml"))
        if any(f.name == "test.xml" for f in names):
            names = [f for f in names if f.name != "check.xml"]
        files += names
    return files


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", help="folders with ctest's JUnit files")
    parser.add_argument("--demo-log", help="output of `make demo`")
    parser.add_argument("--failed-stage", action="append", default=[], help="a stage that ended with an error")
    options = parser.parse_args(arguments)

    passed, failed = 0, []
    for path in result_files(options.folders):
        ok, bad, skipped = count_junit(path)
        print(f"{path}: {ok} passed, {len(bad)} failed, {len(skipped)} skipped")
        passed += ok
        failed += [f"{path}: {name}" for name in bad]
        for name in skipped:
            print(f"  skipped {name}")
    demo_failed = 0
    if options.demo_log and Path(options.demo_log).exists():
        found = DEMO_LINE.search(Path(options.demo_log).read_text(errors="replace"))
        if found:
            passed += int(found[1])
            demo_failed = int(found[2])
            failed += ["demo: a sample failed"] * demo_failed
        else:
            failed.append("demo: its result line is missing")
    for name in options.failed_stage:
        print(f"  stage '{name}' ended with an error")
    if options.failed_stage and not failed:  # a check or a compiler refused: no test tells it
        failed += [f"stage '{name}'" for name in options.failed_stage]
    for name in failed:
        print(f"  failed {name}")
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed or options.failed_stage else 0


if __name__ == "__main__":
    sys.exit(main())
