"""What every test may use: the running suite, a store; and the rule that in CI nothing is skipped."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from kindling.store import Store

from tests.cases import SHARED, needs_shared
from tests.running_suite import RunningSuite
from tests.stores import live_store

settings.register_profile("house", deadline=None)  # a busy machine is no reason to fail
settings.load_profile("house")

IN_CI = os.environ.get("CI", "").lower() == "true"


def pytest_report_header() -> list[str]:
    """Says what a run leaves out."""
    return (
        [] if SHARED.is_dir() else [f"{SHARED} is not there: the tests of public suites and saved pages are left out"]
    )


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leaves out a file of public cases or saved pages where they are not beside the project; else no opinion."""
    return True if not SHARED.is_dir() and needs_shared(collection_path) else None


def pytest_pycollect_makemodule(module_path: Path) -> None:
    """Says so of such a file that was named: pytest asks nobody whether to leave that out."""
    if not SHARED.is_dir() and needs_shared(module_path):
        raise pytest.Collector.CollectError(f"{module_path.name} needs {SHARED}, which is no part of the project")


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSuite]:
    """This project as `dev.py serve` runs it, with schedules off and at first no data; one for all tests."""
    running = RunningSuite("--no-schedule", folder=tmp_path_factory.mktemp("suite"))
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """A store on a database of its own, one a module, which begins empty."""
    with live_store() as made:
        yield made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skipped test is a failure: the machine must be able to run everything."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """In CI a skipped file is a failure too."""
    report = yield
    if IN_CI and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report
