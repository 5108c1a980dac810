#!/usr/bin/env python3
"""Keeps the front page true: its commands exist, its links lead somewhere, its example is the one that CI runs."""
import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = ["README.md", "CONTRIBUTING.md", "docs/README.md", "docs/architecture.md"]


def text_of(name):
    return (ROOT / name).read_text()


class FrontPage(unittest.TestCase):
    def test_make_targets_exist(self):
        targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
        for page in PAGES:
            named = set(re.findall(r"(?:^|`)make ([a-z]+)\b", text_of(page), re.MULTILINE))
            self.assertLessEqual(named, targets, f"{page} names targets that the Makefile lacks")
        self.assertLessEqual({"demo", "test"}, set(re.findall(r"make ([a-z]+)", text_of("README.md"))))

    def test_every_target_is_explained(self):
        makefile = text_of("Makefile")
        targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
        self.assertEqual(targets, set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE)))

    def test_links_lead_somewhere(self):
        for page in PAGES:
            for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text_of(page)):
                self.assertTrue(((ROOT / page).parent / link).exists(), f"{page} links to {link}")

    def test_example_is_the_sample(self):
        blocks = re.findall(r"```cpp\n(.*?)```", text_of("README.md"), re.DOTALL)
        self.assertEqual(len(blocks), 1, "the front page shows one example")
        self.assertEqual(blocks[0].strip(), text_of("samples/readme/main.cpp").strip())

    def test_presets_are_named_rightly(self):
        presets = text_of("CMakePresets.json")
        for name in re.findall(r"PRESET=([a-z]+)", text_of("README.md") + text_of("CONTRIBUTING.md")):
            self.assertIn(f'"name": "{name}"', presets)


if __name__ == "__main__":
    unittest.main()
