"""An hour and more of many sources in simulated time, with random faults and several instances at once: no run overlaps
another, no host is asked faster than its pace, no good record is lost, and in the end every source is healthy."""

from __future__ import annotations

import random
import threading
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import pairwise
from urllib.parse import urlsplit

import pytest
from kindling import jobs, known, plan
from kindling.catalogue import Catalogue
from kindling.errors import HostBusy
from kindling.fetch import Gate, Secrets
from kindling.flow import RunRecord
from kindling.run import Tools
from kindling.sources import Source, parse
from kindling.store import Store
from kindling.store.runs import Runs

from tests.faultsite import Exchange, FaultSite, Handler, ManualClock, answer, page, says
from tests.stores import live_store

pytestmark = pytest.mark.slow

HOSTS = 20
SOURCES = 200
INSTANCES = 3
TICK_S = 300
FAULTY_TICKS = 14  # an hour and ten minutes
CALM_TICKS = 16  # enough for the longest back-off of a source that runs every quarter of an hour
PACE_MS = 1_000


@pytest.fixture
def store() -> Iterator[Store]:
    """A store of each test's own: what is due and used up is counted over all of it."""
    with live_store() as made:
        yield made


class World:
    """Sites with one page a source, whose records are always the same when it is well."""

    def __init__(self, stack: ExitStack, clock: ManualClock) -> None:
        self.clock = clock
        self.chance = random.Random(7)
        self.calm = False
        self.asked: dict[int, list[int]] = defaultdict(list)
        self.busy: dict[int, int] = defaultdict(int)
        self.overlaps: list[int] = []
        self.lock = threading.Lock()
        self.sites = [stack.enter_context(FaultSite(address=f"127.0.1.{n + 1}")) for n in range(HOSTS)]
        self.sources: dict[str, Source] = {}
        for number in range(SOURCES):
            self._add(number)

    def _add(self, number: int) -> None:
        site = self.sites[number % HOSTS]
        site.handlers[f"/{number}"] = self._handler(number)
        definition = f"url: {site.url(f'/{number}')}\nevery: 15m\nrecords: li\nkey: name\nfields: {{name: b}}\n"
        self.sources[f"s{number}"] = parse(definition, f"s{number}")

    def _handler(self, number: int) -> Handler:
        host = number % HOSTS
        good = "".join(f"<li><b>r{number}-{n}</b></li>" for n in range(12)).encode()
        cut = says(answer(good[:50], length=len(good)))

        def half(exchange: Exchange) -> None:
            cut(exchange)
            exchange.close()

        faults: list[Handler] = [
            page(b"", 500),
            page(b"", 429, Retry_After="120"),
            page(b"", 404),
            page(b"<p>new layout</p>"),
            page(b"<title>Access denied</title>"),
            page(b"</li>".join(good.split(b"</li>")[:4])),
            half,
            Exchange.reset,
        ]

        def handle(exchange: Exchange) -> None:
            with self.lock:
                self.asked[host].append(self.clock.now_ms())
                self.busy[host] += 1
                if self.busy[host] > 1:
                    self.overlaps.append(host)
                fault = None if self.calm or self.chance.random() > 0.3 else self.chance.choice(faults)
            try:
                (fault or page(good))(exchange)
            finally:
                with self.lock:
                    self.busy[host] -= 1

        return handle


def test_many_sources_with_random_faults_stay_apart_polite_and_whole(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = ManualClock()
    with ExitStack() as stack:
        world = World(stack, clock)
        _declare(monkeypatch, world.sources)
        tools = Tools(
            store=store,
            clock=clock,
            gate=Gate(allow=[site.door for site in world.sites]),
            site="",
            contact="",
            secrets=Secrets(),
            chance=random.Random(3),
            pace_s=PACE_MS / 1000,
        )
        ever: dict[str, int] = {}
        for tick in range(FAULTY_TICKS + CALM_TICKS):
            world.calm = tick >= FAULTY_TICKS
            _work(tools, list(jobs.queue_due(tools)))
            for name in world.sources:
                summary = store.collection(name)
                ever[name] = max(ever.get(name, 0), summary.count if summary else 0)
                assert (summary.count if summary else 0) == ever[name], f"{name} lost records"
            clock.pass_s(TICK_S)
    assert world.overlaps == []
    for times in world.asked.values():
        gaps = [later - earlier for earlier, later in pairwise(times)]
        assert min(gaps) >= PACE_MS
    runs = Runs(store)
    _, states = known.known(store)
    for name, source in world.sources.items():
        assert states[name].status == "ok", states[name]
        assert not plan.is_late(source, states[name], clock.now_ms())
        assert {record.id for record in store.records(name, limit=99)} == {f"r{name[1:]}-{n}" for n in range(12)}
        assert [change.op for change in store.changes(name, limit=99)] == ["added"] * 12
        assert all(record.status != "running" for record in runs.runs(name, limit=99))


def _declare(monkeypatch: pytest.MonkeyPatch, sources: dict[str, Source]) -> None:
    """Makes these the sources there are, without a file each."""
    monkeypatch.setattr("kindling.known.catalogue", lambda _: Catalogue(sources))
    monkeypatch.setattr("kindling.known.find", lambda name, _: sources.get(name))


def _work(tools: Tools, queued: list[RunRecord]) -> None:
    """What the queue and its instances do: INSTANCES at once, some deliveries doubled, busy hosts once more."""
    doubled = [record for number, record in enumerate(queued) for _ in range(2 if number % 9 == 0 else 1)]
    waiting = list(doubled)
    while waiting:
        again: list[RunRecord] = []

        def one(record: RunRecord, again: list[RunRecord] = again) -> None:
            try:
                jobs.perform(tools, record.source, record.run)
            except HostBusy:
                again.append(record)

        with ThreadPoolExecutor(INSTANCES) as pool:
            list(pool.map(one, waiting))
        waiting = again


def test_a_thousand_sources_due_at_once_are_all_done(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = ManualClock()
    body = page(b"<li><b>one</b><li><b>two</b>")
    with ExitStack() as stack:
        sites = [stack.enter_context(FaultSite(address=f"127.0.2.{n + 1}")) for n in range(20)]
        sources = {}
        for number in range(1000):
            site = sites[number % 20]
            site.handlers[f"/{number}"] = body
            text = f"url: {site.url(f'/{number}')}\nevery: 1h\nrecords: li\nkey: name\nfields: {{name: b}}\n"
            sources[f"t{number}"] = parse(text, f"t{number}")
        _declare(monkeypatch, sources)
        gate = Gate(allow=[site.door for site in sites])
        tools = Tools(store, clock, gate, "", "", Secrets(), random.Random(3), pace_s=0.0)
        first = list(jobs.queue_due(tools))
        assert len(first) == jobs.DUE_MAX
        assert len({urlsplit(sources[record.source].urls[0]).netloc for record in first[:20]}) == 20
        _work(tools, first)
        _work(tools, list(jobs.queue_due(tools)))
        assert list(jobs.queue_due(tools)) == []
    assert {collection.name: collection.count for collection in store.collections()} == dict.fromkeys(sources, 2)
