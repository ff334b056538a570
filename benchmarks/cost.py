"""What it costs: `python3 dev.py bench cost [--json] [--quick]`: operations and bytes of the database, counted on their
way, turned into the monthly price of three typical projects.

Reads are counted as if no cache of Hosting's helped and each asked something new: the most that readers can cost. Time
is what this machine took, as Cloud Run bills it: while a request is under way, with nothing else on the instance.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks._contest import Job, database, worker
from benchmarks._lines import Line, Options, main, told
from benchmarks._relay import Relay, relay
from benchmarks._rig import ROOT, asking, fill, function, get
from benchmarks._site import Edition, site

DAYS, GB, MILLION = 30, 1e9, 1e6
HEADERS_BYTES = 400  # of an answer of the database, TLS included, on a kept connection: they are billed too
DOCUMENT_BYTES = 400  # of a typical document, as JSON
DOCUMENT_STORED = 2.2  # bytes kept of a byte of documents: itself, its log entry, its print
FREE = {"stored GB": 1, "downloaded GB": 10, "calls": 2e6, "vCPU s": 180_000, "GiB s": 360_000, "jobs": 3, "tasks": 1e6}
PRICE = {
    "stored GB": 5.0,
    "downloaded GB": 1.0,
    "calls": 0.40 / MILLION,
    "vCPU s": 0.000_024,
    "GiB s": 0.000_002_5,
    "jobs": 0.10,
    "tasks": 0.40 / MILLION,
}
"""US dollars a month beyond what is free: list prices of the database, of Cloud Run functions, Scheduler and Tasks."""
READER_GIB, RUN_GIB, CLOCK_GIB = 0.25, 0.5, 0.5  # as functions/main.py deploys them
JOBS = 2  # schedules: scrape_due and prune
TICKS = DAYS * 24 * 12  # of scrape_due, every 5 minutes
TICK_S = 1.0  # one of them, billed
TICK_BYTES = 160  # of a source's state and definition, read at each tick, as `dev.py bench scale` measures them
PACE_S = 5  # what a run of five pages waits as a polite crawler, billed too


@dataclass(frozen=True, slots=True)
class Use:
    """What one thing takes: database operations, bytes read and written there, seconds."""

    operations: float
    read: float
    written: float
    seconds: float

    @property
    def downloaded(self) -> float:
        """What the database bills."""
        return self.read + self.operations * HEADERS_BYTES


@dataclass(frozen=True, slots=True)
class Project:
    """A typical project: sources, each run so often a day over so many pages, what is kept, reads a day."""

    name: str
    sources: int
    runs: int
    records: int
    reads: int


PROJECTS = (
    Project("a learner: 2 sources hourly, 200 records, 500 reads a day", 2, 24, 200, 500),
    Project("a team: 12 sources hourly, 20,000 records, 20,000 reads a day", 12, 24, 20_000, 20_000),
    Project("a big one: 200 sources hourly, 200,000 records, 500,000 reads a day", 200, 24, 200_000, 500_000),
)


def used(counted: Relay, times: int, seconds: float) -> Use:
    """What each of so many `times` took since the last look."""
    traffic = counted.taken()
    operations = (traffic.reads + traffic.writes) / times
    return Use(operations, traffic.read_bytes.total() / times, traffic.written_bytes.total() / times, seconds / times)


def runs(counted: Relay, quick: bool) -> dict[str, Use]:
    """A source of 100 records: its first run, one that finds nothing changed, one that finds 1% changed."""
    count = 1 if quick else 5
    found: dict[str, Use] = {}
    with worker(counted.address) as ours:
        with site(Edition(last=count)) as (port,):
            job = Job("listings", f"http://127.0.0.1:{port}", count)
            ours.run(("warm", Job("details", job.site, 1)))
            counted.taken()
            for what in ("first", "unchanged"):
                found[what] = used(counted, 1, ours.run(("typical", job)).wall_s)
            wide = Job("wide", job.site, count)
            ours.run(("moving", wide))
        with site(Edition(last=count, edition=1), ports=(port,)):
            counted.taken()
            found["1% changed"] = used(counted, 1, ours.run(("moving", wide)).wall_s)
    return found


def reads(counted: Relay, address: str, quick: bool) -> dict[str, Use]:
    """A page of 20 that nobody asked for before, and the same again."""
    times = 2 if quick else 50
    fill(address, "items", 100 if quick else 10_000)
    env = {"FIREBASE_DATABASE_EMULATOR_HOST": counted.address, "SITE_URL": "http://site"}
    found: dict[str, Use] = {}
    with function(ROOT / "functions" / "main.py", "get_data", "/items?_limit=1", env) as served:
        for what, step in (("a new question", 1), ("the same again", 0)):
            get(served.port, asking("/items?price__gte=0&_sort=price&_limit=20"))
            counted.taken()
            started = time.perf_counter()
            for n in range(1, times + 1):
                get(served.port, asking(f"/items?price__gte={n * step}&_sort=price&_limit=20"))
            found[what] = used(counted, times, time.perf_counter() - started)
    return found


def bill(project: Project, run: dict[str, Use], read: dict[str, Use]) -> dict[str, float]:
    """What a month of the project takes, by what is billed; every other run finds something."""
    scrapes = project.sources * project.runs * DAYS
    asks = project.reads * DAYS
    scraped = (run["unchanged"].downloaded + run["1% changed"].downloaded) / 2
    busy = (run["unchanged"].seconds + run["1% changed"].seconds) / 2 + PACE_S
    asked = read["a new question"]
    ticks = TICKS * (TICK_BYTES * project.sources + HEADERS_BYTES)
    scraping_s, asking_s, ticking_s = scrapes * busy, asks * asked.seconds, TICKS * TICK_S
    return {
        "stored GB": project.records * DOCUMENT_BYTES * DOCUMENT_STORED / GB,
        "downloaded GB": (scrapes * scraped + asks * asked.downloaded + ticks) / GB,
        "calls": scrapes + asks + TICKS,
        "vCPU s": scraping_s + asking_s + ticking_s,
        "GiB s": scraping_s * RUN_GIB + asking_s * READER_GIB + ticking_s * CLOCK_GIB,
        "jobs": JOBS,
        "tasks": scrapes,
    }


def price(amounts: dict[str, float]) -> float:
    """US dollars a month for what is beyond the free amounts."""
    return sum(max(amount - FREE[what], 0) * PRICE[what] for what, amount in amounts.items())


def measured(options: Options) -> Iterator[Line]:
    """Every line, as it is measured."""
    with ExitStack() as stack:
        address = stack.enter_context(database()).address
        counted = stack.enter_context(relay(address))
        run = runs(counted, options.quick)
        read = reads(counted, address, options.quick)
    for what, use in {
        **{f"a run, {k}": v for k, v in run.items()},
        **{f"a read, {k}": v for k, v in read.items()},
    }.items():
        note = f"{use.read:,.0f} bytes read, {use.written:,.0f} written"
        yield told(f"{what}: database operations", "nobody", [use.operations], note=note)
    for project in PROJECTS:
        amounts = bill(project, run, read)
        note = ", ".join(f"{amount:,.4g} {what}" for what, amount in amounts.items())
        yield told(f"{project.name}, US$ a month", "list prices", [round(price(amounts), 2)], note=note)


if __name__ == "__main__":
    sys.exit(main("cost", __doc__, measured))
