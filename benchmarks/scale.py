"""How it grows: `python3 dev.py bench scale [--json] [--quick]`. Each curve with the exponent that fits it best.

0 is flat, 1 in proportion. What the design promises: a read costs the same however much is kept, a run what it reads,
and what it writes is what changed.
"""

from __future__ import annotations

import itertools
import json
import math
import os
import statistics
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks._contest import Cost, Job, database, worker
from benchmarks._lines import Line, Options, main, told
from benchmarks._relay import Relay, Traffic, relay
from benchmarks._rig import ROOT, asking, fill, function, get
from benchmarks._site import Edition, site

READS = 30  # of each size, each another question
FLAT = ("at most", 0.1)
PROPORTIONAL = ("at most", 1.1)
PRICES = 1_000  # documents' prices are spread over so much


def exponent(points: Mapping[float, float]) -> float:
    """The slope of the line through the logarithms of sizes and what they cost, by least squares."""
    places = [(math.log(size), math.log(max(cost, 1e-9))) for size, cost in points.items()]
    middle_x, middle_y = (statistics.fmean(axis) for axis in zip(*places, strict=True))
    return sum((x - middle_x) * (y - middle_y) for x, y in places) / sum((x - middle_x) ** 2 for x, _ in places)


def curve(
    what: str,
    points: Mapping[float, float],
    unit: str,
    goal: tuple[str, float] | None,
    *,
    without: Sequence[float] = (),
) -> Line:
    """The line of a curve: its exponent, and its points in words.

    Sizes `without` are told but not fitted: none at all, one page, of which a run's own work is the larger part, and
    small collections, which an instance keeps whole and need not be read.
    """
    note = ", ".join(f"{size:,g}: {cost:,.4g}" for size, cost in points.items())
    fitted = {size: cost for size, cost in points.items() if size not in without}
    return told(f"{what}, {unit}: exponent", "size", [exponent(fitted if len(fitted) > 1 else points)], goal, note=note)


def reads(counted: Relay, address: str, quick: bool) -> Iterator[Line]:
    """A page of 20 by an index, of collections of growing size."""
    sizes = [10, 100] if quick else [100, 1_000, 10_000, 100_000]
    for size in sizes:
        fill(address, f"n{size}", size)
    env = {"FIREBASE_DATABASE_EMULATOR_HOST": counted.address, "SITE_URL": "http://site"}
    times: dict[float, float] = {}
    memory: dict[float, float] = {}
    traffics: dict[float, Traffic] = {}
    with function(ROOT / "functions" / "main.py", "get_data", f"/n{sizes[0]}?_limit=1", env) as served:
        for size in sizes:
            asked = [f"/n{size}?price__gte={n * PRICES / READS / 4}&_sort=price&_limit=20" for n in range(READS)]
            get(served.port, asking(asked[0]))
            counted.taken()
            taken = [_ms(served.port, path) for path in asked[1:]]
            times[size], traffics[size] = statistics.median(taken), counted.taken()
            memory[size] = served.memory_mb()
    each = READS - 1
    for unit, points in (
        ("ms", times),
        ("bytes read", {size: traffic.read_bytes.total() / each for size, traffic in traffics.items()}),
        ("database operations", {size: traffic.reads / each for size, traffic in traffics.items()}),
        ("MB of the function", memory),
    ):
        whole = [size for size in sizes if not traffics[size].read_bytes["data"]]
        yield curve("a page of 20 of n records, by index", points, unit, FLAT, without=whole)


def _ms(port: int, path: str) -> float:
    started = time.perf_counter()
    get(port, asking(path))
    return 1000 * (time.perf_counter() - started)


def pages(counted: Relay, quick: bool) -> Iterator[Line]:
    """A run over so many pages, each a record's own."""
    sizes = [1, 4] if quick else [1, 10, 100, 1_000, 9_999]
    costs: dict[float, Cost] = {}
    traffics: dict[float, Traffic] = {}
    with site(Edition()) as (port,):
        for size in sizes:
            with worker(counted.address) as ours:
                ours.run((f"warmpages{size}", Job("details", f"http://127.0.0.1:{port}", 1)))
                counted.taken()
                costs[size] = ours.run((f"pages{size}", Job("details", f"http://127.0.0.1:{port}", size)))
                traffics[size] = counted.taken()
    yield from _runs("a run over n pages", costs, traffics, 1)


