"""The official suite and our own, each with this project in it, started once for all tests that ask them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kindling.store import Store

from devtools.official import cli
from emulators.errors import MachineError
from tests.emulators.javascript import node
from tests.live import database
from tests.official.asking import MOUNTS, Told, play
from tests.official.scraping import DEMO, runs, scrape_what_is_due
from tests.official.suites import KEY, OfficialSuite, copy, eventually, left_behind
from tests.running_suite import ROOT, RunningSuite
from tests.stores import live_store

PATIENT = "min_backoff_seconds=30,"


@pytest.fixture(scope="session")
def firebase() -> None:
    """The CLI, installed as the lock file says; skips where there is no Node that it runs on."""
    node()
    try:
        cli()
    except MachineError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def official_database() -> Iterator[str]:
    """A database of ours that stands by itself; its HOST:PORT."""
    with database() as host:
        yield host


@pytest.fixture(scope="session")
def official(
    firebase: None, official_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OfficialSuite]:
    """This project in the official suite without a database emulator, on `official_database`."""
    folder = tmp_path_factory.mktemp("official")
    project = copy(ROOT, folder / "project", sources=DEMO)
    be_hasty(project / "functions" / "main.py")
    running = OfficialSuite(
        project,
        *("emulators:start", "--only", "functions,hosting,auth,tasks"),
        data=folder / "data",
        env={"FIREBASE_DATABASE_EMULATOR_HOST": official_database},
    )
    yield running
    assert running.stop() == 0
    eventually(lambda: left_behind(folder) == [])


def be_hasty(main: Path) -> None:
    """Has the queue try again after a second, where it waits half a minute on Firebase."""
    text = main.read_text()
    assert text.count(PATIENT) == 1
    main.write_text(text.replace(PATIENT, "min_backoff_seconds=1,"))


@pytest.fixture(scope="session")
def official_store(official_database: str) -> Iterator[Store]:
    """The store of the official suite, for a test that makes what only a fault would."""
    with live_store(official_database) as made:
        yield made


@dataclass(frozen=True)
class First:
    """What a suite showed before any test changed something: the runs of every source, the answers by mounting."""

    runs: Mapping[str, list[dict[str, Any]]]
    answers: Mapping[str, Mapping[str, Told]]


@pytest.fixture(scope="session")
def first(official: OfficialSuite) -> First:
    """The official suite after its schedule fired once."""
    scrape_what_is_due(official)
    found = {source: runs(official, source) for source in DEMO}
    return First(found, {mount: play(mount, official.hosting, official.functions) for mount in MOUNTS})


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSuite]:
    """The same in our own suite, scraped as well."""
    folder = tmp_path_factory.mktemp("own")
    sources = folder / "sources"
    sources.mkdir()
    for name in DEMO:
        shutil.copy(ROOT / "functions" / "sources" / f"{name}.yaml", sources)
    (folder / "secrets").write_text(f"ADMIN_KEY={KEY}\n")
    running = RunningSuite("--no-schedule", f"--sources={sources}", folder=folder)
    scrape_what_is_due(running)
    yield running
    assert running.stop() == 0


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder for a suite of the test's own; nothing runs in it afterwards."""
    yield tmp_path
    eventually(lambda: left_behind(tmp_path) == [])
