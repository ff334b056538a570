"""`dev.py bench [NAME]`: runs the benchmarks in processes of their own and ends with one table of all their lines.

None fails by the clock: a goal that is not reached is told as missed. The lines of the last whole run, with the machine
and the versions they are of, stay in .kindling/benchmarks/last.json.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "benchmarks"
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- measured -->", "<!-- end of measured -->"
LAST = ROOT / ".kindling" / "benchmarks" / "last.json"
VERSIONS = ("firebase-functions", "firebase-admin", "functions-framework", "flask", "requests", "selectolax", "msgspec")
FIRST = ("scraping", "query", "scale")  # those with goals stand first
COLUMNS = ("what", "measured", "spread", "against", "goal", "")
VERDICTS = {True: "reached", False: "MISSED", None: ""}


def main(arguments: list[str]) -> int:
    """Runs one benchmark, or all; the exit code of the first that could not measure."""
    names = sorted((file.stem for file in FOLDER.glob("*.py") if not file.stem.startswith("_")), key=_rank)
    parser = argparse.ArgumentParser(
        prog="dev.py bench", description="Runs benchmarks, as ratios against peers in the same run.", allow_abbrev=False
    )
    parser.add_argument("name", nargs="?", choices=names, help="one of them (default: all)")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout instead of the table")
    parser.add_argument("--no-peers", action="store_true", help="only ourselves: installs nothing")
    parser.add_argument(
        "--quick", action="store_true", help="tiny sizes and no peers: shows that it runs, not how fast"
    )
    parser.add_argument("--write", action="store_true", help="also put the figures into docs/performance.md")
    chosen = parser.parse_args(arguments)
    if chosen.write and (chosen.name or chosen.quick or chosen.no_peers):
        parser.error("--write is for the figures of a whole run")
    if sys.platform != "linux":
        print("bench: memory is read from /proc, which only Linux has; run it there or in WSL", file=sys.stderr)
        return 3
    options = [flag for flag, given in (("--no-peers", chosen.no_peers), ("--quick", chosen.quick)) if given]
    report: dict[str, Any] = {"machine": machine(), "versions": versions(), "options": options, "lines": []}
    for name in [chosen.name] if chosen.name else names:
        print(f"== {name}", file=sys.stderr, flush=True)
        done = run(name, options)
        if done.returncode:
            return done.returncode
        report["lines"] += [{"benchmark": name, **line} for line in json.loads(done.stdout)["lines"]]
    if not chosen.quick and not chosen.name:
        LAST.parent.mkdir(parents=True, exist_ok=True)
        LAST.write_text(json.dumps(report, indent=1))
    if chosen.write:
        PAGE.write_text(with_figures(PAGE.read_text(encoding="utf-8"), report), encoding="utf-8")
    print(json.dumps(report) if chosen.json else table(report["lines"]))
    return 0


def _rank(name: str) -> tuple[bool, int, str]:
    return name not in FIRST, FIRST.index(name) if name in FIRST else 0, name


def run(name: str, options: list[str]) -> subprocess.CompletedProcess[str]:
    """One benchmark, which tells its lines on stderr as they come and all of them on stdout at its end."""
    env = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'functions'}"}
    command = [sys.executable, str(FOLDER / f"{name}.py"), "--json", *options]
    return subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603  # our own files


def table(lines: list[dict[str, Any]]) -> str:
    """All lines, under each other."""
    rows = [COLUMNS, *(_row(line) for line in lines)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _row(line: dict[str, Any]) -> tuple[str, ...]:
    spread = f"{line['low']:.4g} to {line['high']:.4g}" if line["low"] != line["high"] else ""
    against = f"{line['against']} ({line['note']})" if line["note"] else line["against"]
    return line["what"], f"{line['value']:.4g}", spread, against, line["goal"], VERDICTS[line["met"]]


def with_figures(page: str, report: dict[str, Any]) -> str:
    """The page with the report's figures in the place of its last ones."""
    of = report["machine"]
    libraries = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    parts = [
        f"{of['at']}, Python {of['python']} on {of['system']} with {of['processors']} processors; {libraries}.",
        *(_figures(name, report["lines"]) for name in dict.fromkeys(line["benchmark"] for line in report["lines"])),
    ]
    before, rest = page.split(BEGIN)
    return "".join((before, BEGIN, "\n", "\n\n".join(parts), "\n", END, rest.split(END)[1]))


def _figures(name: str, lines: list[dict[str, Any]]) -> str:
    """The lines of one benchmark as a table of Markdown."""
    head = [
        f"`python3 dev.py bench {name}`:\n",
        "| what | measured | spread | against | goal | |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    return "\n".join([*head, *(f"| {' | '.join(_row(line))} |" for line in lines if line["benchmark"] == name)])


def machine() -> dict[str, Any]:
    """What it was measured on."""
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processors": os.cpu_count(),
    }


def versions() -> dict[str, str]:
    """Of the libraries that the figures depend on."""
    return {name: importlib.metadata.version(name) for name in VERSIONS}
