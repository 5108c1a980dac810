#!/usr/bin/env python3
"""Shows that each check of tools/ accepts a clean tree and catches each violation it promises to catch."""
import contextlib
import io
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import check_format
import check_layers
import check_names
import check_sizes

MARK = "TO" + "DO"
CLEAN = {
    "src/base/status.h": "/// A status.\nstruct Status {};\n",
    "src/ir/graph.h": '#include "base/status.h"\nstruct Graph {\n  int size_;\n};\n',
    "src/runtime/cpu/team.cpp": '#include "runtime/engine.h"\nint f() { return 1; }\n',
    "src/runtime/engine.h": '#include "plan/program.h"\n',
    "src/plan/program.h": '#include "base/status.h"\n#include "plan_generated.h"\n',
    "include/rondo/types.h": "/// Types.\n#include <cstdint>\n",
    "samples/hello/main.cpp": "#include <rondo/types.h>\nint main() { return 0; }\n",
}


def run(check, extra):
    """(exit status, what it printed) of a check over a scratch project: the clean files and those of `extra`."""
    printed = io.StringIO()
    with tempfile.TemporaryDirectory() as root, contextlib.redirect_stdout(printed):
        for name, text in {**CLEAN, **extra}.items():
            path = Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        status = check.main(["--root", root])
    return status, printed.getvalue()


class Checks(unittest.TestCase):
    def catches(self, check, extra, *expected):
        status, printed = run(check, extra)
        self.assertEqual(status, 1, printed)
        self.assertIn("1 problems", printed)
        for text in expected:
            self.assertIn(text, printed)

    def accepts(self, check, extra):
        status, printed = run(check, extra)
        self.assertEqual(status, 0, printed)

    def test_clean_tree_passes(self):
        for check in (check_layers, check_sizes, check_names):
            self.accepts(check, {})

    # Layers
    def test_upward_include(self):
        self.catches(check_layers, {"src/base/a.cpp": '\n#include "ir/graph.h"\n'}, "src/base/a.cpp:2", "'base'", "'ir'")

    def test_running_half_does_not_see_the_compiler(self):
        self.catches(check_layers, {"src/runtime/a.h": '#include "ir/graph.h"\n'}, "room 'runtime'")
        self.catches(check_layers, {"src/api/running/a.h": '#include "ir/graph.h"\n'}, "room 'api/running'")
        self.accepts(check_layers, {"src/api/build.cpp": '#include "ir/graph.h"\n#include "runtime/engine.h"\n'})

    def test_siblings(self):
        self.catches(
            check_layers,
            {"src/runtime/cuda/s.h": "\n", "src/runtime/cpu/a.h": '#include "runtime/cuda/s.h"\n'},
            "sibling",
        )

    def test_public_headers_and_users(self):
        self.catches(check_layers, {"include/rondo/a.h": '#include "ir/graph.h"\n'}, "'include/'")
        self.catches(check_layers, {"samples/hello/a.cpp": '#include "base/status.h"\n'}, "'samples/'")
        self.catches(check_layers, {"onnx/a.cpp": '#include "../src/ir/graph.h"\n'}, "'onnx/'")

    def test_relative_include_and_unknown_room(self):
        self.catches(check_layers, {"src/ir/a.cpp": '#include "graph.h"\n'}, "relative")
        self.catches(check_layers, {"src/attic/a.cpp": "\n"}, "not in a room")

    def test_generated_header(self):
        self.catches(check_layers, {"src/ir/a.cpp": '#include "plan_generated.h"\n'}, "belongs to 'plan'")

    # Sizes
    def test_long_header(self):
        self.catches(check_sizes, {"src/ir/a.h": "int x;\n" * 151}, "151 lines, limit 150")
        self.accepts(check_sizes, {"src/ir/a.h": "// reason: one table\n" + "int x;\n" * 290})
        self.catches(check_sizes, {"src/ir/a.h": "// reason: one table\n" + "int x;\n" * 300}, "limit 300")

    def test_long_source(self):
        self.catches(check_sizes, {"src/ir/a.cpp": "int x;\n" * 401}, "401 lines, limit 400")
        self.accepts(check_sizes, {"src/ir/a.cpp": "// reason: one switch\n" + "int x;\n" * 700})
        self.catches(check_sizes, {"src/ir/a.cpp": "// reason: one switch\n" + "int x;\n" * 800}, "limit 800")

    def test_long_function(self):
        body = "  if (x) { x = f({1, 2}); }\n" * 80
        self.catches(check_sizes, {"src/ir/a.cpp": f"namespace n {{\nint g(int x) {{\n{body}}}\n}}\n"}, "a.cpp:2", "function of 82")
        short = "".join(f"int g{i}(int x) {{\n  return x;\n}}\n" for i in range(60))
        self.accepts(check_sizes, {"src/ir/a.cpp": f"namespace n {{\nstruct S {{\n{short}}};\n}}\n"})
        self.accepts(check_sizes, {"src/ir/a.cpp": "const int table[] = {\n" + "  1,\n" * 200 + "};\n"})

    def test_crowded_folder(self):
        self.catches(check_sizes, {f"src/ops/op{i}.cpp": "\n" for i in range(26)}, "src/ops: 26 files")

    def test_silent_public_header(self):
        self.catches(check_sizes, {"include/rondo/a.h": "/// A.\n" + "int x();\n" * 30}, "3% comment")

    # Names
    def test_forbidden_words(self):
        self.catches(check_names, {"src/ir/graph_utils.h": "\n"}, "graph_utils.h")
        self.catches(check_names, {"src/ir/common/a.h": "\n"}, "'common'")
        self.catches(check_names, {"src/ir/a.h": "class ShapeHelper {};\n"}, "ShapeHelper")

    def test_spelling(self):
        self.catches(check_names, {"src/ir/GraphWalk.h": "\n"}, "not snake_case")
        self.catches(check_names, {"src/ir/a.h": "\nstruct tile_shape {\n};\n"}, "a.h:2", "not PascalCase")
        self.catches(check_names, {"src/ir/a.h": "inline constexpr int LIMIT = 3;\n"}, "'LIMIT' is not kName")
        self.accepts(check_names, {"src/ir/a.h": "inline constexpr int kLimit = 3;\nconstexpr int twice(int x) { return 2 * x; }\n"})

    def test_leftovers(self):
        self.catches(check_names, {"src/ir/a.cpp": f"// {MARK} later\n"}, "unfinished")
        self.catches(check_names, {"docs/a.md": "see /" + "home/someone/notes\n"}, "one machine")

    # Format
    @unittest.skipUnless(shutil.which("clang-format"), "clang-format is not installed")
    def test_format(self):
        style = {".clang-format": "BasedOnStyle: Google\n"}
        self.accepts(check_format, style)
        self.catches(check_format, {**style, "src/ir/a.cpp": "int  f( ){return 1 ;}\n"}, "src/ir/a.cpp: not formatted")


if __name__ == "__main__":
    unittest.main()
