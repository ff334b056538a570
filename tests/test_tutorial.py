"""The tutorial, typed word by word: its files written, its servers started, its commands run, their outputs compared.

Of the `sh` blocks only the reader's own servers are started: the others start the suite, which the test has, or send
something away, which no test does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from socket import socket

import pytest
import requests

from tests.reader import Reader, following
from tests.running_suite import DEADLINE_S, Running
from tests.shown import ROOT, fences, steps

FOLDER = ROOT / "docs" / "tutorial"
PAGES = sorted(FOLDER.glob("[0-9]*.md"))
TEXTS = {page: page.read_text(encoding="utf-8") for page in PAGES}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    folder = tmp_path_factory.mktemp("tutorial")
    (folder / "lesson").mkdir()
    with following("", folder) as made:
        yield made


class Terminal:
    """The reader's second terminal: at most one server runs in it, and the next stops it."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.server: Running | None = None

    def start(self, command: str) -> None:
        """Starts a server on a free port; returns when it answers."""
        self.close()
        with closing(socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.reader.own_port = probe.getsockname()[1]
        command = self.reader.translate(command).replace("--port 8000", f"--port {self.reader.own_port}")
        self.server = Running(command.split())
        self.server.line_with("Running on")

    def close(self) -> None:
        """Ends the server, as Ctrl-C does."""
        if self.server:
            self.server.stop()
        self.server = None


@pytest.mark.suite
def test_every_page_works_as_written_in_order(reader: Reader) -> None:
    different = []
    with closing(Terminal(reader)) as terminal:
        for page in PAGES:
            for language, text in fences(TEXTS[page]):
                if language in ("python", "yaml"):
                    reader.write(text)
                elif language == "sh" and " flask " in text:
                    terminal.start(text)
                elif language == "console":
                    different += [f"{page.name}: {told}" for told in map(reader.type, steps(text)) if told]
    assert different == []


@pytest.mark.suite
def test_postman_has_the_variable_that_the_page_fills_in(reader: Reader) -> None:
    collection = requests.get(f"{reader.suite.hosting}/postman.json", timeout=DEADLINE_S).json()
    [named] = re.findall(r"collection's variable `(\w+)`", TEXTS[FOLDER / "6-testing.md"])
    assert named in {each["key"] for each in collection["variable"]}


@pytest.mark.parametrize("number", range(len(PAGES)), ids=[page.stem for page in PAGES])
def test_a_page_leads_to_the_next_and_answers_the_question_before(number: int) -> None:
    text = TEXTS[PAGES[number]]
    asked = re.search(r"^## Think\n(.*)", text, re.MULTILINE | re.DOTALL)
    assert asked is not None
    if number + 1 < len(PAGES):
        assert f"]({PAGES[number + 1].name})" in asked[1]
    if number:
        assert re.match(r"# \d\. [\w ]+\n\n\*[^*]+\?\* ", text), "it begins with the question that it answers"


def test_the_first_page_lists_the_steps() -> None:
    assert re.findall(r"\]\((\d[\w-]+\.md)\) \|", (FOLDER / "README.md").read_text(encoding="utf-8")) == [
        page.name for page in PAGES
    ]
