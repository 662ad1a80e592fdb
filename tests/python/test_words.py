# SPDX-License-Identifier: BSD-3-Clause
"""Cases and overrides as calor is given them, against Python's own TOML reader; calor's words and statuses as exceptions."""
import array
import concurrent.futures
import datetime
import inspect
import math
import os
import pathlib
import pickle
import re
import tomllib
import unittest

import calor
from calor import _launch, _words, errors
from support import PLATE, InFolder


def read_back(word):
    """An override as tomllib understands it: the path of its key, and its value."""
    key, _, value = word.partition("=")
    node = tomllib.loads(f"{key} = 0")
    path = []
    while isinstance(node, dict):
        (name, node), = node.items()
        path.append(name)
    return path, tomllib.loads(f"v = {value}")["v"]


class Words(InFolder):
    def test_case_goes_through_toml_unchanged(self):
        odd = {"title": "ünï \"q\" \\ \t\n\x01\x7f 漢", "grid": {"nx": 3, "x": [0.0, 1e-300]}, "functions": {"w": {"t": [0.0, "1h"], "value": [1, 2.5]}},
               "region": [{"name": "a b", "x": [0, 1], "void": True}, {"name": "c", "power": -1e22}], "materials": {"my glue.1": {"conductivity": math.inf}}}
        for case in (PLATE, odd):
            self.assertEqual(tomllib.loads(_words.toml_of(case)), case)

    def test_values_of_other_kinds(self):
        class Array:  # as numpy's
            def __init__(self, values): self.values = values
            def tolist(self): return self.values
        for value, expected in ((Array([1.5, 2.0]), [1.5, 2.0]), (Array(3), 3), (range(3), [0, 1, 2]), ((1, 2), [1, 2]), (array.array("d", [0.1]), [0.1]),
                                (pathlib.Path("a b/c"), "a b/c"), (True, True), (0.1 + 0.2, 0.1 + 0.2), (datetime.date(2026, 1, 31), "2026-01-31")):
            self.assertEqual(tomllib.loads("v = " + _words.value_of(value))["v"], expected)
        self.assertTrue(math.isnan(tomllib.loads("v = " + _words.value_of(math.nan))["v"]))
        for value, words in ((None, "leave it out"), (b"x", "bytes"), ({1, 2}, "set"), ({1: 2}, "is a text")):
            with self.assertRaisesRegex(TypeError, words):
                _words.value_of(value, "a.b")

    def test_overrides(self):
        words = _words.override_words({"grid.nx": 100, "time.end": 1.5}, {"title": "x", "grid": {"ny": 3}, "boundary": {"left": {"type": "insulated"}},
                                                                          "probe": {"x_0.02": {"at": [0.1, 0.2]}}, "region": [{"name": "r"}]})
        self.assertEqual([read_back(w) for w in words], [
            (["grid", "nx"], 100), (["time", "end"], 1.5), (["title"], "x"), (["grid", "ny"], 3), (["boundary", "left"], {"type": "insulated"}),
            (["probe", "x_0.02", "at"], [0.1, 0.2]), (["region"], [{"name": "r"}])])
        with self.assertRaisesRegex(ValueError, "time.breaks is too long"):
            _words.override_words({"time.breaks": list(range(100_000))})
        with self.assertRaisesRegex(TypeError, "not by 3"):
            _words.override_words({3: 4})

    def test_what_a_case_may_be(self):
        text = "title = 'a'\n"
        for name in ("plate.toml", "a=b.toml"):
            pathlib.Path(name).write_text(text, encoding="utf-8")
        here = os.getcwd()
        for case, files, given, name in (("plate.toml", [f"{here}/plate.toml"], None, "plate"), (pathlib.Path("plate.toml"), [f"{here}/plate.toml"], None, "plate"),
                                         ("chip", ["chip"], None, "chip"), (text, ["-"], text, "case"), ("title='one line'", ["-"], "title='one line'", "case"),
                                         ("a=b.toml", [f"{here}/a=b.toml"], None, "a=b"), ({"title": "a"}, ["-"], 'title = "a"\n', "case"),
                                         (["plate.toml", {"title": "a"}], [f"{here}/plate.toml", "-"], 'title = "a"\n', "plate"),
                                         ("nowhere.toml", [f"{here}/nowhere.toml"], None, "nowhere")):
            words = _words.CaseWords(case)
            self.assertEqual((words.files, words.text, words.name), (files, given, name), case)
        for case, error in ((3, TypeError), (None, TypeError), ([], ValueError), ("", ValueError), ([{}, {}], ValueError)):
            with self.assertRaises(error):
                _words.CaseWords(case)

    def test_plan_joins_what_the_case_has(self):
        case = _words.CaseWords("title = 'a'\n[sweep]\nretries = 0\n[sweep.vary]\n'grid.nx' = [1]\n")
        case.add_sweep({"mode": "zip", "vary": {"grid.ny": [2]}})
        self.assertEqual(tomllib.loads(case.text)["sweep"], {"retries": 0, "mode": "zip", "vary": {"grid.nx": [1], "grid.ny": [2]}})
        broken = _words.CaseWords("title = \n")
        broken.add_sweep({"mode": "zip"})
        self.assertEqual(broken.text, "title = \n")  # calor tells what is wrong with it


