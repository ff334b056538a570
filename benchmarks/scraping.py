"""Scraping, as ratios in one run: `python3 dev.py bench scraping [--json] [--no-peers] [--quick]`.

What is compared takes turns; client CPU is that of the scraping process alone, user and system, when it is warm. No
contender waits between two requests: the pace that a real run keeps would be all there is to see.
"""

from __future__ import annotations

import math
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kindling.diff import diff
from kindling.flow import Print

from benchmarks._contest import ROOT, Contender, Cost, Database, Job, Ours, Peer, database, environment, in_turn, worker
from benchmarks._lines import Goal, Line, Options, main, told
from benchmarks._pages import WIDE
from benchmarks._relay import Relay, relay
from benchmarks._site import Edition, site

ROUNDS = 5
LISTING_ROUNDS = 15  # each takes ours a tenth of a second: a few of them scatter by a third
HOSTS, LATENCY_S = 16, 0.05
ITEMS = ("data", "rows", "changes")  # what a run keeps of records: themselves, their prints, their history
FOUND_ROUNDS, START_ROUNDS = 20, 3

Figures = tuple[Sequence[float], Mapping["Rival", Sequence[float]]]  # one of each round: ours, and each rival's


@dataclass(frozen=True, slots=True, eq=False)
class Rival:
    """A program of benchmarks/peers. By the jobs it does: the share of their pages that it reads, and our goal."""

    name: str
    program: str
    jobs: Mapping[str, tuple[float, Goal | None]]


RIVALS = (
    Rival(
        "Scrapy, tuned",
        "scrapy_way.py",
        {"details": (1, ("at most", 1 / 2)), "listings": (1, ("at most", 1 / 4)), "all": (1, ("at most", 1 / 2))},
    ),
    Rival(
        "requests.get and html.parser",
        "beginner.py",
        {"details": (0.1, ("at most", 1 / 8)), "listings": (1, ("at most", 1 / 12))},  # it is slow: fewer tell as much
    ),
    Rival("toapi", "toapi_way.py", {"listings": (1, None)}),
)


def cpu(what: str, ours: Sequence[float], others: Mapping[Rival, Sequence[float]], job: str) -> Iterator[Line]:
    """Our milliseconds of CPU per page beside each rival's."""
    if not others:
        yield told(f"CPU per {what}, ms", "nobody", ours)
    for rival, theirs in others.items():
        ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
        note = f"{statistics.median(ours):.2f} to {statistics.median(theirs):.2f} ms a page"
        yield told(f"CPU per {what}", rival.name, ratios, rival.jobs[job][1], note=note)


def memory(ours: Sequence[float], others: Mapping[Rival, Sequence[float]]) -> Iterator[Line]:
    """Our highest megabytes of memory beside each rival's."""
    what = "peak memory, 1,050 pages"
    if not others:
        yield told(f"{what}, MB", "nobody", ours)
    for rival, theirs in others.items():
        ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
        note = f"{statistics.median(ours):.0f} to {statistics.median(theirs):.0f} MB"
        yield told(what, rival.name, ratios, rival.jobs["all"][1], note=note)


def against_peers(kept: Database, python: Path | None, folder: Path, quick: bool) -> Iterator[Line]:
    """CPU per page of details and of listings, and the memory of both together."""
    details, pages = (5, 2) if quick else (1_000, 50)
    rounds = 1 if quick else ROUNDS
    ours = Ours(kept)
    peers = {rival: Peer(rival.name, rival.program, python, folder) for rival in RIVALS} if python else {}

    def contest(job: str, count: int, rounds: int) -> dict[Rival | None, tuple[int, list[Cost]]]:
        """How many pages each read and what each round cost it; ourselves, under None, first."""
        counts: dict[Rival | None, int] = {None: count}
        counts |= {rival: math.ceil(count * rival.jobs[job][0]) for rival in peers if job in rival.jobs}
        contenders: list[Contender] = [peers[rival] if rival else ours for rival in counts]
        costs = in_turn(contenders, [Job(job, base, each) for each in counts.values()], rounds)
        return {
            rival: (count, list(taken))
            for (rival, count), taken in zip(counts.items(), zip(*costs, strict=True), strict=True)
        }

    def figures(found: dict[Rival | None, tuple[int, list[Cost]]], figure: Callable[[Cost, int], float]) -> Figures:
        """A figure of each round: ours, and each rival's."""
        each = {rival: [figure(one, count) for one in taken] for rival, (count, taken) in found.items()}
        return each[None], {rival: values for rival, values in each.items() if rival}

    def cpu_ms(cost: Cost, count: int) -> float:
        return 1000 * cost.cpu_s / count

    with site(Edition(last=pages)) as (port,):
        base = f"http://127.0.0.1:{port}"
        yield from cpu("detail page of 20 KB", *figures(contest("details", details, rounds), cpu_ms), "details")
        listings = contest("listings", pages, 1 if quick else LISTING_ROUNDS)
        yield from cpu("listing page of 50 KB, 20 records", *figures(listings, cpu_ms), "listings")
        stored_ms, _ = figures(listings, lambda cost, count: 1000 * cost.database_s / count)
        yield told("the database's own CPU per listing page, ms", "nobody", stored_ms)
        together = contest("all", pages, min(rounds, 2))
        yield from memory(*figures(together, lambda cost, _: cost.peak_kb / 1024))


