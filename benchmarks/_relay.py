"""Counts what goes to and from a database: a relay that looks into requests, by the first name of their paths.

Works in this process beside what is measured, which is another; HTTP/1.1 with lengths, as the database speaks it.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

PASSED = ("Authorization", "Content-Type", "X-Firebase-ETag", "If-Match", "If-None-Match", "Accept-Encoding")
RETURNED = ("Content-Type", "ETag", "Content-Encoding")


@dataclass(slots=True)
class Traffic:
    """What was read and written: operations, and the bytes of bodies by the first name of the path."""

    reads: int = 0
    writes: int = 0
    read_bytes: Counter[str] = field(default_factory=Counter)
    written_bytes: Counter[str] = field(default_factory=Counter)


class Relay:
    """The relay: `address` is HOST:PORT to talk to instead of the database."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._lock = threading.Lock()
        self._traffic = Traffic()

    def taken(self) -> Traffic:
        """The traffic since the last call."""
        with self._lock:
            traffic, self._traffic = self._traffic, Traffic()
        return traffic

    def note(self, method: str, path: str, body: bytes, answer: bytes) -> None:
        """Counts one exchange."""
        place = path.strip("/").removesuffix(".json").partition("/")[0]
        with self._lock:
            if method == "GET":
                self._traffic.reads += 1
                self._traffic.read_bytes[place] += len(answer)
                return
            self._traffic.writes += 1
            if place:
                self._traffic.written_bytes[place] += len(body)
                return
            for name, value in json.loads(body).items():
                self._traffic.written_bytes[name.strip("/").partition("/")[0]] += len(name) + len(json.dumps(value)) + 4


@contextlib.contextmanager
def relay(database: str) -> Iterator[Relay]:
    """A relay to the database at HOST:PORT."""
    host, _, port = database.partition(":")
    kept = threading.local()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if not hasattr(kept, "to"):
                kept.to = HTTPConnection(host, int(port), timeout=60)
                kept.to.connect()
                kept.to.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            headers = {name: self.headers[name] for name in PASSED if self.headers[name]}
            kept.to.request(self.command, self.path, body or None, headers)
            response = kept.to.getresponse()
            answer = response.read()
            made.note(self.command, urlsplit(self.path).path, body, answer)
            self.send_response(response.status)
            for name in RETURNED:
                if response.headers[name]:
                    self.send_header(name, response.headers[name])
            if response.status not in (204, 304):
                self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
            self.wfile.flush()

        do_GET = do_PUT = do_PATCH = do_POST = do_DELETE = _pass  # noqa: N815  # the names that http.server asks for

        def finish(self) -> None:
            super().finish()
            if hasattr(kept, "to"):
                kept.to.close()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        made = Relay(f"127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()
