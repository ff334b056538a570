"""The whole project is clean under its own linter, formatter and type checker, as pyproject.toml sets them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.live import ROOT

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("ruff", "check", "."), id="ruff finds nothing"),
        pytest.param(("ruff", "format", "--check", "."), id="every file is formatted"),
        pytest.param(
            (
                "mypy",
                "dev.py",
                "wsgi.py",
                "devtools",
                "emulators",
                "functions/main.py",
                "functions/kindling",
                "tests",
                "benchmarks",
            ),
            id="mypy --strict finds nothing",
        ),
    ],
)
def test_the_project_is_clean(command: tuple[str, ...]) -> None:
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