def throughput(address: str, quick: bool) -> Iterator[Line]:
    """Pages a second over many hosts that each answer late, against what one request at a time per host allows."""
    pages = 2 if quick else 100
    with site(Edition(latency_ms=1000 * LATENCY_S), ports=(0,) * HOSTS) as ports, worker(address) as ours:
        ours.run(("warmhosts", Job("details", f"http://127.0.0.1:{ports[0]}", 1)))
        shares = []
        for number in range(1 if quick else 3):
            jobs = [(f"host{number}x{port}", Job("details", f"http://127.0.0.1:{port}", pages)) for port in ports]
            taken = ours.run(*jobs)
            shares.append((pages + 1) * LATENCY_S / taken.wall_s)
        rate = f"{statistics.median(shares) * HOSTS / LATENCY_S:.0f} pages/s"
        yield told(f"throughput over {HOSTS} hosts at 50 ms", "16 / latency", shares, ("at least", 0.85), note=rate)


def again(address: str, quick: bool) -> Iterator[Line]:
    """What a second run takes when nothing changed: pages with an ETag, and pages that come whole each time."""
    pages = 2 if quick else 50
    for what, job, validators, goal in (
        ("re-scrape, nothing changed, 1,050 pages, CPU", "all", True, ("at most", 0.1)),
        ("the same, 50 listing pages, 304 each, CPU", "listings", True, None),
        ("the same, 50 listing pages that come whole, CPU", "listings", False, None),
    ):
        edition = Edition(last=pages, validators=validators)
        with site(edition) as (port,), relay(address) as counted, worker(counted.address) as ours:
            base = f"http://127.0.0.1:{port}"
            ours.run(("warmagain", Job("details", base, 1)))
            ratios, items = [], 0
            for number in range(1 if quick else 3):
                name = f"again{job}{number}x{port}"
                first = ours.run((name, Job(job, base, pages)))
                counted.taken()
                second = ours.run((name, Job(job, base, pages)))
                items += _items(counted)
                ratios.append(second.cpu_s / first.cpu_s)
            yield told(what, "first scrape", ratios, goal)
            if goal:
                yield told("the same, bytes of items read or written", "nothing", [items], ("at most", 0))


def _items(counted: Relay) -> int:
    """Bytes of items that were read or written since the last look."""
    traffic = counted.taken()
    return sum(traffic.read_bytes[name] + traffic.written_bytes[name] for name in ITEMS)


def changed(address: str, quick: bool) -> Iterator[Line]:
    """What a second run writes when 1% of the records changed, spread over all pages."""
    pages = 2 if quick else 100
    with relay(address) as counted, worker(counted.address) as ours:
        with site(Edition(last=pages)) as (port,):
            base = f"http://127.0.0.1:{port}"
            name = f"changed{port}"
            ours.run((name, Job("wide", base, pages)))
            whole = counted.taken()
        with site(Edition(last=pages, edition=1), ports=(port,)):
            ours.run((name, Job("wide", base, pages)))
        part = counted.taken()
    written = part.written_bytes.total() / whole.written_bytes.total()
    note = f"{part.written_bytes.total():,} of {whole.written_bytes.total():,} bytes, {part.read_bytes.total():,} read"
    what = "re-scrape, 1% of 10,000 records changed, bytes written"
    yield told(what, "writing the collection", [written], ("at most", 0.012), note=note)


def found(quick: bool) -> Iterator[Line]:
    """How long the comparison takes that finds 100 changed records among 10,000."""
    count = 100 if quick else 10_000
    known = {f"id{n}": Print(f"p{n // WIDE}", f"{n:020x}") for n in range(count)}
    seen = {key: Print(old.page, "new" if n % 100 == 0 else old.document) for n, (key, old) in enumerate(known.items())}
    times = []
    for _ in range(FOUND_ROUNDS):
        started = time.process_time()
        difference = diff(seen, known, (), complete=True)
        times.append(1000 * (time.process_time() - started))
        assert len(difference.written) == count // 100
    yield told("finding 1% of 10,000 records changed, ms", "10 ms", times, ("at most", 10))


def starting(quick: bool) -> Iterator[Line]:
    """From `dev.py serve` to its ready line, everything being set up."""
    options = ("--port=0", "--functions-port=0", "--database-port=0", "--no-schedule")
    times = []
    for _ in range(1 if quick else START_ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, str(ROOT / "dev.py"), "serve", *options, f"--data={folder}"]
            env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
            started = time.perf_counter()
            with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as process:
                assert process.stdout
                if not any(line.startswith("ready ") for line in process.stdout):
                    raise SystemExit("dev.py serve ended before it was ready; run it by hand to see why")
                times.append(time.perf_counter() - started)
                process.send_signal(signal.SIGINT)
                process.stdout.read()
    yield told("dev.py serve to its ready line, s", "2 s", times, ("at most", 2))


def measured(options: Options) -> Iterator[Line]:
    """Every line, as it is measured."""
    python = environment() if options.peers else None
    with tempfile.TemporaryDirectory() as folder, database() as kept:
        yield from against_peers(kept, python, Path(folder), options.quick)
        yield from throughput(kept.address, options.quick)
        yield from again(kept.address, options.quick)
        yield from changed(kept.address, options.quick)
    yield from found(options.quick)
    yield from starting(options.quick)


if __name__ == "__main__":
    sys.exit(main("scraping", __doc__, measured))
