"""Real servers for tests: each is started on a free port, says when it is ready, and is gone afterwards."""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "database.rules.json"
POLL_S = 0.05  # how often a server looks whether it is to end: each test waits for that


@contextmanager
def http_server(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    """A server of the standard library that answers by `handler`; yields its HOST:PORT."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(POLL_S,))
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def database(data: Path | None = None) -> Iterator[str]:
    """A database emulator with the project's rules; yields its HOST:PORT."""
    kept = ("--data", str(data)) if data else ()
    number, line = _asked(["--port", "0", "--rules", str(RULES), *kept])
    assert line, "the database ended without saying where it answers"
    try:
        yield line.removeprefix("database http://").strip()
    finally:
        assert _asked(number) == 0


def _asked(what: list[str] | int) -> Any:
    """What `tests/forking.py` answers: to the arguments of a new database, or to the process id of one."""
    forking = _forking()
    assert forking.stdin and forking.stdout
    print(json.dumps(what), file=forking.stdin, flush=True)
    return json.loads(forking.stdout.readline())


@cache
def _forking() -> subprocess.Popen[str]:
    """The process that forks databases, from the first that is wanted to the end of the tests."""
    command = [sys.executable, "-m", "tests.forking"]
    started = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(started.communicate)
    return started
