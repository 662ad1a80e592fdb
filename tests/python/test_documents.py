# SPDX-License-Identifier: BSD-3-Clause
"""docs/python.md as it is printed: its blocks one after another in one Python, and what they print; the four examples; the package
as pip installs it."""
import contextlib
import importlib.util
import io
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

import calor
from support import InFolder

ROOT = pathlib.Path(os.environ["SOURCE_ROOT"])
PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")


class Documents(InFolder):
    def test_page(self):
        blocks = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.M | re.S)
        self.assertGreaterEqual(sum(kind == "python" for kind, _ in blocks), 9)
        names, said = {}, None
        for kind, text in blocks:
            if kind == "python":
                with contextlib.redirect_stdout(io.StringIO()) as out:
                    exec(compile(text, "docs/python.md", "exec"), names)
                said = out.getvalue()
            elif kind == "text":
                self.assertEqual(trimmed(said), trimmed(text))
                said = ""

    def test_reference_names_all_there_is(self):
        reference = PAGE[PAGE.index("## Reference"):]
        for kind in (calor.Run, calor.Sweep):
            row = re.search(rf"^\| `{kind.__name__}` \| (.*)\|$", reference, re.M)[1]
            told = set(re.findall(r"`(\w+)(?:\(\w*\))?`", row))
            there = {n for n in dir(kind) if not n.startswith("_")} | {"directory"}
            self.assertEqual(there ^ told, set())
        for name in set(calor.__all__) - {"__version__"}:
            self.assertRegex(PAGE, rf"\b{name}\b")
        statuses = dict((int(n), name) for n, name in re.findall(r"\| (\d\d) \| `(\w+)` ", reference))
        self.assertEqual(statuses, {n: kind.__name__ for n, (kind, _) in calor.errors.BY_STATUS.items()})

    def test_examples(self):
        examples = sorted((ROOT / "scripts" / "python" / "examples").glob("*.py"))
        self.assertEqual(len(examples), 4)
        for example in examples:
            self.assertIn(f"examples/{example.name})", PAGE)
            with self.subTest(example.name):
                os.mkdir(example.stem)
                done = subprocess.run([sys.executable, example], cwd=example.stem, capture_output=True, text=True, timeout=120, check=False)
                self.assertEqual(done.returncode, 0, done.stderr[-2000:])
                for picture in re.findall(r'savefig\("(.*?)"', example.read_text(encoding="utf-8")):
                    self.assertEqual(pathlib.Path(example.stem, picture).read_bytes()[:4], b"\x89PNG")

    def test_pip(self):
        if importlib.util.find_spec("pip") is None or importlib.util.find_spec("setuptools") is None:
            self.skipTest("python3 has no pip or no setuptools")
        shutil.copytree(ROOT / "scripts" / "python", "source")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--target", "site", "./source"]
        done = subprocess.run(pip, capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        said = self.python("import calor; print(calor.__file__, calor.__version__)", PYTHONPATH=os.path.abspath("site"))
        self.assertEqual(said.split("site/")[-1].split(), ["calor/__init__.py", calor.__version__])
        self.assertTrue(os.path.exists("site/calor/py.typed"))


def trimmed(text):
    """Without blanks at the ends of lines, which pandas prints and editors remove."""
    return [line.rstrip() for line in text.strip().splitlines()]


if __name__ == "__main__":
    unittest.main()
