"""What the benchmarks of reading stand on: functions under functions-framework, a database with documents, a client.

The client keeps several connections busy and does next to nothing, so that what is compared is the servers.
"""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import requests
from kindling.store import paths
from kindling.store.records import Record, Slot, field_nodes, kinds, record_node

ROOT = Path(__file__).parents[1]
START_S = 60  # until a server answers
CONNECTIONS = 8  # at a time: an instance is asked by several clients at once
BATCH = 1_000  # documents a write: about 500 KB
NOW_MS = 1_700_000_000_000
CATEGORIES = ("comedy", "drama", "news", "sport", "travel")
NOT_MODIFIED = b"HTTP/1.1 304"
GOOD = (b"HTTP/1.1 200", NOT_MODIFIED)
CHUNKED = -1  # the length of an answer that does not say it
LAST_CHUNK = b"\r\n0\r\n\r\n"
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


def document(number: int) -> dict[str, object]:
    """About 400 bytes; `price` is spread evenly over 0 to 1,000 and has no order with `number`."""
    return {
        "title": f"Title {number}",
        "category": CATEGORIES[number % len(CATEGORIES)],
        "price": number * 7919 % 100_003 / 100,
        "year": 1950 + number % 75,
        "info": {"rating": number % 100 / 10, "tags": ["one", "two", "three"]},
        "text": "words and words " * 12,
    }


def fill(database: str, name: str, count: int) -> None:
    """Writes a public collection with an index on price, as the store would, but a thousand documents at a time."""
    indexes = {paths.SLOTS[0]: Slot("price")}
    fields = {path: tuple(sorted(seen)) for path, seen in kinds(document(0)).items()}
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer owner"
        for first in range(0, count, BATCH):
            records = [_record(number) for number in range(first, min(first + BATCH, count))]
            body = {record.id: record_node(record, indexes) for record in records}
            session.patch(f"http://{database}/data/{name}.json?print=silent", json=body).raise_for_status()
        summary = {
            "version": 1,
            "count": count,
            "kept": count,
            "public": True,
            "updated": NOW_MS,
            "fields": field_nodes(fields),
            "slots": {slot: {"field": index.field, "ready": True} for slot, index in indexes.items()},
        }
        session.put(f"http://{database}/{paths.collection(name)}.json?print=silent", json=summary).raise_for_status()


def _record(number: int) -> Record:
    return Record(f"d{number:07d}", document(number), NOW_MS, NOW_MS)


