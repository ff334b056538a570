"""Pace, Crawl-delay, back-off and leases: what a host is spared, also across runs and threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kindling.errors import BudgetSpent, FetchFailed, HostBusy
from kindling.fetch import Budget, Clock, HostState, MemoryHosts, RobotsState
from kindling.fetch.pace import BACKOFF_LONGEST_S, after_answer, after_failure
from kindling.fetch.robots import Rules

from tests.faultsite import Exchange, FaultSite, Handler, ManualClock, answer, in_turn, moved, page
from tests.faultsite_rig import AGENT, fetcher

SLOWLY = page(b"User-agent: *\nCrawl-delay: 7")


def test_ours_a_second_lies_between_all_requests_to_a_host() -> None:
    clock = ManualClock()
    with FaultSite({"/a": page(), "/b": page()}) as site, fetcher(site, clock=clock) as fetching:
        fetching.get(site.url("/a"))
        fetching.get(site.url("/b"))
    assert [asked.path for asked in site.asked] == ["/robots.txt", "/a", "/b"]
    assert clock.slept == [1.0, 1.0]


def test_ours_time_that_passed_anyway_is_not_waited_for() -> None:
    clock = ManualClock()
    with FaultSite({"/a": page()}) as site, fetcher(site, clock=clock) as fetching:
        fetching.get(site.url("/a"))
        clock.pass_s(0.75)
        fetching.get(site.url("/a"))
        clock.pass_s(5.0)
        fetching.get(site.url("/a"))
    assert clock.slept == [1.0, 0.25]


def test_ours_a_longer_crawl_delay_holds() -> None:
    clock = ManualClock()
    with FaultSite({"/a": page(), "/robots.txt": SLOWLY}) as site, fetcher(site, clock=clock) as fetching:
        for _ in range(3):
            fetching.get(site.url("/a"))
    assert clock.slept == [1.0, 7.0, 7.0]


def test_ours_a_crawl_delay_over_the_runs_time_ends_the_run_and_says_when() -> None:
    clock = ManualClock(0)
    slowly = page(b"User-agent: *\nCrawl-delay: 3600")
    with FaultSite({"/a": page(), "/robots.txt": slowly}) as site, fetcher(site, clock=clock) as fetching:
        fetching.get(site.url("/a"))
        with pytest.raises(BudgetSpent) as spent:
            fetching.get(site.url("/a"))
    assert (spent.value.code, spent.value.retry_at_ms) == ("budget-seconds", 3_601_000)


def test_ours_the_own_site_has_no_pace_but_may_ask_for_one() -> None:
    clock = ManualClock()
    with FaultSite({"/a": page()}) as site, fetcher(clock=clock, own=site.url("")) as fetching:
        fetching.get(site.url("/a"))
        fetching.get(site.url("/a"))
    assert clock.slept == []
    with (
        FaultSite({"/a": page(), "/robots.txt": SLOWLY}) as site,
        fetcher(clock=clock, own=site.url("")) as fetching,
    ):
        fetching.get(site.url("/a"))
        fetching.get(site.url("/a"))
    assert clock.slept == [7.0]


def test_ours_each_host_has_its_own_pace() -> None:
    clock = ManualClock()
    with FaultSite({"/a": page()}) as one, FaultSite({"/a": page()}) as two, fetcher(one, two, clock=clock) as fetching:
        for url in (one.url("/a"), two.url("/a")):
            fetching.get(url)
        fetching.get(one.url("/a"))
    assert clock.slept == [1.0, 1.0]


def test_ours_pace_holds_across_runs() -> None:
    clock = ManualClock()
    hosts = MemoryHosts(clock)
    with FaultSite({"/a": page()}) as site:
        for _ in range(2):
            with fetcher(site, clock=clock, hosts=hosts) as fetching:
                fetching.get(site.url("/a"))
    assert clock.slept == [1.0, 1.0]
    assert [asked.path for asked in site.asked] == ["/robots.txt", "/a", "/a"]


def test_ours_robots_txt_is_asked_for_again_after_a_day() -> None:
    clock = ManualClock()
    hosts = MemoryHosts(clock)
    forbids = page(b"User-agent: *\nDisallow: /")
    with FaultSite({"/a": page(), "/robots.txt": in_turn(page(b""), forbids)}) as site:
        with fetcher(site, clock=clock, hosts=hosts) as fetching:
            fetching.get(site.url("/a"))
        clock.pass_s(24 * 3600 - 2)
        with fetcher(site, clock=clock, hosts=hosts) as fetching:
            fetching.get(site.url("/a"))
        clock.pass_s(10)
        with fetcher(site, clock=clock, hosts=hosts) as fetching, pytest.raises(FetchFailed) as failed:
            fetching.get(site.url("/a"))
    assert failed.value.code == "robots"
    assert [asked.path for asked in site.asked] == ["/robots.txt", "/a", "/a", "/robots.txt"]


def test_ours_only_the_rules_for_us_are_remembered() -> None:
    clock = ManualClock(0)
    hosts = MemoryHosts(clock)
    text = b"User-agent: *\nDisallow: /x\n\nUser-agent: KINDLING\nDisallow: /b # secret\nCrawl-delay: 2\n"
    with FaultSite({"/a": page(), "/robots.txt": page(text)}) as site:
        with fetcher(site, clock=clock, hosts=hosts) as fetching:
            fetching.get(site.url("/a"))
        origin = site.url("")
    kept = RobotsState(origin, "ok", 24 * 3_600_000, "User-agent: *\nCrawl-delay: 2.0\nDisallow: /b")
    assert hosts.enter(site.door) == HostState(next_at_ms=3_000, robots=(kept,))


def test_ours_http_and_https_of_a_host_keep_their_own_robots() -> None:
    http, https = RobotsState("http://a.b", "absent", 10), RobotsState("https://a.b", "ok", 10, "x")
    newer = RobotsState("http://a.b", "ok", 20, "y")
    state = HostState().with_robots(http).with_robots(https).with_robots(newer)
    assert state.robots == (https, newer)
    assert (state.robots_of("http://a.b", 19), state.robots_of("http://a.b", 20)) == (newer, None)


def test_ours_back_off_is_remembered_and_a_later_run_does_not_even_ask() -> None:
    clock = ManualClock()
    hosts = MemoryHosts(clock)
    with FaultSite({"/a": page(b"", 503, Retry_After="600")}) as site:
        with fetcher(site, clock=clock, hosts=hosts) as fetching, pytest.raises(FetchFailed) as first:
            fetching.get(site.url("/a"))
        with fetcher(site, clock=clock, hosts=hosts) as fetching, pytest.raises(FetchFailed) as second:
            fetching.get(site.url("/a"))
        assert (first.value.code, second.value.code) == ("http-503", "backing-off")
        assert second.value.retry_at_ms == first.value.retry_at_ms
        assert site.paths() == ["/a"]
        site.handlers["/a"] = page()
        clock.pass_s(601)
        with fetcher(site, clock=clock, hosts=hosts) as fetching:
            fetching.get(site.url("/a"))
    state = hosts.enter(site.door)
    assert (state.failures, state.backoff_until_ms) == (0, 0)


def test_ours_a_host_that_another_run_has_is_busy() -> None:
    clock = ManualClock(0)
    hosts = MemoryHosts(clock)
    with FaultSite({"/a": page()}) as site:
        with fetcher(site, clock=clock, hosts=hosts) as one, fetcher(site, clock=clock, hosts=hosts) as two:
            one.get(site.url("/a"))
            with pytest.raises(HostBusy) as busy:
                two.get(site.url("/a"))
            assert (busy.value.code, busy.value.retry_at_ms) == ("host-busy", MemoryHosts.LEASE_MS)
        with fetcher(site, clock=clock, hosts=hosts) as three:
            three.get(site.url("/a"))
    assert site.paths() == ["/a", "/a"]


def test_ours_a_lease_is_kept_while_the_run_goes_on() -> None:
    clock = ManualClock()
    hosts = MemoryHosts(clock)
    slowly = page(b"User-agent: *\nCrawl-delay: 45")
    with FaultSite({"/a": page(), "/robots.txt": slowly}) as site, fetcher(site, clock=clock, hosts=hosts) as fetching:
        for _ in range(5):
            fetching.get(site.url("/a"))
            with pytest.raises(HostBusy):
                hosts.enter(site.door)
    assert clock.slept == [1.0, *[20.0, 20.0, 5.0] * 4]


class Leaving(MemoryHosts):
    """A book that fails to take the first host back."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.left: list[str] = []

    def leave(self, host: str, state: HostState) -> None:
        self.left.append(host)
        if len(self.left) == 1:
            raise RuntimeError("the database is away")
        super().leave(host, state)


