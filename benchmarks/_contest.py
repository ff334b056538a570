"""The contenders of the scraping benchmarks: programs that scrape a site, each in a process of its own.

A contender's cost is what its own process took between its warm-up and its end: the site, the database and we are
other processes. Peers write JSON lines as their own docs do; ours writes to a real database.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import requests
from kindling.store import paths
from kindling.store.records import record_from

from benchmarks._pages import LISTED, Record, listed, record

ROOT = Path(__file__).parents[1]
PEERS = ROOT / "benchmarks" / "peers"
HOME = ROOT / ".kindling" / "benchmarks"
RULES = ROOT / "database.rules.json"


@dataclass(frozen=True, slots=True)
class Job:
    """What is scraped: `name` as in _definitions, so many `count` of its pages, at `site`."""

    name: str
    site: str
    count: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What a job took in the contender's process, the most memory that process ever had, and what the database took."""

    cpu_s: float
    wall_s: float
    peak_kb: int
    database_s: float = 0.0


class Contender(Protocol):
    """Does jobs."""

    name: str

    def run(self, job: Job) -> tuple[Cost, list[Record]]:
        """Does the job in a process of its own; what it took and what was found."""


class Peer:
    """A program of benchmarks/peers, in the peers' environment."""

    def __init__(self, name: str, program: str, python: Path, folder: Path) -> None:
        """`folder` is where it writes."""
        self.name = name
        self._command = [str(python), str(PEERS / program)]
        self._out = folder / f"{program}.jsonl"

    def run(self, job: Job) -> tuple[Cost, list[Record]]:
        """Does the job in a process of its own; what it took and what was found."""
        command = [*self._command, job.site, job.name, str(job.count), str(self._out)]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        with self._out.open() as lines:
            return Cost(**json.loads(done.stdout)), [json.loads(line) for line in lines]


class Worker:
    """Our process that runs sources when told."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, *sources: tuple[str, Job], well: Sequence[str] = ("ok", "unchanged")) -> Cost:
        """Runs sources, each by its name, at once; every one must end as one of `well`."""
        told = [{"name": name, "job": job.name, "site": job.site, "count": job.count} for name, job in sources]
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps({"sources": told}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline() or sys.exit("our own side ended early"))
        if bad := [status for status in answer.pop("status") if status.split()[0] not in well]:
            raise SystemExit(f"a run that is to be measured ended as {bad[0]}")
        return Cost(**answer)


@contextlib.contextmanager
def worker(database: str) -> Iterator[Worker]:
    """Our process, on the database at HOST:PORT."""
    env = {**os.environ, "FIREBASE_DATABASE_EMULATOR_HOST": database}
    command = [sys.executable, "-m", "benchmarks._ours"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=env, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin
        try:
            yield Worker(process)
        finally:
            process.stdin.close()


class Ours:
    """Kindling, from the first request to the record in the database."""

    name = "ours"

    def __init__(self, database: Database) -> None:
        self._database = database
        self._runs = 0

    def run(self, job: Job) -> tuple[Cost, list[Record]]:
        """Does the job in a process of its own; what it took and what was found."""
        self._runs += 1
        name = f"{job.name}{self._runs}"
        with worker(self._database.address) as ours:
            # as the peers do: the same job, of which a limit lets it do the first page only
            ours.run((f"warm{name}", replace(job, count=1)), well=("ok", "partial"))
            before_s = self._database.cpu_s()
            cost = ours.run((name, job))
            cost = replace(cost, database_s=self._database.cpu_s() - before_s)
        return cost, stored(self._database.address, name)


def stored(database: str, name: str) -> list[Record]:
    """The records of a collection."""
    headers = {"Authorization": "Bearer owner"}
    nodes = requests.get(f"http://{database}/{paths.DATA}/{name}.json", headers=headers, timeout=60).json() or {}
    return [kept.document for key, node in nodes.items() if (kept := record_from(key, node))]


def in_turn(contenders: Sequence[Contender], jobs: Sequence[Job], rounds: int) -> list[list[Cost]]:
    """What each round cost each contender, A B C and then C B A, each with its own job; all must find what is there."""
    costs: list[list[Cost]] = []
    for number in range(rounds):
        turns = list(zip(contenders, jobs, strict=True))
        taken = [_checked(contender, job) for contender, job in (turns if number % 2 == 0 else turns[::-1])]
        costs.append(taken if number % 2 == 0 else taken[::-1])
    return costs


def _checked(contender: Contender, job: Job) -> Cost:
    """What a job took; ends the benchmark where the contender did not find exactly the records of the pages."""
    taken, records = contender.run(job)
    found = {one["url"]: one for one in records}
    there = {one["url"]: one for one in truth(job)}
    wrong = [url for url in found.keys() | there.keys() if found.get(url) != there.get(url)]
    if wrong:
        url = min(wrong)
        raise SystemExit(f"{contender.name} found {found.get(url)} where the page says {there.get(url)}")
    return taken


TOLD: dict[str, tuple[int, Callable[[int, str], Record]]] = {
    "details": (1, record),
    "listings": (LISTED, listed),
    "all": (LISTED, record),
}
"""Of each job: how many records one of its pages brings, and what is told of each."""


def truth(job: Job) -> list[Record]:
    """What a job must find."""
    each, told = TOLD[job.name]
    return [told(number, job.site) for number in range(each * job.count)]


@dataclass(frozen=True, slots=True)
class Database:
    """A running database: HOST:PORT and its process."""

    address: str
    pid: int

    def cpu_s(self) -> float:
        """The user and system time that its process has taken so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def database() -> Iterator[Database]:
    """A database of its own in memory, with the project's rules."""
    command = [sys.executable, "-m", "emulators.database", "--port", "0", "--rules", str(RULES)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield Database(process.stdout.readline().removeprefix("database http://").strip(), process.pid)
        finally:
            process.terminate()


def environment() -> Path:
    """The Python of the peers' environment, made at the first call and whenever its pins change."""
    home, pins = HOME / "peers", PEERS / "requirements.txt"
    python, stamp = home / "bin" / "python", home / "pins"
    digest = hashlib.sha256(pins.read_bytes()).hexdigest()
    if not stamp.is_file() or stamp.read_text() != digest:
        print("installing the peers", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-qq", "-r", str(pins)], check=True)
        stamp.write_text(digest)
    return python
