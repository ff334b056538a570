"""Scraping, as ratios in one run: `python3 dev.py bench scraping [--json] [--no-peers] [--quick]`.

What is compared takes turns; client CPU is that of the scraping process alone, user and system, when it is warm. No
contender waits between two requests: the pace that a real run keeps would be all there is to see.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from kindling.diff import Sight, diff
from kindling.flow import Print

from benchmarks._contest import ROOT, Contender, Cost, Database, Job, Ours, Peer, database, environment, in_turn, worker
from benchmarks._lines import Goal, Line, Options, main, told
from benchmarks._pages import WIDE
from benchmarks._relay import Relay, relay
from benchmarks._site import Edition, site

ROUNDS = 5
SCRAPY, BEGINNER, TOAPI = "Scrapy, tuned", "requests.get and html.parser", "toapi"
HOSTS, LATENCY_S = 16, 0.05
ITEMS = ("data", "rows", "changes")  # what a run keeps of records: themselves, their prints, their history
FOUND_ROUNDS, SERVE_ROUNDS = 20, 3


def cpu(
    what: str, costs: Sequence[Sequence[Cost]], pages: Sequence[int], names: Sequence[str], goals: Sequence[Goal | None]
) -> Iterator[Line]:
    """Our CPU per page beside each other contender's, the first being ourselves."""
    each = [
        [1000 * one.cpu_s / count for one in taken]
        for taken, count in zip(zip(*costs, strict=True), pages, strict=True)
    ]
    ours = each[0]
    if not names:
        yield told(f"CPU per {what}, ms", "nobody", ours)
    for name, theirs, goal in zip(names, each[1:], goals, strict=True):
        ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
        note = f"{statistics.median(ours):.2f} to {statistics.median(theirs):.2f} ms a page"
        yield told(f"CPU per {what}", name, ratios, goal, note=note)


def against_peers(kept: Database, python: Path | None, folder: Path, quick: bool) -> Iterator[Line]:
    """CPU per page of details and of listings, and the memory of both together."""
    details, few, pages = (5, 3, 2) if quick else (1_000, 100, 50)
    rounds = 1 if quick else ROUNDS
    ours = Ours(kept)
    programs = {SCRAPY: "scrapy_way.py", BEGINNER: "beginner.py", TOAPI: "toapi_way.py"} if python else {}
    peers = [Peer(name, program, python, folder) for name, program in programs.items() if python]

    def contest(job: str, counts: Sequence[int], rounds: int) -> list[list[Cost]]:
        contenders: list[Contender] = [ours, *peers]
        contenders = contenders[: len(counts)]
        jobs = [Job(job, base, count) for count in counts[: len(contenders)]]
        return in_turn(contenders, jobs, rounds)

    with site(Edition(last=pages)) as (port,):
        base = f"http://127.0.0.1:{port}"
        names = list(programs)
        counts = [details, details, few][: 1 + len(peers)]
        costs = contest("details", counts, rounds)
        yield from cpu(
            "detail page of 20 KB", costs, counts, names[:2], [("at most", 1 / 2), ("at most", 1 / 8)][: len(names)]
        )
        counts = [pages] * (1 + len(peers))
        costs = contest("listings", counts, rounds)
        goals: list[Goal | None] = [("at most", 1 / 4), ("at most", 1 / 12), None]
        yield from cpu("listing page of 50 KB, 20 records", costs, counts, names, goals[: len(names)])
        stored_ms = [1000 * taken[0].database_s / pages for taken in costs]
        yield told("the database's own CPU per listing page, ms", "nobody", stored_ms)
        costs = contest("all", counts[:2], min(rounds, 2))
        mega = [[one.peak_kb / 1024 for one in taken] for taken in zip(*costs, strict=True)]
        what = "peak memory, 1,050 pages"
        if len(mega) == 1:
            yield told(f"{what}, MB", "nobody", mega[0])
        for theirs in mega[1:]:
            ratios = [mine / other for mine, other in zip(mega[0], theirs, strict=True)]
            yield told(what, SCRAPY, ratios, ("at most", 1 / 2), note=f"{mega[0][0]:.0f} to {theirs[0]:.0f} MB")


def throughput(address: str, quick: bool) -> Iterator[Line]:
    """Pages a second over many hosts that each answer late, against what one request at a time per host allows."""
    pages = 2 if quick else 100
    with site(Edition(latency_ms=1000 * LATENCY_S), ports=(0,) * HOSTS) as ports, worker(address) as ours:
        ours.run(("warmhosts", Job("details", f"http://127.0.0.1:{ports[0]}", 1)))
        shares = []
        for number in range(1 if quick else 3):
            jobs = [(f"host{number}x{port}", Job("details", f"http://127.0.0.1:{port}", pages)) for port in ports]
            taken = ours.run(*jobs)
            shares.append(HOSTS * (pages + 1) / taken.wall_s * LATENCY_S / HOSTS)
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
    edition = Edition(last=pages)
    with relay(address) as counted, worker(counted.address) as ours:
        with site(edition) as (port,):
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
    seen = [
        Sight(key, Print(old.page, "new" if n % 100 == 0 else old.document))
        for n, (key, old) in enumerate(known.items())
    ]
    times = []
    for _ in range(FOUND_ROUNDS):
        started = time.process_time()
        difference = diff(seen, known, (), complete=True)
        times.append(1000 * (time.process_time() - started))
        assert len(difference.written) == count // 100
    yield told("finding 1% of 10,000 records changed, ms", "10 ms", times, ("at most", 10))


def serving(quick: bool) -> Iterator[Line]:
    """From `dev.py serve` to its ready line, everything being set up."""
    options = ("--port=0", "--functions-port=0", "--database-port=0", "--no-schedule")
    times = []
    for _ in range(1 if quick else SERVE_ROUNDS):
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
    yield from serving(options.quick)


if __name__ == "__main__":
    sys.exit(main("scraping", __doc__, measured))