def test_ours_every_host_is_given_back_even_if_one_fails() -> None:
    clock = ManualClock()
    hosts = Leaving(clock)
    with FaultSite({"/a": page()}) as one, FaultSite({"/a": page()}) as two:
        fetching = fetcher(one, two, clock=clock, hosts=hosts)
        fetching.get(one.url("/a"))
        fetching.get(two.url("/a"))
        with pytest.raises(RuntimeError, match="the database is away"):
            fetching.__exit__()
    assert sorted(hosts.left) == sorted([one.door, two.door])


def test_ours_many_threads_ask_one_host_one_at_a_time() -> None:
    at_once, most, lock = 0, 0, Lock()

    def handle(exchange: Exchange) -> None:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        exchange.wait(0.005)
        with lock:
            at_once -= 1
        exchange.send(answer(b"x"))

    with FaultSite({"/a": handle}) as site, fetcher(site, pace_s=0.0) as fetching:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: fetching.get(site.url("/a")), range(24)))
        assert fetching.spent.requests == 25  # one of them for robots.txt
    assert most == 1
    assert len({asked.connection for asked in site.asked}) == 1


def test_ours_threads_on_hosts_that_redirect_to_each_other_do_not_wait_for_ever() -> None:
    with FaultSite() as one, FaultSite() as two, fetcher(one, two, pace_s=0.0) as fetching:
        one.handlers.update({"/a": _to(two, "/b"), "/b": page(), "/robots.txt": _to(two, "/r"), "/r": page(b"")})
        two.handlers.update({"/a": _to(one, "/b"), "/b": page(), "/robots.txt": _to(one, "/r"), "/r": page(b"")})
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(fetching.get, [site.url("/a") for site in (one, two) * 10]))
    assert sorted({page.url for page in found}) == sorted([one.url("/b"), two.url("/b")])


