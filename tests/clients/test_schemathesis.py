"""schemathesis, unchanged, asks everything that the specification allows and much that it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.served import Site, served
from tests.live import ROOT

pytestmark = pytest.mark.suite

HERE = Path(__file__).parent
EXAMPLES = 6  # of each operation and phase: some 1,500 requests in all
DEADLINE_S = 300  # twenty times what it takes


def test_spec_schemathesis_finds_no_failure(tmp_path: Path) -> None:
    with served(tmp_path) as site:
        done = subprocess.run(
            [
                str(Path(sys.executable).with_name("schemathesis")),
                f"--config-file={HERE / 'schemathesis.toml'}",
                "--no-color",
                "run",
                f"{site.hosting}/openapi.json",
                f"--url={site.hosting}",
                f"--header=X-API-Key: {site.key}",
                "--checks=all",
                "--phases=examples,coverage,fuzzing,stateful",
                f"--max-examples={EXAMPLES}",
                "--generation-deterministic",
                "--suppress-health-check=all",  # a busy machine is no failure
                "--continue-on-failure",
                "--warnings=off",
            ],
            cwd=tmp_path,
            env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.clients.schemathesis_hooks", "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
    assert isinstance(site, Site)
    bugs = [line for line in site.lines if '"severity": "ERROR"' in line]
    assert done.returncode == 0, done.stdout + done.stderr
    assert bugs == []
