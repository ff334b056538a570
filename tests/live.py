"""Real servers for tests: each is started on a free port, says when it is ready, and is gone afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "database.rules.json"


@contextmanager
def process(
    *command: str, ready: str, env: dict[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Starts `command` and yields it with what follows the word `ready` on the line that begins so."""
    started = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, **(env or {})})
    assert started.stdout is not None
    try:
        line = next((line for line in started.stdout if line.startswith(ready + " ")), "")
        assert line, f"{command} ended without saying {ready!r}"
        yield started, line.removeprefix(ready).strip()
    finally:
        started.terminate()
        started.wait(10)
        started.stdout.close()


@contextmanager
def http_server(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    """A server of the standard library that answers by `handler`; yields its HOST:PORT."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
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
    command = (sys.executable, "-m", "emulators.database", "--port", "0", "--rules", str(RULES), *kept)
    with process(*command, ready="database") as (_, url):
        yield url.removeprefix("http://")
