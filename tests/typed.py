"""A command of dev.py as a person types it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.running_suite import ROOT

PATIENCE_S = 300  # making an environment, on a machine that does much else


def typed(
    *words: str, root: Path = ROOT, folder: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """What came of `dev.py WORDS` of the project in `root`, typed there or in `folder`; `env` are further variables."""
    return subprocess.run(
        [sys.executable, str(root / "dev.py"), *words],
        cwd=folder or root,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
