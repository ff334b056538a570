"""The tests' own small project, served: once for all that only ask, and afresh for those that change or kill it; and a
database by itself."""

import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.emulators.database_server import DatabaseServer
from tests.running_suite import FIXTURE, RunningSuite


class Served(RunningSuite):
    """A suite that serves the small project."""

    @property
    def notes(self) -> list[list[object]]:
        """What its functions wrote down so far."""
        file = self.folder / "notes"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def function(self, name: str) -> str:
        """A function's own URL."""
        return f"{self.functions}/demo-fixture/us-central1/{name}"


Start = Callable[..., Served]


def serve(folder: Path, *arguments: str, project: Path = FIXTURE, ready: bool = True, **env: str) -> Served:
    """Serves a project with its data and notes in `folder`."""
    env = {"NOTES": str(folder / "notes"), **env}
    return Served(f"--project-dir={project}", *arguments, folder=folder, env=env, ready=ready)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The small project, for tests that leave it as it is."""
    running = serve(tmp_path_factory.mktemp("served"))
    yield running
    assert running.stop() == 0


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Serves the small project in the test's own folder, or in another; ends it after the test."""
    running: list[Served] = []

    def starter(*arguments: str, folder: Path = tmp_path, **how: Any) -> Served:
        running.append(serve(folder, *arguments, **how))
        return running[-1]

    yield starter
    for suite in running:
        if suite.process.returncode is None:
            suite.kill()


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest) -> Iterator[DatabaseServer]:
    """A database for the tests of a module, with the module's RULES if it has some; it writes nothing on stderr."""
    with DatabaseServer(rules=getattr(request.module, "RULES", None)) as running:
        yield running
    assert running.errors == ""


_places = itertools.count()


@pytest.fixture
def place() -> str:
    """A path of its own for a test in a database that several tests share."""
    return f"/case{next(_places)}"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the small project, for tests that edit it."""
    return Path(shutil.copytree(FIXTURE, tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__")))