BARE = {
    "hello": """\
from firebase_functions import https_fn

@https_fn.on_request()
def hello(request):
    return https_fn.Response("Hello World!")
""",
    "constant": """\
import os
from firebase_functions import https_fn

BODY = b"x" * int(os.environ["SIZE"])

@https_fn.on_request()
def constant(request):
    return https_fn.Response(BODY, content_type="application/json")
""",
    "looking": """\
from firebase_functions import https_fn
from kindling.serve.latest import Latest
from kindling.store import store

LATEST = Latest()


@https_fn.on_request()
def looking(request):
    LATEST.begin("small", lambda: store().look("small"))()
    return https_fn.Response("Hello World!")
""",
}
"""Functions to compare with: an answer, one of SIZE bytes, one after the look at a summary that ours begin with."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers: where, and the process that was started."""

    port: int
    process: subprocess.Popen[bytes]
    started_s: float

    def _works(self) -> Path:
        """The process that does the work, in /proc: the one child of gunicorn's master, or itself."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return Path(f"/proc/{children[0] if children else pid}")

    def cpu_s(self) -> float:
        """The CPU seconds it has taken so far, in steps of a hundredth."""
        fields = (self._works() / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        """Its resident memory."""
        status = (self._works() / "status").read_text()
        found = re.search(r"VmRSS:\s+(\d+)", status)
        return int(found[1]) / 1024 if found else float("nan")


@contextlib.contextmanager
def server(*command: str, path: str, env: Mapping[str, str], cwd: Path = ROOT) -> Iterator[Server]:
    """Runs `command`, in which {port} is a free port, until it answers `path` with 200; ends it afterwards."""
    port = free_port()
    filled = [part.replace("{port}", str(port)) for part in command]
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    quiet = subprocess.DEVNULL
    started = time.perf_counter()
    with subprocess.Popen(filled, cwd=cwd, env={**kept, **env}, stdout=quiet, stderr=quiet) as process:
        try:
            _await(port, path, process)
            yield Server(port, process, time.perf_counter() - started)
        finally:
            process.terminate()


def function(source: Path, name: str, path: str, env: Mapping[str, str]) -> contextlib.AbstractContextManager[Server]:
    """One function as the platform starts it: functions-framework with its own gunicorn, one process, threads."""
    started = {**env, "FUNCTION_TARGET": name, "FUNCTION_SOURCE": str(source)}
    framework = (sys.executable, "-m", "functions_framework", "--port={port}", "--host=127.0.0.1")
    return server(*framework, path=path, env=started, cwd=source.parent)


def bare(name: str, folder: Path, **env: str) -> contextlib.AbstractContextManager[Server]:
    """The function `name` of BARE, alone in a file of `folder`."""
    source = folder / f"{name}.py"
    source.write_text(BARE[name])
    return function(source, name, "/", {"PYTHONPATH": str(ROOT / "functions"), **env})


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            get(port, asking(path))
            return
        time.sleep(0.005)
    raise SystemExit(f"{process.args!r} does not answer {path}; run it by hand to see why")


def asking(path: str, **headers: str) -> bytes:
    """A GET as it goes over the wire; `If_None_Match` is the header If-None-Match."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n".encode()


def seconds(port: int, requests: Sequence[bytes], at_once: int = CONNECTIONS) -> float:
    """How long a server takes for all `requests`, `at_once` at a time; what is no good answer ends the benchmark."""
    left = iter(requests)
    with selectors.DefaultSelector() as ready, contextlib.ExitStack() as stack:
        open_ones = [stack.enter_context(_Connection(port)) for _ in range(at_once)]
        start = time.perf_counter()
        for one, request in zip(open_ones, left, strict=False):
            ready.register(one.socket, selectors.EVENT_READ, one)
            one.send(request)
        while ready.get_map():
            for key, _ in ready.select(START_S):
                if key.data.received():
                    request = next(left, b"")
                    if request:
                        key.data.send(request)
                    else:
                        ready.unregister(key.fileobj)
        return time.perf_counter() - start


def get(port: int, request: bytes) -> bytes:
    """One answer as it came."""
    with _Connection(port) as connection:
        connection.send(request)
        while not connection.received():
            pass
        return bytes(connection.got)


class _Connection:
    """One connection with one answer at a time under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=START_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.got = bytearray()
        self._whole: int | None = None

    def __enter__(self) -> _Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, request: bytes) -> None:
        """Sends one request; the answer before it has been received."""
        self.got.clear()
        self._whole = None
        self.socket.sendall(request)

    def received(self) -> bool:
        """Reads what is there; whether the answer is whole."""
        more = self.socket.recv(1 << 16)
        self.got += more
        if self._whole is None and b"\r\n\r\n" in self.got:
            self._whole = self._end()
        if not more:
            raise ConnectionError(f"the server closed the connection after {bytes(self.got[:300])!r}")
        if self._whole == CHUNKED:
            return self.got.endswith(LAST_CHUNK)
        return self._whole is not None and len(self.got) >= self._whole

    def _end(self) -> int:
        head = bytes(self.got).partition(b"\r\n\r\n")[0]
        if not head.startswith(GOOD):
            raise SystemExit(f"not an answer to measure: {bytes(self.got[:500])!r}")
        if head.startswith(NOT_MODIFIED):
            return len(head) + 4
        found = LENGTH.search(head)
        return len(head) + 4 + int(found[1]) if found else CHUNKED
