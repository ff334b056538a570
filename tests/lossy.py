"""A way to a server on which answers get lost: the request arrives and is carried out, and nobody hears of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler

from tests.live import http_server

DEADLINE_S = 30
HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}


@dataclass
class Lossy:
    """The way: where it begins, which answers of which method are still to be lost, and what happens before each is.

    `lost` counts what was; `meanwhile` is called between the write and the end of its connection.
    """

    host: str
    method: str = ""
    times: int = 0
    meanwhile: Callable[[], object] = field(default=lambda: None)
    lost: int = 0

    def lose(self, method: str, times: int = 1, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Loses the next answers to `method`."""
        self.method, self.times, self.meanwhile, self.lost = method, times, meanwhile, 0


@contextmanager
def lossy(to: str) -> Iterator[Lossy]:
    """A way to the server at `to` (HOST:PORT)."""
    way = Lossy("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # headers and body in one piece: two would wait for each other
        timeout = DEADLINE_S

        def log_message(self, *_: object) -> None:
            """Nothing is told."""

        def relay(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            behind = HTTPConnection(to, timeout=DEADLINE_S)
            try:
                behind.request(self.command, self.path, body, {k: v for k, v in self.headers.items() if k != "Host"})
                answer = behind.getresponse()
                found = answer.read()
            finally:
                behind.close()
            if way.times and self.command == way.method:
                way.times -= 1
                way.lost += 1
                way.meanwhile()
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP:
                    self.send_header(name, value)
            if answer.status not in (204, 304):
                self.send_header("Content-Length", str(len(found)))
            self.end_headers()
            self.wfile.write(found)

        do_GET = do_PUT = do_PATCH = relay

    with http_server(Handler) as way.host:
        yield way
