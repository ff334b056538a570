"""What a run may take, in all: requests, bytes and seconds, from any number of hosts and threads."""

from __future__ import annotations

import gzip
from concurrent.futures import ThreadPoolExecutor

import pytest
from kindling.errors import BudgetSpent, FetchFailed
from kindling.fetch import Budget, Limits, Spent

from tests.faultsite import Exchange, FaultSite, ManualClock, answer, moved, page
from tests.faultsite_rig import fetcher


def test_ours_requests_of_every_kind_count() -> None:
    with FaultSite({"/": moved("/a"), "/a": page()}) as site, fetcher(site, budget=Budget(requests=4)) as fetching:
        fetching.get(site.url())
        with pytest.raises(BudgetSpent) as spent:
            fetching.get(site.url())
    assert spent.value.code == "budget-requests"
    assert [asked.path for asked in site.asked] == ["/robots.txt", "/", "/a", "/"]


def test_ours_retries_count() -> None:
    with (
        FaultSite({"/": page(b"", 503)}) as site,
        fetcher(site, budget=Budget(requests=3)) as fetching,
        pytest.raises(FetchFailed) as failed,
    ):
        fetching.get(site.url())
    assert (failed.value.code, len(site.asked)) == ("budget-requests", 3)


def test_ours_megabytes_are_counted_decompressed_and_end_a_page_in_the_middle() -> None:
    zipped = page(gzip.compress(b"x" * 900_000), Content_Encoding="gzip")
    with (
        FaultSite({"/": zipped}) as site,
        fetcher(site, budget=Budget(megabytes=1.0), limits=Limits(ratio=2000)) as fetching,
    ):
        fetching.get(site.url())
        with pytest.raises(BudgetSpent) as spent:
            fetching.get(site.url())
        assert spent.value.code == "budget-megabytes"
        assert fetching.spent.bytes <= 1_000_000 + 256 * 1024
        with pytest.raises(BudgetSpent):
            fetching.get(site.url())
    assert len(site.paths()) == 2


def test_ours_an_answer_may_not_take_longer_than_the_run_and_that_is_not_the_hosts_fault() -> None:
    def drip(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\n\r\n")
        exchange.drip(b"x" * 500)

    with (
        FaultSite({"/": drip, "/robots.txt": page(b"")}) as site,
        fetcher(site, budget=Budget(seconds=1.2)) as fetching,
        pytest.raises(FetchFailed) as failed,
    ):
        fetching.get(site.url())  # a second passes on the clock that jumps, 0.2 s are left for the answer
    assert failed.value.code == "budget-seconds"


def test_ours_what_was_spent_can_be_told() -> None:
    clock = ManualClock()
    with FaultSite({"/": page(b"x" * 1000)}) as site, fetcher(site, clock=clock) as fetching:
        assert fetching.spent == Spent(0, 0, 0, 0.0)
        fetching.get(site.url())
        on_wire = len(answer(b"nothing here", 404)) + len(answer(b"x" * 1000))
        assert fetching.spent == Spent(requests=2, wire_bytes=on_wire, bytes=1000, seconds=1.0)


def test_ours_threads_share_one_budget() -> None:
    sites = [FaultSite({"/": page()}) for _ in range(4)]

    def ask(site: FaultSite) -> str:
        try:
            fetching.get(site.url())
        except BudgetSpent as spent:
            return spent.code
        return "page"

    try:
        with fetcher(*sites, budget=Budget(requests=20), pace_s=0.0) as fetching, ThreadPoolExecutor(4) as pool:
            found = list(pool.map(ask, sites * 10))
    finally:
        for site in sites:
            site.__exit__()
    assert sum(len(site.asked) for site in sites) == 20
    assert sorted(found) == ["budget-requests"] * 24 + ["page"] * 16
