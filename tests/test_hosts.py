"""What is remembered of hosts, in the database: held by one run, given back, lapsing when a run is killed."""

from __future__ import annotations

import pytest
from kindling.errors import HostBusy
from kindling.fetch import HostState, RobotsState
from kindling.hosts import HOLD_S, KEPT_MS, StoreHosts, prune_hosts
from kindling.store import Store, paths
from kindling.store.client import Database

from tests.faultsite import ManualClock

STATE = HostState(5, 2, 9, (RobotsState("https://a.example", "ok", 77, "User-agent: *\nDisallow: /x"),))


@pytest.fixture
def kept(store: Store) -> Database:
    return store.database


def test_a_host_is_held_by_one_run_and_what_it_learned_is_there_for_the_next(kept: Database) -> None:
    clock = ManualClock()
    one, other = (StoreHosts(kept, run, clock) for run in ("r1", "r2"))
    assert one.enter("a.example") == HostState()
    with pytest.raises(HostBusy) as busy:
        other.enter("a.example")
    assert busy.value.retry_at_ms == clock.now_ms() + HOLD_S * 1000
    one.leave("a.example", STATE)
    assert other.enter("a.example") == STATE


def test_the_hold_of_a_killed_run_lapses_and_it_cannot_save_over_its_successor(kept: Database) -> None:
    clock = ManualClock()
    killed, successor = (StoreHosts(kept, run, clock) for run in ("k1", "k2"))
    killed.enter("b.example:8080")
    clock.pass_s(HOLD_S - 1)
    killed.keep("b.example:8080", STATE)
    clock.pass_s(HOLD_S + 1)
    assert successor.enter("b.example:8080") == STATE
    with pytest.raises(HostBusy):
        killed.keep("b.example:8080", HostState())
    killed.leave("b.example:8080", HostState())
    successor.leave("b.example:8080", STATE)
    assert killed.enter("b.example:8080") == STATE


def test_a_host_that_nobody_fetched_from_for_a_month_is_forgotten(
    kept: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kindling.hosts.PRUNE_BATCH", 2)
    kept.update({paths.HOSTS: None})
    clock = ManualClock()
    for name in ("old1.example", "old2.example", "old3.example"):
        StoreHosts(kept, "r", clock).enter(name)
    clock.pass_s(KEPT_MS / 1000)
    StoreHosts(kept, "r", clock).enter("monthly.example")
    assert prune_hosts(kept, clock.now_ms() - 86_400_000) == 0
    assert prune_hosts(kept, clock.now_ms()) == 3
    assert kept.names(paths.HOSTS) == ["monthly~2Eexample"]
    assert prune_hosts(kept, clock.now_ms()) == 0


def test_the_projects_own_site_may_be_read_by_many_at_once(kept: Database) -> None:
    books = [StoreHosts(kept, f"o{n}", ManualClock(), own="127.0.0.1:5000") for n in range(2)]
    assert [book.enter("127.0.0.1:5000") for book in books] == [HostState(), HostState()]
    for book in books:
        book.leave("127.0.0.1:5000", STATE)
    assert "127~2E0~2E0~2E1~3A5000" not in kept.names(paths.HOSTS)