class Errors(unittest.TestCase):
    def test_every_status_of_the_contract_has_a_class(self):
        guide = pathlib.Path(os.environ["SOURCE_ROOT"], "docs", "user_guide.md").read_text(encoding="utf-8")
        table = guide[guide.index("## Exit status"):guide.index("## Troubleshooting")]
        told = {int(n) for n in re.findall(r"^\| (\d+) \|", table, re.M)}
        self.assertEqual(set(errors.BY_STATUS), told - {0, 1})
        self.assertEqual(len({kind for kind, _ in errors.BY_STATUS.values()}), len(errors.BY_STATUS))

    def test_words_are_calors_own_with_a_launcher_around(self):
        said = ("some plugin is not there\ncalor: command line: grid.nxx=3: unknown key\nplate.toml:3: twice\n" + "-" * 74 +
                "\nPrimary job  terminated normally, but 1 process returned\na non-zero exit code.\n" + "-" * 74 + "\n")
        error = _launch.error_of(78, said)
        self.assertIsInstance(error, calor.CaseError)
        self.assertEqual(error.mistakes, ["command line: grid.nxx=3: unknown key", "plate.toml:3: twice"])
        self.assertEqual((str(error), error.status), ("command line: grid.nxx=3: unknown key\nplate.toml:3: twice", 78))

    def test_deaths(self):
        for status in (-9, 137):
            error = _launch.error_of(status, "")
            self.assertIsInstance(error, calor.LaunchError)
            self.assertIn("SIGKILL", str(error))
        self.assertIn("exit status 3", str(_launch.error_of(3, "")))

    def test_exceptions_pass_between_processes(self):
        for error in (calor.CaseError("a\nb", 78, calor.Run("/nowhere"), "do"), calor.NoResult("x"), calor.Interrupted("w", calor.Run("/nowhere"))):
            again = pickle.loads(pickle.dumps(error))
            self.assertEqual((type(again), str(again), again.result), (type(error), str(error), error.result))
        with concurrent.futures.ProcessPoolExecutor(1) as pool:
            with self.assertRaisesRegex(calor.MissingFile, "gone"):
                pool.submit(_raise).result()

    def test_arguments_are_looked_at_before_anything_starts(self):
        for arguments, kind, words in (({"output": "out/x"}, TypeError, "directory="), ({"ranks": 0}, ValueError, "1 or more"), ({"ranks": 1.5}, ValueError, "1 or more"),
                                       ({"threads": -1}, ValueError, "1 or more"), ({"resume": True, "fresh": True}, ValueError, "exclude"),
                                       ({"launcher": ""}, ValueError, "empty"), ({"program": "/no/where"}, calor.LaunchError, "no program"),
                                       ({"ranks": 2, "launcher": "no-such-launcher"}, calor.LaunchError, "no-such-launcher is not on the path")):
            with self.subTest(arguments), self.assertRaisesRegex(kind, words):
                calor.run("plate.toml", **arguments)
        with self.assertRaisesRegex(TypeError, "a dict such as"):
            calor.run("plate.toml", "grid.nx=3")
        with self.assertRaisesRegex(TypeError, "vary is a dict"):
            calor.sweep("plate.toml", ["grid.nx"])

    def test_run_and_start_take_the_same(self):
        run, start = (list(inspect.signature(f).parameters) for f in (calor.run, calor.start))
        self.assertEqual(run, start)


def _raise():
    raise calor.MissingFile("gone", 66)
