# SPDX-License-Identifier: BSD-3-Clause
"""Cases and overrides, from what Python has to what calor reads: TOML, and words key=value."""
from __future__ import annotations

import datetime
import json
import math
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

# Sections whose entries have names: their keys lie one level deeper than those of others.
NAMED = frozenset({"functions", "materials", "region", "contact", "probe", "integral", "section"})


def text_of(value: str) -> str:
    """A TOML string."""
    # JSON's escapes are TOML's, but for DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def key_of(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key of a case is a text, not {key!r}")
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else text_of(key)


def value_of(value: Any, key: str = "") -> str:
    """A TOML value on one line: numbers, texts, lists, tables; numpy's and pandas' numbers and arrays too."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return text_of(value)
    if isinstance(value, os.PathLike):
        return text_of(os.fspath(value))
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return "nan" if math.isnan(value) else float.__repr__(value)  # nan, inf: TOML's words too
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return text_of(value.isoformat())  # calor takes stamps as texts
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key_of(k)} = {value_of(v, k)}" for k, v in value.items()) + " }"
    if hasattr(value, "tolist"):  # numpy's arrays and numbers, pandas' columns
        return value_of(value.tolist(), key)
    if isinstance(value, (Sequence, range)) and not isinstance(value, (bytes, bytearray)):
        return "[" + ", ".join(value_of(v, key) for v in value) + "]"
    if value is None:
        raise TypeError(f"{key or 'a key'} is None: leave it out where the case is to say nothing of it")
    raise TypeError(f"{key or 'a key'} = {value!r}: {type(value).__name__} is nothing that a case can hold")


def toml_of(case: Mapping[str, Any]) -> str:
    """The text of a case that is given as nested dicts."""
    plain, tables = [], []
    for key, value in case.items():
        if isinstance(value, Mapping):
            tables.append(f"[{key_of(key)}]")
            tables += [f"{key_of(k)} = {value_of(v, f'{key}.{k}')}" for k, v in value.items()]
        else:
            plain.append(f"{key_of(key)} = {value_of(value, key)}")
    return "\n".join(plain + tables) + "\n"


def override_words(*overrides: Mapping[str, Any] | None) -> list[str]:
    """Words key=value. Dotted names stand as they are; a dict under the name of a section sets each of its keys."""
    words = []
    for given in overrides:
        for key, value in (given or {}).items():
            if not isinstance(key, str):
                raise TypeError(f"an override is named by a text such as 'grid.nx', not by {key!r}")
            if "." in key or not isinstance(value, Mapping):
                words.append(f"{key}={value_of(value, key)}")
                continue
            for name, entry in value.items():
                path = f"{key_of(key)}.{key_of(name)}"
                if key in NAMED and isinstance(entry, Mapping):
                    words += [f"{path}.{key_of(k)}={value_of(v, f'{path}.{k}')}" for k, v in entry.items()]
                else:
                    words.append(f"{path}={value_of(entry, path)}")
    for word in words:
        if len(word.encode()) > 120_000:  # what Linux takes for one word of a command is 131,072 bytes
            raise ValueError(f"the value of {word.partition('=')[0]} is too long for an override; write it into the case")
    return words


class CaseWords:
    """A case as calor is given it: words for the command line, text for its standard input, a name for its directory."""

    def __init__(self, case: Any):
        self.files: list[str] = []
        self.text: str | None = None
        self.name = "case"
        parts = list(case) if isinstance(case, (list, tuple)) else [case]
        if not parts:
            raise ValueError("no case is given")
        for part in parts:
            self._add(part)

    def _add(self, part: Any) -> None:
        if hasattr(part, "case_file"):  # a Run or Sweep: what it has resolved
            part = part.case_file
        text: str | None = None
        if isinstance(part, Mapping):
            text = toml_of(part)
        elif isinstance(part, str) and ("\n" in part or ("=" in part and not os.path.exists(part))):
            text = part
        elif not isinstance(part, (str, os.PathLike)):
            raise TypeError(f"a case is a path, the name of a shipped case, a dict, or a text in TOML, not {type(part).__name__}")
        if text is not None:
            if self.text is not None:
                raise ValueError("of several cases one at most can be a dict or a text; merge them, or give the rest as overrides")
            self.text = text
            self.files.append("-")
            return
        path = os.fspath(part)
        if isinstance(path, bytes):
            path = os.fsdecode(path)
        if not path.strip():
            raise ValueError("the case is an empty text")
        shipped = re.fullmatch(r"[A-Za-z0-9_]+", path) is not None and not os.path.exists(path)
        if not self.files:
            self.name = os.path.splitext(os.path.basename(path))[0]
        self.files.append(path if shipped else os.path.abspath(path))

    @property
    def from_file(self) -> bool:
        """Whether the first part is a file, so that its name is the run's."""
        return self.files[0] != "-"

    def add_sweep(self, plan: Mapping[str, Any]) -> None:
        """Puts keys of [sweep] into the case, beside those that it has."""
        if not plan:
            return
        if self.text is None:
            self.text = toml_of({"sweep": plan})
            self.files.append("-")
            return
        try:
            case = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError:
            return  # calor will say what is wrong, and where
        had = case.get("sweep", {})
        vary = {**had.get("vary", {}), **plan.get("vary", {})}
        case["sweep"] = {**had, **plan, **({"vary": vary} if vary else {})}
        self.text = toml_of(case)
