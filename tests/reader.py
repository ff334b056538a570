"""Somebody who follows a page of the documentation word by word, on a suite of their own.

The page's addresses and folders become those of the test, the files it shows are written to a folder of the test, and
where it says `KEY=…` the test puts in the suite's key.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.running_suite import RunningSuite
from tests.shown import DEADLINE_S, ROOT, Shown, differs, fences

SOURCES = ROOT / "functions" / "sources"
DEMO_SOURCES = ("users", "movies")  # the others need the web
TITLE = re.compile(r"# ([\w/]+\.(?:yaml|py))\n")  # the first line of a file that a page shows


@dataclass
class Reader:
    """A reader with the suite running; remembers the variables that were set."""

    suite: RunningSuite
    folder: Path
    variables: list[str] = field(default_factory=list)
    own_port: int = 8000  # where the reader's own servers listen

    def translate(self, text: str) -> str:
        """The page's words as they are on this machine."""
        for said, meant in (
            ("http://127.0.0.1:5000", self.suite.hosting),
            ("http://127.0.0.1:5001", self.suite.functions),
            ("http://127.0.0.1:9000", self.suite.database),
            ("http://127.0.0.1:8000", f"http://127.0.0.1:{self.own_port}"),
            ("functions/sources/", f"{self.folder}/functions/sources/"),
            ("functions/venv/bin/python", sys.executable),
            (r"lesson\b", f"{self.folder}/lesson"),
            ("KEY=…", f"KEY={self.suite.key}"),
        ):
            text = re.sub(rf"(?<![\w/]){said}", meant, text)
        return re.sub(r"^(python3 dev\.py (?:scrape|preview)\b)", self._own_data, text)

    def write(self, file: str) -> None:
        """Writes a file that the page shows, under the name in its first line."""
        title = TITLE.match(file)
        assert title is not None, f"a file without its name:\n{file}"
        path = self.folder / title[1]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.translate(file) if path.suffix == ".py" else file, encoding="utf-8")

    def type(self, step: Shown) -> str | None:
        """Types one command; what it printed, if that is not as shown."""
        command = self.translate(step.command)
        if re.match(r"\w+=", command):
            self.variables.append(command)
            return None
        return differs(command, self.translate(step.output) if step.output else None, self.variables)

    def _own_data(self, command: re.Match[str]) -> str:
        return f"{command[0]} --data {self.suite.folder / 'data'} --sources {self.folder / 'functions/sources'}"


@contextmanager
def following(page: str, folder: Path) -> Iterator[Reader]:
    """A reader of `page` whose suite has scraped the demo site; the sources that the page shows are written before."""
    sources = folder / "functions" / "sources"
    sources.mkdir(parents=True)
    for name in DEMO_SOURCES:
        shutil.copy(SOURCES / f"{name}.yaml", sources)
    running = RunningSuite("--no-schedule", f"--sources={sources}", folder=folder)
    reader = Reader(running, folder)
    try:
        for language, text in fences(page):
            if language == "yaml":
                reader.write(text)
        for name in DEMO_SOURCES:
            answer = requests.post(
                f"{running.hosting}/scrape_now/{name}?_wait=50", headers={"X-API-Key": running.key}, timeout=DEADLINE_S
            )
            assert answer.json()["status"] == "ok", answer.text
        yield reader
    finally:
        assert running.stop() == 0
