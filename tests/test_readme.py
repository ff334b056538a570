"""The README's commands do what the README shows: each is run against a served suite, and its output compared.

In an output `…` stands for what differs each time (times, ids, keys, folders) or is too long to show; alone on its line
it stands for any lines.
The README's addresses and folders are replaced by those of the suite of the test, its new source is written to a folder
of the test, and where it says `KEY=…` the test puts in the suite's key.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from kindling.serve.table import TABLE

from tests.running_suite import RunningSuite

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SOURCES = ROOT / "functions" / "sources"
DEMO_SOURCES = ("users", "movies")  # the others need the web
DEADLINE_S = 120

pytestmark = pytest.mark.suite


@dataclass(frozen=True)
class Shown:
    """One command of the README and the output shown below it, None where none is shown."""

    command: str
    output: str | None


def blocks(language: str) -> list[str]:
    return [text for kind, text in FENCE.findall(README) if kind == language]


def shown() -> Iterator[Shown]:
    for text in blocks("console"):
        parts = re.split(r"^\$ ", text.replace("\\\n", " "), flags=re.MULTILINE)[1:]
        for part in parts:
            command, _, output = part.partition("\n")
            yield Shown(command, output or None)


def pattern(output: str) -> re.Pattern[str]:
    """The outputs that an output as shown stands for."""
    lines = [
        r"(?:[^\n]*\n)*?" if line == "…" else re.escape(line).replace("…", r"[^\n]*?") + r"\n"
        for line in output.splitlines()
    ]
    return re.compile("".join(lines))


@dataclass(frozen=True)
class Reader:
    """Somebody who follows the README: the suite, and the folder where the new source is written."""

    suite: RunningSuite
    sources: Path

    def translate(self, text: str) -> str:
        """The README's words as they are on this machine."""
        for said, meant in (
            ("http://127.0.0.1:5000", self.suite.hosting),
            ("http://127.0.0.1:5001", self.suite.functions),
            ("http://127.0.0.1:9000", self.suite.database),
            ("functions/sources/", f"{self.sources}/"),
            ("KEY=…", f"KEY={self.suite.key}"),
        ):
            text = text.replace(said, meant)
        return re.sub(r"^(python3 dev\.py (?:scrape|preview)\b)", self._own_data, text)

    def _own_data(self, command: re.Match[str]) -> str:
        return f"{command[0]} --data {self.suite.folder / 'data'} --sources {self.sources}"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    folder = tmp_path_factory.mktemp("readme")
    sources = folder / "sources"
    sources.mkdir()
    for name in DEMO_SOURCES:
        shutil.copy(SOURCES / f"{name}.yaml", sources)
    for text in blocks("yaml"):
        title = re.match(r"# functions/sources/(\w+\.yaml)\n", text)
        assert title is not None
        (sources / title[1]).write_text(text, encoding="utf-8")
    running = RunningSuite("--no-schedule", f"--sources={sources}", folder=folder)
    try:
        for name in DEMO_SOURCES:
            answer = requests.post(
                f"{running.hosting}/scrape_now/{name}?_wait=50", headers={"X-API-Key": running.key}, timeout=DEADLINE_S
            )
            assert answer.json()["status"] == "ok", answer.text
        yield Reader(running, sources)
    finally:
        assert running.stop() == 0


def test_serve_says_where_everything_is(reader: Reader) -> None:
    said = next(text for text in blocks("text") if "ready http" in text)
    reader.suite.line("Project ")
    lines = [line for line in reader.suite.lines if not line.startswith("suite: ")]  # warnings come before
    printed = "\n".join(lines[: len(said.splitlines())]) + "\n"
    assert pattern(reader.translate(said)).fullmatch(printed), printed


def test_every_command_prints_what_is_shown_below_it(reader: Reader) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    assignments: list[str] = []
    different = []
    for step in shown():
        command = reader.translate(step.command)
        if re.match(r"\w+=", command):
            assignments.append(command)
            continue
        done = subprocess.run(
            ["bash", "-c", "\n".join([*assignments, command])],
            cwd=ROOT,
            env={**os.environ, "PATH": path, "COLUMNS": "120"},
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        printed = done.stdout if not done.stdout or done.stdout.endswith("\n") else done.stdout + "\n"
        if done.returncode or (step.output and not pattern(reader.translate(step.output)).fullmatch(printed)):
            different.append(f"$ {command}\n{printed}{done.stderr}")
    assert different == []


def test_the_table_of_endpoints_has_every_route_once() -> None:
    rows = re.findall(r"^\| `([A-Z]+) ([^`]+)` \|.*\| (\w+) \|$", README, re.MULTILINE)
    routes = {(route.method, route.path, "admin" if route.admin else "all") for route in TABLE}
    assert sorted(rows) == sorted(routes)
