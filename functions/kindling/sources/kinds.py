"""Kinds of values a definition's keys may have: each reads one value, and says itself as JSON Schema.

A reader gets the plain value and a `Report`; it returns the normalised value, or None after reporting what is wrong.
Kinds know nothing of the keys that use them.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import Problem
from .text import Path, Written

Schema = dict[str, Any]

_USER = re.compile(r"//[^/?#\s]*@")  # of an address, with its password


class Report:
    """Collects problems; `at` is the place being read."""

    def __init__(self, written: Written, at: Path = (), problems: list[Problem] | None = None) -> None:
        self.written = written
        self.at = at
        self.problems = [] if problems is None else problems

    def inside(self, *steps: str) -> Report:
        """The same report, one place further in."""
        return Report(self.written, (*self.at, *steps), self.problems)

    def wrong(self, what: str) -> None:
        """Note that the value here is wrong: what it is, and the mend."""
        self.problems.append(Problem(".".join(self.at), what, self.written.line(self.at)))


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of value: `read(value, report)` gives it normalised, or None after a report; `schema` is for editors."""

    read: Callable[[Any, Report], Any]
    schema: Schema


def suggest(word: Any, known: Iterable[str]) -> str:
    """`; did you mean 'number'?` where one of `known` is near `word`, else what there is."""
    known = list(known)
    near = difflib.get_close_matches(str(word), known, 1, 0.6)
    return f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(known)}"


def shown(value: Any) -> str:
    """A value as a message shows it: short, and an address without its user and password, for messages are logged."""
    text = _USER.sub("//…@", repr(value))
    return text if len(text) <= 60 else f"{text[:56]}…{text[-1]}"  # its closing quote or bracket


def unshown(_: Any) -> str:
    """A value that may hold a secret, as a message shows it."""
    return "what is written there"


Shown = Callable[[Any], str]


def text(name: str, *, pattern: str | None = None, mend: str = "", longest: int = 2_000, show: Shown = shown) -> Kind:
    """Text of at most `longest` characters that matches `pattern` whole; `name` says what it is."""
    compiled = re.compile(pattern) if pattern else None

    def read(value: Any, report: Report) -> str | None:
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = report.written.numbers.get(report.at, str(value))  # `key: 1` and `X-Version: 1.10` mean the text
        if value is None:
            report.wrong(f"is empty; give {name} (quote a value that begins with #, which starts a comment)")
        elif not isinstance(value, str):
            report.wrong(f"must be {name}, not {show(value)}")
        elif not value.strip():
            report.wrong(f"is empty; give {name}")
        elif len(value) > longest:
            report.wrong(f"is longer than {longest:,} characters")
        elif compiled and not compiled.fullmatch(value.strip()):
            report.wrong(f"{show(value)} is not {name}{mend and '; ' + mend}")
        else:
            return value.strip()
        return None

    schema: Schema = {"type": "string", "maxLength": longest}
    return Kind(read, schema | ({"pattern": f"^(?:{pattern})$"} if pattern else {}))


def one_of(name: str, words: Sequence[str]) -> Kind:
    """One word of `words`."""

    def read(value: Any, report: Report) -> str | None:
        if isinstance(value, str) and value in words:
            return value
        report.wrong(f"unknown {name} {shown(value)}{suggest(value, words)}")
        return None

    return Kind(read, {"enum": list(words)})


def flag() -> Kind:
    """true or false."""

    def read(value: Any, report: Report) -> bool | None:
        if isinstance(value, bool):
            return value
        report.wrong(f"must be true or false, not {shown(value)}")
        return None

    return Kind(read, {"type": "boolean"})


def whole(least: int, most: int) -> Kind:
    """A whole number from `least` to `most`."""

    def read(value: Any, report: Report) -> int | None:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        report.wrong(f"must be a whole number from {least:,} to {most:,}, not {shown(value)}")
        return None

    return Kind(read, {"type": "integer", "minimum": least, "maximum": most})


