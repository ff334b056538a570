"""The Realtime Database emulator beside its floors: `functions/venv/bin/python benchmarks/database.py [--documents N]`.

Reports, and fails nothing: request costs as ratios to a server that answers constant bytes, indexed pages at two sizes,
memory, and how long a restart takes.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import socketserver
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import requests

ROOT = Path(__file__).parents[1]
RULES = {"rules": {".read": False, "small": {".indexOn": ["n"]}, "large": {".indexOn": ["n"]}}}
CONSTANT = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 600\r\n\r\n" + b" " * 600
ROUNDS = 500


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
    command = [
        sys.executable,
        "-m",
        "emulators.database",
        "--port",
        "0",
        "--data",
        str(folder / "data"),
        "--rules",
        str(rules),
    ]
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


def each_ms(call: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median time of one call."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def load(session: requests.Session, url: str, name: str, count: int) -> float:
    """Write documents in batches; seconds."""
    start = time.perf_counter()
    for first in range(0, count, 1000):
        batch = {f"k{number:07d}": document(number) for number in range(first, min(first + 1000, count))}
        session.patch(f"{url}/{name}.json?print=silent", json=batch).raise_for_status()
    return time.perf_counter() - start


def rss_mb(pid: int) -> float:
    """Memory of a process now."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else float("nan")


def report(documents: int) -> None:
    """Measure and print."""
    session = requests.Session()
    session.headers["Authorization"] = "Bearer owner"
    with tempfile.TemporaryDirectory() as name, floor() as constant:
        folder = Path(name)
        body = json.dumps(document(1))
        with database(folder) as (url, pid):
            print(f"memory, empty              {rss_mb(pid):8.1f} MB")
            load(session, url, "small", 1000)
            seconds = load(session, url, "large", documents)
            print(f"load {documents} documents   {seconds:8.2f} s, then {rss_mb(pid):.1f} MB")
            base_get = each_ms(lambda: session.get(f"{constant}/"))
            base_put = each_ms(lambda: session.put(f"{constant}/", data=body))
            get = each_ms(lambda: session.get(f"{url}/large/k0000005.json"))
            put = each_ms(lambda: session.put(f"{url}/large/k0000005.json?print=silent", data=body))
            print(f"read one document          {get:8.2f} ms, {get / base_get:.2f} of the floor ({base_get:.2f} ms)")
            print(f"write one document         {put:8.2f} ms, {put / base_put:.2f} of the floor ({base_put:.2f} ms)")
            for query in (
                'orderBy="n"&startAt=2500&limitToFirst=20',
                'orderBy="$key"&startAt="k0000500"&limitToFirst=20',
            ):
                for where in ("small", "large"):
                    session.get(f"{url}/{where}.json?{query}").raise_for_status()
                small = each_ms(lambda query=query: session.get(f"{url}/small.json?{query}"))  # type: ignore[misc]  # lambda default
                large = each_ms(lambda query=query: session.get(f"{url}/large.json?{query}"))  # type: ignore[misc]  # lambda default
                ratio = f"{large:8.2f} ms, {large / small:.2f} of 20 of 1000 ({small:.2f} ms)"
                print(f"page of 20 of {documents:<7}      {ratio}  {query}")
            print(f"memory, with indexes       {rss_mb(pid):8.1f} MB")
        start = time.perf_counter()
        with database(folder) as (url, pid):
            print(f"restart to answer          {time.perf_counter() - start:8.2f} s, then {rss_mb(pid):.1f} MB")
        size = sum(file.stat().st_size for file in (folder / "data").rglob("*") if file.is_file())
        print(f"on disk                    {size / 1e6:8.1f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=100_000)
    report(parser.parse_args().documents)