def _to(site: FaultSite, path: str) -> Handler:
    return moved(site.url(path))


def test_ours_we_say_who_we_are() -> None:
    with FaultSite({"/a": page()}) as site, fetcher(site) as fetching:
        fetching.get(site.url("/a"))
    assert {asked.headers["user-agent"] for asked in site.asked} == {AGENT}


@given(failures=st.integers(0, 10_000), chance=st.floats(0, 1), now_ms=st.integers(0, 2**42))
def test_ours_back_off_is_jittered_doubling_and_bounded(failures: int, chance: float, now_ms: int) -> None:
    state = after_failure(HostState(failures=failures), now_ms, 1.0, None, chance)
    pause_s = (state.backoff_until_ms - now_ms) / 1000
    assert 0 <= pause_s <= min(2.0 * 2 ** min(failures, 60), BACKOFF_LONGEST_S) + 0.001
    assert (state.failures, state.next_at_ms) == (failures + 1, now_ms + 1000)


def test_ours_an_answer_ends_a_back_off_and_keeps_what_robots_said() -> None:
    robots = (RobotsState("http://a.b", "absent", 99),)
    failed = after_failure(HostState(robots=robots), 0, 1.0, 60.0, 0.5)
    assert failed == HostState(next_at_ms=1000, failures=1, backoff_until_ms=60_000, robots=robots)
    assert after_answer(failed, 60_000, 2.0) == HostState(next_at_ms=62_000, robots=robots)


def test_ours_no_rules_keep_as_no_text() -> None:
    assert Rules().text() == ""


def test_ours_waiting_counts_against_the_runs_seconds() -> None:
    clock = ManualClock()
    with (
        FaultSite({"/a": page()}) as site,
        fetcher(site, clock=clock, budget=Budget(seconds=3.5)) as fetching,
    ):
        for _ in range(3):
            fetching.get(site.url("/a"))
        with pytest.raises(BudgetSpent) as spent:
            fetching.get(site.url("/a"))
    assert spent.value.code == "budget-seconds"
    assert len(site.paths()) == 3
