"""The heartbeat of a run's lease, on the real database."""

from __future__ import annotations

import json
import threading

import pytest
from kindling.errors import Unavailable
from kindling.flow import Lease
from kindling.heart import beating
from kindling.store import Store
from kindling.store.runs import LEASE_S, Runs

from tests.faultsite import ManualClock
from tests.running_suite import eventually

PATIENCE_S = 10


class Flaky(Runs):
    """Its first renewal finds no database."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.tried = 0
        self.renewed = threading.Event()

    def renew(self, lease: Lease, now_ms: int) -> bool:
        self.tried += 1
        if self.tried == 1:
            raise Unavailable("the database does not answer; try again")
        done = super().renew(lease, now_ms)
        self.renewed.set()
        return done


def test_a_renewal_that_fails_is_told_and_the_next_one_keeps_the_lease(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = ManualClock()
    runs = Flaky(store)
    lease = runs.acquire("beats", "r1", clock.now_ms())
    assert lease is not None
    clock.pass_s(60)
    with beating(runs, lease, clock, every_s=0.001):
        assert runs.renewed.wait(PATIENCE_S)
    holder = runs.holder("beats")
    assert holder is not None
    assert (holder.run, holder.until_ms) == ("r1", clock.now_ms() + LEASE_S * 1000)
    [line] = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {
        "severity": "WARNING",
        "message": "the lease of beats was not renewed",
        "event": "lease-not-renewed",
        "source": "beats",
        "run": "r1",
        "error": "Unavailable",
    }


def test_a_lease_that_another_run_has_is_not_renewed_any_more(store: Store) -> None:
    clock = ManualClock()
    runs = Flaky(store)
    lease = runs.acquire("taken", "r1", clock.now_ms())
    assert lease is not None
    clock.pass_s(LEASE_S + 1)
    thief = runs.acquire("taken", "r2", clock.now_ms())
    with beating(runs, lease, clock, every_s=0.001):
        eventually(lambda: "lease of taken" not in {thread.name for thread in threading.enumerate()})
    assert runs.holder("taken") == thief
    assert runs.tried == 2
