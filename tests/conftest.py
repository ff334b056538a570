"""What every test may use: the running suite; and the rule that in CI nothing is skipped."""

import os
import re
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.cases import SHARED
from tests.running_suite import RunningSuite

settings.register_profile("house", deadline=None)  # a busy machine is no reason to fail
settings.load_profile("house")

NEEDS_SHARED = re.compile(r"^from tests\.cases import .*\b(?:VECTORS|PAGES)\b", re.MULTILINE)
IN_CI = os.environ.get("CI", "").lower() == "true"


def pytest_report_header() -> list[str]:
    """Says what a run leaves out."""
    return (
        [] if SHARED.is_dir() else [f"{SHARED} is not there: the tests of public suites and saved pages are left out"]
    )


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leaves out a file of public cases or saved pages where they are not beside the project; else no opinion."""
    if SHARED.is_dir() or collection_path.suffix != ".py":
        return None
    return True if NEEDS_SHARED.search(collection_path.read_text(encoding="utf-8")) else None


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSuite]:
    """This project as `dev.py serve` runs it, with empty data and schedules off; one for all tests."""
    running = RunningSuite("--no-schedule", folder=tmp_path_factory.mktemp("suite"))
    yield running
    assert running.stop() == 0


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
