#!/usr/bin/env python3
"""Shows that tools/check_constraints.py finds what a page, the source or the tests lack."""
import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import check_constraints

PAGE = "# soft\n\n## Constraints\n\n- **C1** Rank.\n- **C2** Type.\n"
SOURCE = '#include "ops/infer.h"\nvoid f() {\n  require_axis(in, 1, "axis", 3);\n  if (bad) refuse(in, 2, "no");\n}\nOpDef define_soft() { return {}; }\n'
TEST = 'TEST(A, B) { expect("(soft C1)"); }\nTEST(A, C) { expect("(soft C2)"); }\n'
CLEAN = {"docs/ops/structured/soft.md": PAGE, "src/ops/structured/soft.cpp": SOURCE, "tests/errors/soft_test.cpp": TEST,
         "src/ir/op_kind.def": "RONDO_OP(soft, kStructured)\n"}


def run(changes):
    printed = io.StringIO()
    with tempfile.TemporaryDirectory() as root, contextlib.redirect_stdout(printed):
        for name, text in {**CLEAN, **changes}.items():
            path = Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        status = check_constraints.main(["--root", root])
    return status, printed.getvalue()


class Constraints(unittest.TestCase):
    def catches(self, changes, expected):
        status, printed = run(changes)
        self.assertEqual(status, 1, printed)
        self.assertIn(expected, printed)
        self.assertIn("1 problems", printed)

    def test_clean(self):
        status, printed = run({})
        self.assertEqual(status, 0, printed)
        self.assertIn("2 constraints", printed)

    def test_without_test(self):
        self.catches({"tests/errors/soft_test.cpp": TEST.splitlines()[0]}, "no test expects (soft C2)")

    def test_without_refusal(self):
        self.catches({"src/ops/structured/soft.cpp": SOURCE.replace("refuse(in, 2", "refuse(in, 1")}, "nothing in src/ops refuses with (soft C2)")

    def test_refusals_of_one_of_two(self):
        self.assertEqual(run({"src/ops/structured/soft.cpp": "OpDef define_soft() {}\nint x = dtype(in, logic ? 2 : 1, fn);\n"})[0], 0)

    def test_refusals_in_a_shared_file(self):
        self.assertEqual(run({"src/ops/structured/soft.cpp": '#include "ops/structured/rules.h"\nOpDef define_soft() {}\n',
                              "src/ops/structured/rules.h": "void rules();\n",
                              "src/ops/structured/rules.cpp": "void rules() { broadcast_operands(in, 1, 2); }\n"})[0], 0)

    def test_gap(self):
        self.catches({"docs/ops/structured/soft.md": PAGE.replace("C2", "C3"),
                      "src/ops/structured/soft.cpp": SOURCE.replace("2,", "3,"),
                      "tests/errors/soft_test.cpp": TEST.replace("C2", "C3")}, "numbered [1, 3]")

    def test_unknown_number(self):
        self.catches({"tests/errors/soft_test.cpp": TEST + 'expect("(soft C7)");'}, "(soft C7), which the page lacks")

    def test_op_without_page(self):
        self.catches({"src/ir/op_kind.def": "RONDO_OP(soft, kStructured)\nRONDO_OP(hard, kPrimitive)\n"}, "hard has no page")


if __name__ == "__main__":
    unittest.main()
