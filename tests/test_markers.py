"""The daily loop stays fast: what starts a suite, a browser or Node bears its mark, and `--fast` leaves it out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from devtools.testing import asked
from tests import conftest
from tests.live import ROOT

TESTS = sorted({*(ROOT / "tests").rglob("test_*.py")} - {*(ROOT / "tests" / "node_modules").rglob("*"), Path(__file__)})
STARTS = {
    r"RunningSuite\(|: RunningSuite\b|from tests\.(reader|clients\.served) ": {"suite", "official"},
    r"sync_playwright|from tests\.(browser|chromium)\b": {"browser"},
    r"from tests\.emulators\.javascript ": {"slow", "browser"},
}
"""What a test file has in it that starts something big, to the marks of which it needs one."""


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_starts_something_big_bears_its_mark(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    marks = set(re.findall(r"pytest\.mark\.(\w+)", text))
    assert [needs for pattern, needs in STARTS.items() if re.search(pattern, text) and not needs & marks] == []


def test_a_file_that_lacks_its_public_cases_says_so_where_it_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(conftest, "SHARED", tmp_path / "shared")
    assert conftest.pytest_ignore_collect(ROOT / "tests" / "test_values_vectors.py") is True
    with pytest.raises(
        pytest.Collector.CollectError, match=r"^test_values_vectors\.py needs .*shared, which is no part of"
    ):
        conftest.pytest_pycollect_makemodule(ROOT / "tests" / "test_values_vectors.py")
    assert conftest.pytest_ignore_collect(ROOT / "tests" / "test_api.py") is None


def test_fast_stands_for_all_marks_that_mean_slow_and_for_all_processors() -> None:
    slow = "not slow and not suite and not official and not browser"
    assert asked(["--fast", "-x"]) == ["-m", slow, "-n", "auto", "--dist", "worksteal", "-x"]
