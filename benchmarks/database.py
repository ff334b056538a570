"""The Realtime Database emulator beside its floors: `python3 dev.py bench database [--json] [--quick]`.

Requests as ratios to a server that answers constant bytes, indexed pages at two sizes, memory, and a restart. It has no
goal in the design: it must only never be what a measurement measures.
"""

from __future__ import annotations

import contextlib
import json
import re
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import requests

from benchmarks._lines import Line, Options, main, told

ROOT = Path(__file__).parents[1]
RULES = {"rules": {".read": False, "small": {".indexOn": ["n"]}, "large": {".indexOn": ["n"]}}}
CONSTANT = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 600\r\n\r\n" + b" " * 600
SMALL, LARGE = 1_000, 100_000
ROUNDS = 9
CALLS = 50  # a round
BATCH = 1_000  # documents a write
QUERIES = {
    "page of 20 by value": 'orderBy="n"&startAt=2500&limitToFirst=20',
    "page of 20 by key": 'orderBy="$key"&startAt="k0000500"&limitToFirst=20',
}


class Constant(socketserver.StreamRequestHandler):
    """Answers every request with the same bytes: what `requests` itself costs."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Serve one connection."""
        while line := self.rfile.readline():
            length = 0
            while (line := self.rfile.readline()) not in (b"\r\n", b""):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            self.rfile.read(length)
            self.wfile.write(CONSTANT)


@contextlib.contextmanager
def floor() -> Iterator[str]:
    """A running constant server."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Constant) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@contextlib.contextmanager
def database(folder: Path) -> Iterator[tuple[str, int]]:
    """A running database on that folder: its address and process id."""
    rules = folder / "rules.json"
    rules.write_text(json.dumps(RULES))
    options = ("--port", "0", "--data", str(folder / "data"), "--rules", str(rules))
    command = [sys.executable, "-m", "emulators.database", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().removeprefix("database ").strip(), process.pid
        finally:
            process.terminate()


def document(number: int) -> dict[str, object]:
    """About 600 bytes."""
    return {
        "n": number % 5000,
        "title": f"title {number}",
        "text": "x" * 480,
        "info": {"year": 1900 + number % 120, "tag": "tag"},
    }


def ratios(one: Callable[[], object], other: Callable[[], object], quick: bool) -> list[float]:
    """How many times as long `one` takes as `other`, round by round."""
    one(), other()
    return [_seconds(one) / _seconds(other) for _ in range(1 if quick else ROUNDS)]


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    for _ in range(CALLS):
        call()
    return time.perf_counter() - started


def load(session: requests.Session, url: str, name: str, count: int) -> None:
    """Write documents in batches."""
    for first in range(0, count, BATCH):
        batch = {f"k{number:07d}": document(number) for number in range(first, min(first + BATCH, count))}
        session.patch(f"{url}/{name}.json?print=silent", json=batch).raise_for_status()


def rss_mb(pid: int) -> float:
    """Memory of a process now."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else float("nan")


def requests_made(session: requests.Session, url: str, constant: str, quick: bool) -> Iterator[Line]:
    """The lines of single requests and of pages."""
    one, body = f"{url}/large/k0000005.json", json.dumps(document(1))

    def get(where: str) -> None:
        session.get(where).raise_for_status()

    def put(where: str) -> None:
        session.put(where, data=body).raise_for_status()

    read = ratios(partial(get, one), partial(get, constant), quick)
    yield told("reading one document, time", "constant bytes", read)
    written = ratios(partial(put, f"{one}?print=silent"), partial(put, constant), quick)
    yield told("writing one document, time", "constant bytes", written)
    for what, query in QUERIES.items():
        small, big = (f"{url}/{where}.json?{query}" for where in ("small", "large"))
        found = ratios(partial(get, big), partial(get, small), quick)
        yield told(f"{what} of 100,000, time", "the same of 1,000", found)


def measured(options: Options) -> Iterator[Line]:
    """Every line, as it is measured."""
    large = SMALL if options.quick else LARGE
    session = requests.Session()
    session.headers["Authorization"] = "Bearer owner"
    with tempfile.TemporaryDirectory() as name, floor() as constant, session:
        folder = Path(name)
        with database(folder) as (url, pid):
            empty = rss_mb(pid)
            load(session, url, "small", SMALL)
            load(session, url, "large", large)
            yield from requests_made(session, url, constant, options.quick)
            yield told("memory with 100,000 documents and indexes, MB", f"{empty:.0f} MB when empty", [rss_mb(pid)])
        started = time.perf_counter()
        with database(folder):
            yield told("restart to answer, s", "nobody", [time.perf_counter() - started])
        size = sum(file.stat().st_size for file in (folder / "data").rglob("*") if file.is_file())
        yield told(
            "100,000 documents on disk, MB",
            f"{large * len(json.dumps(document(1))) / 1e6:.0f} MB as JSON",
            [size / 1e6],
        )


if __name__ == "__main__":
    sys.exit(main("database", __doc__, measured))
