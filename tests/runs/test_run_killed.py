"""A run killed with -9 at each of its writes, before and after the database took it: old or new, and then repaired."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from kindling.store import Store, paths

from tests.faultsite import FaultSite, page
from tests.live import ROOT, database
from tests.runs.scene import listing
from tests.stores import live_store

pytestmark = pytest.mark.slow

OLD = {"a": 1, "b": 2, "c": 3}
NEW = {"b": 2, "c": 4, "d": 5}


@pytest.fixture
def host() -> Iterator[str]:
    with database() as made:
        yield made


@pytest.fixture
def store(host: str) -> Iterator[Store]:
    with live_store(host) as made:
        yield made


def run(site: FaultSite, host: str, name: str, left: int, moment: str) -> int:
    environment = {"FIREBASE_DATABASE_EMULATOR_HOST": host, "PYTHONPATH": f"{ROOT / 'functions'}:{ROOT}", "PATH": ""}
    program = ROOT / "tests" / "runs" / "killed_run.py"
    command = [sys.executable, str(program), site.url("/"), site.door, name, str(left), moment]
    return subprocess.run(command, env=environment, check=False).returncode


def state(store: Store) -> tuple[dict[str, Any], int, list[tuple[str, str]]]:
    records = {r.id: r.document["price"] for r in store.records("killed", limit=99) if r.gone_ms is None}
    summary = store.collection("killed")
    return records, summary.count if summary else 0, [(c.op, c.id) for c in store.changes("killed", limit=99)]


def let_leases_lapse(store: Store) -> None:
    """What two minutes would do."""
    for place in (paths.lease("killed"), *map(paths.host, store.database.names(paths.HOSTS))):
        store.database.update({f"{place}/until": 0})


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_run_killed_at_any_write_leaves_old_or_new_and_the_next_repairs(store: Store, host: str, moment: str) -> None:
    added = [("added", name) for name in OLD]
    changed = [*added, ("changed", "c"), ("added", "d"), ("removed", "a")]
    old, new = (OLD, 3, added), (NEW, 3, changed)
    with FaultSite() as site:
        for left in itertools.count(1):
            site.handlers["/"] = page(listing(OLD))
            assert run(site, host, f"first-{left}", 10**6, moment) == 0
            assert state(store) == old
            site.handlers["/"] = page(listing(NEW))
            code = run(site, host, f"killed-{left}", left, moment)
            assert code in (-signal.SIGKILL, 0)
            assert state(store) in (old, new)
            let_leases_lapse(store)
            assert run(site, host, f"repair-{left}", 10**6, moment) == 0
            assert state(store) == new
            if code == 0:
                break
            _start_over(store)
    assert left > 6


def _start_over(store: Store) -> None:
    store.drop("killed", by="test", now_ms=1)
    store.database.update({f"{place}/killed": None for place in (paths.ROWS, paths.PAGES, paths.SOURCES)})
