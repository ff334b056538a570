"""The README's commands do what the README shows: each is run against a served suite, and its output compared."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from kindling.serve.callers import Scope
from kindling.serve.table import TABLE

from tests.reader import Reader, following
from tests.shown import ROOT, blocks, pattern, steps

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with following(README, tmp_path_factory.mktemp("readme")) as made:
        yield made


@pytest.mark.suite
def test_serve_says_where_everything_is(reader: Reader) -> None:
    said = next(text for text in blocks(README, "text") if "ready http" in text)
    reader.suite.line("Project ")
    lines = [line for line in reader.suite.lines if not line.startswith("suite: ")]  # warnings come before
    printed = "\n".join(lines[: len(said.splitlines())]) + "\n"
    assert pattern(reader.translate(said)).fullmatch(printed), printed


@pytest.mark.suite
def test_every_command_prints_what_is_shown_below_it(reader: Reader) -> None:
    different = [reader.type(step) for block in blocks(README, "console") for step in steps(block)]
    assert [problem for problem in different if problem] == []


def test_the_table_of_endpoints_has_every_route_once() -> None:
    rows = re.findall(r"^\| `([A-Z]+) ([^`]+)` \|.*\| (\w+) \|$", README, re.MULTILINE)
    who = {Scope.PUBLIC: "all", Scope.READ: "all", Scope.WRITE: "write", Scope.ADMIN: "admin"}
    routes = {(route.method, route.path, who[route.needs]) for route in TABLE}
    assert routes - set(rows) == set(), "the table of endpoints of README.md lacks these"
    assert sorted(rows) == sorted(routes)
