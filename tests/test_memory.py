"""The memory of a scraping instance: a run of many records fits with room to spare, the framework and the SDK included.

A process of its own is measured by its high-water mark, which the kernel keeps: no sampling, no clock.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.faultsite import FaultSite, page
from tests.live import ROOT, database

pytestmark = pytest.mark.slow

INSTANCE_BYTES = 512 * 2**20  # what functions/main.py gives to runs
SHARE = 0.25  # 65 MB are there before the first record; pages of ten times the size must fit too
RECORDS = 10_000
TEXT = "some words about it " * 10


def measured(count: int) -> int:
    """The most memory, in bytes, that a run of `count` records took."""
    items = "".join(f"<li><b>record {n}</b><i>{n}</i><p>{TEXT}{n}</p></li>" for n in range(count))
    with FaultSite({"/": page(items.encode())}) as site, database() as host:
        done = subprocess.run(
            [sys.executable, str(ROOT / "tests" / "measured_run.py"), site.url("/"), site.door, str(count)],
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": f"{ROOT / 'functions'}:{ROOT}",
                "FIREBASE_DATABASE_EMULATOR_HOST": host,
            },
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_a_run_of_ten_thousand_records_takes_less_than_a_quarter_of_its_instance() -> None:
    assert measured(RECORDS) < INSTANCE_BYTES * SHARE
