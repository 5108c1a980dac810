#!/usr/bin/env python3
"""Shows that the CI summary counts what passed, does not hide what failed, and names why a test was skipped."""
import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import ci_summary

PASSED = '<testcase name="a" status="run"/>'
FAILED = '<testcase name="b" status="fail"><failure message=""/></testcase>'
SKIPPED = (
    '<testcase name="c" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>'
    "<system-out>x.cpp:1: Skipped\nneeds AVX-512\n[  SKIPPED ] c</system-out></testcase>"
)
UNBUILT = '<testcase name="d" status="notrun"><skipped message="Unable to find executable"/></testcase>'


def run(files, *arguments, demo=None):
    """(exit status, lines) of a summary over result files given as {name: testcases}."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as printed:
        for name, cases in files.items():
            Path(folder, name).write_text(f"<testsuite>{cases}</testsuite>")
        if demo is not None:
            Path(folder, "demo.log").write_text(demo)
            arguments += ("--demo-log", str(Path(folder, "demo.log")))
        status = ci_summary.main([*arguments, folder])
    return status, printed.getvalue().splitlines()


class Summary(unittest.TestCase):
    def test_all_passed(self):
        status, lines = run({"test.xml": PASSED * 3}, demo="x\ndemo: 5 passed, 0 failed\n")
        self.assertEqual((status, lines[-1]), (0, "8 passed, 0 failed"))

    def test_failures_count(self):
        status, lines = run({"test.xml": PASSED + FAILED + UNBUILT}, demo="demo: 1 passed, 2 failed\n")
        self.assertEqual((status, lines[-1]), (1, "2 passed, 4 failed"))

    def test_skips_give_their_reason(self):
        status, lines = run({"test.xml": PASSED + SKIPPED})
        self.assertEqual((status, lines[-1]), (0, "1 passed, 0 failed"))
        self.assertIn("  skipped c: needs AVX-512", lines)

    def test_fast_tests_are_not_counted_twice(self):
        self.assertEqual(run({"test.xml": PASSED * 2, "check.xml": PASSED})[1][-1], "2 passed, 0 failed")
        self.assertEqual(run({"check.xml": PASSED})[1][-1], "1 passed, 0 failed")

    def test_a_stage_that_died_fails_the_run(self):
        status, lines = run({"test.xml": PASSED}, "--failed-stage", "asan")
        self.assertEqual((status, lines[-1]), (1, "1 passed, 1 failed"))
        self.assertEqual(run({"test.xml": PASSED}, demo="crashed\n")[1][-1], "1 passed, 1 failed")


if __name__ == "__main__":
    unittest.main()