_UNITS_S = {"m": 60, "h": 3_600, "d": 86_400}


def duration(least_s: int, most_s: int) -> Kind:
    """A time such as 5m, 6h or 30d between the two bounds; gives seconds."""
    bounds = f"{duration_text(least_s)} to {duration_text(most_s)}"

    def read(value: Any, report: Report) -> int | None:
        found = re.fullmatch(r"([0-9]{1,6})\s*([mhd])", value.strip()) if isinstance(value, str) else None
        seconds = int(found[1]) * _UNITS_S[found[2]] if found else None
        if seconds is None:
            report.wrong(f"{shown(value)} is not a time; write minutes, hours or days: 30m, 6h, 7d")
        elif not least_s <= seconds <= most_s:
            report.wrong(f"{shown(value)} is out of bounds; write a time from {bounds}")
            return None
        return seconds

    return Kind(read, {"type": "string", "pattern": "^[0-9]{1,6} *[mhd]$", "description": f"from {bounds}"})


def duration_text(seconds: int) -> str:
    """Seconds as the shortest time that `duration` reads."""
    for unit in ("d", "h", "m"):
        if seconds % _UNITS_S[unit] == 0:
            return f"{seconds // _UNITS_S[unit]}{unit}"
    raise ValueError(f"{seconds} s is no whole number of minutes")


def one_or_more(item: Kind, most: int) -> Kind:
    """One value or a list of at most `most` different ones; gives a tuple."""

    def read(value: Any, report: Report) -> tuple[Any, ...] | None:
        if not isinstance(value, list):
            found = item.read(value, report)
            return None if found is None else (found,)
        if not value:
            report.wrong("is an empty list; give at least one value")
            return None
        if len(value) > most:
            report.wrong(f"has {len(value)} values; at most {most} are taken")
            return None
        read_all = [item.read(one, report.inside(str(n))) for n, one in enumerate(value)]
        if None in read_all:
            return None
        if len(set(read_all)) != len(read_all):
            report.wrong("names something twice; keep one")
            return None
        return tuple(read_all)

    many: Schema = {"type": "array", "items": item.schema, "minItems": 1, "maxItems": most, "uniqueItems": True}
    return Kind(read, {"anyOf": [item.schema, many]})


def mapping_of(name: str, key: str, value: Kind, most: int, *, show: Shown = shown) -> Kind:
    """A mapping of at most `most` entries, each key matching the pattern `key`, being a `name`; gives a dict."""
    pattern = re.compile(key)

    def read(found: Any, report: Report) -> dict[str, Any] | None:
        if not isinstance(found, Mapping) or not found:
            report.wrong(f"must be a mapping with at least one {name}, not {show(found)}")
            return None
        if len(found) > most:
            report.wrong(f"has {len(found)} entries; at most {most} are taken")
            return None
        result = {}
        for word, item in found.items():
            if not pattern.fullmatch(word):
                report.inside(word).wrong(f"{shown(word)} is no name for a {name}; it must match {key}")
                continue
            result[word] = value.read(item, report.inside(word))
        return result

    schema: Schema = {"type": "object", "propertyNames": {"pattern": f"^(?:{key})$"}, "minProperties": 1}
    return Kind(read, schema | {"maxProperties": most, "additionalProperties": value.schema})


def scalar() -> Kind:
    """Any value of JSON that is not a list or an object, null included; gives a 1-tuple, as None means "wrong"."""

    def read(value: Any, report: Report) -> tuple[Any] | None:
        if isinstance(value, list | dict):
            report.wrong(f"must be text, a number, true, false or null, not {shown(value)}")
            return None
        if isinstance(value, float) and not math.isfinite(value):
            report.wrong("is a number beyond what can be kept; quote it if it is a text")
            return None
        return (value,)

    return Kind(read, {"type": ["string", "number", "boolean", "null"]})