def _runs(what: str, costs: Mapping[float, Cost], traffics: Mapping[float, Traffic], without: int) -> Iterator[Line]:
    """The curves of runs of growing size."""
    for unit, points in (
        ("CPU s", {size: cost.cpu_s for size, cost in costs.items()}),
        ("peak MB", {size: cost.peak_kb / 1024 for size, cost in costs.items()}),
        ("bytes written", {size: traffic.written_bytes.total() for size, traffic in traffics.items()}),
        ("bytes of documents read", {size: traffic.read_bytes["data"] for size, traffic in traffics.items()}),
        ("database operations", {size: traffic.reads + traffic.writes for size, traffic in traffics.items()}),
    ):
        yield curve(what, points, unit, PROPORTIONAL, without=[without])


def changes(counted: Relay, quick: bool) -> Iterator[Line]:
    """A second run of 10,000 records of which so many changed, spread over all pages."""
    count = 1 if quick else 100
    costs: dict[float, Cost] = {}
    traffics: dict[float, Traffic] = {}
    for percent in (0, 1, 10, 100):
        with worker(counted.address) as ours:
            share = percent / 100 or 1
            with site(Edition(last=count, share=share)) as (port,):
                job, name = Job("wide", f"http://127.0.0.1:{port}", count), f"changes{percent}"
                ours.run((name, job))
            with site(Edition(last=count, share=share, edition=1 if percent else 0), ports=(port,)):
                counted.taken()
                costs[percent] = ours.run((name, job))
                traffics[percent] = counted.taken()
    yield from _runs("a run that finds n% of 10,000 records changed", costs, traffics, 0)


def sources(counted: Relay, quick: bool) -> Iterator[Line]:
    """One tick of the clock, none of so many sources being due."""
    from kindling import jobs
    from kindling.store import store
    from kindling.store.runs import Runs

    sizes = [1, 4] if quick else [1, 10, 100, 1_000]
    runs, later = Runs(store()), 10**13
    times: dict[float, float] = {}
    memory: dict[float, float] = {}
    traffics: dict[float, Traffic] = {}
    for before, size in itertools.pairwise([0, *sizes]):
        for number in range(before, size):
            text = json.dumps({"url": f"http://site{number % 97}.example/", "every": "1h", "fields": {"title": "h1"}})
            runs.define(f"source{number}", text)
            runs.set_state(f"source{number}", next_run_ms=later)
        taken = []
        for _ in range(5):
            counted.taken()
            started = time.process_time()
            assert not list(jobs.queue_due(jobs.tools()))
            taken.append(1000 * (time.process_time() - started))
        times[size], traffics[size] = statistics.median(taken), counted.taken()
        tracemalloc.start()  # a tick more, as looking at memory takes time
        assert not list(jobs.queue_due(jobs.tools()))
        memory[size] = tracemalloc.get_traced_memory()[1] / 2**20
        tracemalloc.stop()
    for unit, points in (
        ("CPU ms", times),
        ("bytes read", {size: traffic.read_bytes.total() for size, traffic in traffics.items()}),
        ("database operations", {size: traffic.reads + traffic.writes for size, traffic in traffics.items()}),
        ("MB at its peak", memory),
    ):
        yield curve("a tick of the clock with n sources", points, unit, PROPORTIONAL)


def measured(options: Options) -> Iterator[Line]:
    """Every curve, as it is measured."""
    with ExitStack() as stack:
        empty = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        address = stack.enter_context(database()).address
        counted = stack.enter_context(relay(address))
        os.environ |= {  # of the clock, which ticks in this process; FUNCTIONS_EMULATOR opens the local settings
            "FIREBASE_DATABASE_EMULATOR_HOST": counted.address,
            "KINDLING_SOURCES": str(empty),
            "FUNCTIONS_EMULATOR": "true",
        }
        yield from reads(counted, address, options.quick)
        yield from sources(counted, options.quick)
        yield from changes(counted, options.quick)
        yield from pages(counted, options.quick)


if __name__ == "__main__":
    sys.exit(main("scale", __doc__, measured))
