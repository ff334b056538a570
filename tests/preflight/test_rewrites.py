"""`check --write`: firebase.json gets the rewrites that the functions ask for, and keeps every other byte; the schema
of definitions is as the tables make it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from devtools import check
from devtools.preflight.rewrites import Rewrite, mended
from tests.live import ROOT
from tests.preflight.planting import copy

WANTED = (
    Rewrite("/", "hello"),
    Rewrite("/get_a{,/**}", "get_a"),
    Rewrite("/b.json", "b"),
    Rewrite("**", "hello"),
)
FUNCTIONS = frozenset({"hello", "get_a", "b"})
HELLO, GET_A, B, LAST = map(str, WANTED)
OWN = '{"source":"/shop/**",\n  "destination": "/shop/index.html"}'
LONG = '{"function": {"functionId": "get_a", "region": "europe-west1"}, "source": "/get_a{,/**}"}'
GONE = '{"source": "/gone{,/**}", "function": "gone"}'
HALF = '{"source": "/get_a/**", "function": "get_a"}'
ALIAS = '{"source": "/a", "function": "get_a"}'
ORDERED = ["firebase.json: put its rewrites in order"]
BY_EXPRESSION = '{"regex": "^/a[0-9]$", "function": "get_a"}'


def config(*rewrites: str) -> str:
    """A firebase.json of somebody's own taste: tabs, spaces, a key that is called as ours elsewhere."""
    listed = ",\n\t\t\t".join(rewrites)
    return (
        '{ "functions":{"ignore": ["rewrites", "]"]},\n\t"hosting" :{\n\t\t"headers": [{"rewrites": []}],\n'
        f'\t\t"rewrites" : [\n\t\t\t{listed}\n\t\t] ,"public":"public"}}}}\n\n'
    )


def told(what: str, *rewrites: str) -> list[str]:
    return [f"firebase.json: {what} {each}" for each in rewrites]


MENDED = {
    "what is as wanted stays": ((HELLO, GET_A, B, LAST), (HELLO, GET_A, B, LAST), []),
    "one is missing": ((HELLO, B, LAST), (HELLO, GET_A, B, LAST), told("added", GET_A)),
    "one is too many": ((HELLO, GONE, GET_A, B, LAST), (HELLO, GET_A, B, LAST), told("removed", GONE)),
    "one stands twice": ((HELLO, GET_A, GET_A, B, LAST), (HELLO, GET_A, B, LAST), ORDERED),
    "they stand in another order": ((LAST, B, HELLO, GET_A), (HELLO, GET_A, B, LAST), ORDERED),
    "one is for half of the paths": (
        (HELLO, HALF, B, LAST),
        (HELLO, GET_A, B, LAST),
        told("added", GET_A) + told("removed", HALF),
    ),
    "one is missing, one too many, among the project's own": (
        (OWN, HELLO, GONE, ALIAS, B, BY_EXPRESSION, LAST),
        (OWN, HELLO, ALIAS, GET_A, BY_EXPRESSION, B, LAST),
        told("added", GET_A) + told("removed", GONE),
    ),
    "one is written in the long form": ((LONG, HELLO, B, LAST), (HELLO, LONG, B, LAST), ORDERED),
}


@pytest.mark.parametrize(("before", "after", "done"), MENDED.values(), ids=MENDED.keys())
def test_ours_the_rewrites_are_as_wanted_and_all_else_as_before(
    before: tuple[str, ...], after: tuple[str, ...], done: list[str]
) -> None:
    assert mended(config(*before), WANTED, FUNCTIONS) == (config(*after), done)
    assert mended(config(*after), WANTED, FUNCTIONS) == (config(*after), [])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            '{"hosting": {"rewrites": [' + HELLO + "]}}",
            '{"hosting": {"rewrites": [' + ", ".join((HELLO, GET_A, B, LAST)) + "]}}",
            id="in one line",
        ),
        pytest.param(
            '{\n  "hosting": {\n    "rewrites": []\n  }\n}',
            '{\n  "hosting": {\n    "rewrites": [\n      '
            + ",\n      ".join((HELLO, GET_A, B, LAST))
            + "\n    ]\n  }\n}",
            id="where there was none",
        ),
        pytest.param(
            '{"hosting": {"rewrites": [\r\n ' + HELLO + "\r\n]}}",
            '{"hosting": {"rewrites": [\r\n ' + ",\r\n ".join((HELLO, GET_A, B, LAST)) + "\r\n]}}",
            id="with the ends of lines that another system writes",
        ),
        pytest.param(
            '{"hosting": {"public": "p"}}', '{"hosting": {"public": "p"}}', id="without the key nothing is written"
        ),
        pytest.param('{"rewrites": []}', '{"rewrites": []}', id="without hosting nothing is written"),
    ],
)
def test_ours_a_list_keeps_its_looks(before: str, after: str) -> None:
    assert mended(before, WANTED, FUNCTIONS)[0] == after


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this project."""
    return copy(tmp_path_factory.mktemp("project"))


PLANTED = {
    "a rewrite that is missing": ('      {"source": "/get_runs{,/**}", "function": "get_runs"},\n', ""),
    "a rewrite that leads nowhere": (
        '      {"source": "**"',
        '      {"source": "/shop", "function": "shop"},\n      {"source": "**"',
    ),
    "a rewrite behind the last": (
        '      {"source": "**", "function": "hello_world"}\n',
        '      {"source": "**", "function": "hello_world"},\n      {"source": "/health", "function": "health"}\n',
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize(("old", "new"), PLANTED.values(), ids=PLANTED.keys())
def test_ours_the_file_is_written_as_it_came_with_the_project(
    old: str, new: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project / "firebase.json"
    right = (ROOT / "firebase.json").read_text(encoding="utf-8")
    assert old in right
    file.write_text(right.replace(old, new), encoding="utf-8")
    command = ["--project-dir", str(project), "--project", "shop-1", "--json"]
    assert check.main(command) == 1
    assert check.main([*command, "--write"]) == 0
    assert "check: firebase.json: " in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == right
    assert check.main([*command, "--write"]) == 0
    assert capsys.readouterr().err == ""
    assert sorted(path.name for path in project.glob("firebase.json*")) == ["firebase.json"]


@pytest.mark.slow
def test_ours_a_package_that_does_not_load_leaves_the_file_alone(project: Path, tmp_path: Path) -> None:
    broken = copy(tmp_path, project)
    (broken / "functions" / "kindling" / "serve" / "table.py").write_text("oops\n", encoding="utf-8")
    before = (broken / "firebase.json").read_bytes()
    assert check.main(["--project-dir", str(broken), "--project", "shop-1", "--write"]) == 1
    assert (broken / "firebase.json").read_bytes() == before


@pytest.mark.slow
def test_ours_the_schema_of_definitions_is_written_where_there_is_one(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy(tmp_path, project)
    command = ["--project-dir", str(folder), "--project", "shop-1", "--json", "--write"]
    assert check.main(command) == 0
    assert (capsys.readouterr().err, (folder / "docs").exists()) == ("", False)
    file = folder / "docs" / "source.schema.json"
    file.parent.mkdir()
    file.write_text("{}", encoding="utf-8")
    assert check.main(command) == 0
    assert capsys.readouterr().err == "check: docs/source.schema.json: written anew from the tables of the package\n"
    assert file.read_bytes() == (ROOT / "docs" / "source.schema.json").read_bytes()
    assert check.main(command) == 0
    assert (capsys.readouterr().err, [path.name for path in file.parent.iterdir()]) == ("", ["source.schema.json"])
