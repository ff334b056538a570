"""Our database as the official suite's own: rules by the CLI, events to functions, export and import; no Java."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.official.suites import NAMESPACE, OWNER, START_S, OfficialSuite, copy, eventually, left_behind

pytestmark = [pytest.mark.official, pytest.mark.usefixtures("firebase")]

FIXTURE = Path(__file__).parent / "project"


def in_order(notes: list[list[Any]]) -> list[list[Any]]:
    """The notes in an order of their own: functions are told side by side."""
    return sorted(notes, key=partial(json.dumps, sort_keys=True))


class Watched(OfficialSuite):
    """The functions of the fixture beside the database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(
            copy(FIXTURE, folder / "project"),
            *("emulators:start", "--only", "functions,database"),
            data=folder / "data",
            env={"NOTES": str(folder / "notes")},
        )

    def ask(self, method: str, path: str, body: Any = None, *, owner: bool = True) -> requests.Response:
        """One request of the database."""
        return requests.request(
            method,
            f"{self.origin('database')}/{path}.json",
            params={"ns": NAMESPACE},
            data=json.dumps(body),
            headers=OWNER if owner else {},
            timeout=START_S,
        )

    def notes(self, identity: str) -> list[list[Any]]:
        """What the functions were told of one child: kind, before, after."""
        file = self.folder / "notes"
        lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        return in_order([line[1:] for line in lines if line[0] == identity])


@pytest.fixture(scope="module")
def watched(firebase: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("watched")
    running = Watched(folder)
    yield running
    assert running.stop() == 0
    eventually(lambda: left_behind(folder) == [])


WRITES: dict[str, tuple[Any, Any, list[list[Any]]]] = {
    "a value where there was none": (None, {"a": 1}, [["created", None, {"a": 1}], ["written", None, {"a": 1}]]),
    "another value, with children gone": (
        {"a": 1, "b": {"c": 2, "d": 3}},
        {"a": 4, "b": {"c": 2}},
        [[kind, {"a": 1, "b": {"c": 2, "d": 3}}, {"a": 4, "b": {"c": 2}}] for kind in ("updated", "written")],
    ),
    "a scalar for a map": ({"a": 1}, "text", [[kind, {"a": 1}, "text"] for kind in ("updated", "written")]),
    "no value any more": ({"a": 1}, None, [["deleted", {"a": 1}, None], ["written", {"a": 1}, None]]),
}


@pytest.mark.parametrize("name", WRITES)
def test_spec_functions_are_told_before_and_after(watched: Watched, name: str) -> None:
    before, after, expected = WRITES[name]
    child = name.replace(" ", "-").replace(",", "")
    first = [] if before is None else [["created", None, before], ["written", None, before]]
    assert watched.ask("PUT", f"pub/{child}", before).status_code == 200
    eventually(lambda: watched.notes(child) == first)
    assert watched.ask("PUT", f"pub/{child}", after).status_code == 200
    eventually(lambda: len(watched.notes(child)) == len(first) + len(expected))
    assert watched.notes(child) == in_order([*first, *expected])


def test_spec_the_rules_are_the_files_and_follow_it(watched: Watched) -> None:
    rules = watched.project / "database.rules.json"
    text = rules.read_text()

    def reads() -> int:
        return watched.ask("GET", "pub/x", owner=False).status_code

    assert [reads(), watched.ask("GET", "own/ada", owner=False).status_code] == [200, 401]

    def written(new: str) -> bool:
        # Again and again: the CLI passes over a change that comes within 50 ms of another.
        rules.write_text(new)
        return True

    bad = '{"rules": {".read": "no such"}}'
    try:
        eventually(lambda: written(text.replace('"pub": {".read": true', '"pub": {".read": false')) and reads() == 401)
        eventually(lambda: written(bad) and any("database.rules.json:1:" in line for line in watched.lines))
        assert reads() == 401
    finally:
        eventually(lambda: written(text) and reads() == 200)


def test_spec_what_is_exported_is_imported_and_exported_again_at_the_exit(watched: Watched, folder: Path) -> None:
    kept = {"list": ["a", "b"], "n": 1.5, "text": "é😀", "yes": True}
    assert watched.ask("PUT", "kept", kept).status_code == 200
    export = folder / "export"
    joined = OfficialSuite(
        watched.project, "emulators:export", str(export), "--force", data=folder / "unused", ready="Export complete"
    )
    assert joined.wait() == 0
    written = json.loads((export / "database_export" / f"{NAMESPACE}.json").read_text())
    assert written["kept"] == {**kept, "list": {"0": "a", "1": "b"}}

    again = folder / "again"
    fresh = OfficialSuite(
        copy(FIXTURE, folder / "project"),
        *("emulators:exec", "--only", "database", f"--import={export}", f"--export-on-exit={again}"),
        f"{sys.executable} {reader(folder)}",
        data=folder / "data",
        ready="",
    )
    assert fresh.wait() == 0, fresh.lines
    assert json.loads(fresh.line("INSIDE ").removeprefix("INSIDE ")) == written
    assert json.loads((again / "database_export" / f"{NAMESPACE}.json").read_text()) == written


def reader(folder: Path) -> Path:
    """A script that prints the whole database, for `emulators:exec` to run."""
    script = folder / "reader.py"
    script.write_text(
        "import os, requests\n"
        f"url = 'http://' + os.environ['FIREBASE_DATABASE_EMULATOR_HOST'] + '/.json?format=export&ns={NAMESPACE}'\n"
        f"print('INSIDE', requests.get(url, headers={OWNER!r}).text)\n"
    )
    return script


def test_spec_bad_rules_stop_the_start_and_say_where(folder: Path) -> None:
    project = copy(FIXTURE, folder / "project")
    (project / "database.rules.json").write_text('{"rules": {\n  ".read": "auth.uid = 1"\n}}')
    running = OfficialSuite(project, "emulators:start", "--only", "database", data=folder / "data", ready="")
    assert running.wait() == 1
    assert [line for line in running.lines if "database.rules.json:2:" in line] != []


def test_ours_a_second_suite_on_the_same_data_is_refused(watched: Watched, folder: Path) -> None:
    project = copy(FIXTURE, folder / "project")
    second = OfficialSuite(
        project, "emulators:exec", "--only", "database", "true", data=watched.folder / "data", ready=""
    )
    assert second.wait() == 3
    assert second.lines == [
        f"emulators: {watched.folder / 'data'} is in use by another suite: stop it or choose another with --data"
    ]
