"""What a benchmark says: lines of ratios with their spread and their goal. Pure, but for the command line at the end.

A line never fails anything: what misses its goal is told as missed, what is slower as slower.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

Goal = tuple[str, float]  # ("at least", bound) or ("at most", bound)


@dataclass(frozen=True, slots=True)
class Line:
    """One measured line: `value` in the goal's unit, the spread of its rounds, and what it is made of in words.

    `met` is None where there is no goal.
    """

    what: str
    against: str
    value: float
    low: float
    high: float
    goal: str = ""
    met: bool | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Options:
    """How much is measured: with the neighbours or without, and `quick` only to see that all of it still runs."""

    peers: bool = True
    quick: bool = False


Measured = Callable[[Options], Iterator[Line]]


def told(what: str, against: str, values: Sequence[float], goal: Goal | None = None, *, note: str = "") -> Line:
    """The line of these rounds: their median, the smallest and the biggest."""
    value = statistics.median(values)
    spread = round(min(values), 4), round(max(values), 4)
    if goal is None:
        return Line(what, against, round(value, 4), *spread, note=note)
    word, bound = goal
    met = value >= bound if word == "at least" else value <= bound
    return Line(what, against, round(value, 4), *spread, f"{word} {bound:.4g}", met, note)


def shown(line: dict[str, Any]) -> str:
    """A line as people read it."""
    verdict = {True: "reached", False: "MISSED", None: ""}[line["met"]]
    spread = f"({line['low']:g} to {line['high']:g})"
    goal = f"goal {line['goal']}: {verdict}" if line["goal"] else ""
    return f"{line['what']:<58} {line['value']:>9g} {spread:<20} against {line['against']:<28} {goal}".rstrip()


def main(name: str, description: str, measured: Measured, arguments: list[str] | None = None) -> int:
    """The command line of one benchmark; always 0 when it could measure."""
    parser = argparse.ArgumentParser(prog=f"dev.py bench {name}", description=description, allow_abbrev=False)
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout, the lines on stderr")
    parser.add_argument("--no-peers", action="store_true", help="only ourselves: installs nothing")
    parser.add_argument(
        "--quick", action="store_true", help="tiny sizes and no peers: shows that it runs, not how fast"
    )
    chosen = parser.parse_args(arguments)
    lines = []
    for line in measured(Options(peers=not (chosen.no_peers or chosen.quick), quick=chosen.quick)):
        lines.append(asdict(line))
        print(shown(lines[-1]), file=sys.stderr if chosen.json else sys.stdout, flush=True)
    if chosen.json:
        print(json.dumps({"lines": lines}))
    return 0
