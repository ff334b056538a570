"""A web site that misbehaves on purpose: a real server on a loopback address, one thread a connection.

A test gives each path a handler, which plays its part on the raw connection through an `Exchange`: send bytes, fall
silent, drip, reset. The site records every request. It never sleeps: whoever waits here waits for the client to hang
up or for the site to be closed, so that no test takes longer than the client's own limits.
"""

from __future__ import annotations

import re
import select
import socket
import ssl
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BufferedReader
from threading import Event, Lock, Thread
from typing import Self

GIVE_UP_S = 10.0
"""An exchange that a test forgot ends by then."""

_REQUEST_LINE = re.compile(r"([A-Z]+) (\S+) HTTP/1\.1\r\n")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came in; header names are lower case, the values of one that came twice are joined by `, `."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    connection: int = 0


class HungUp(Exception):
    """The client closed the connection, or the site is closing."""


@dataclass(slots=True)
class Exchange:
    """One request and the connection to answer it on."""

    asked: Asked
    sock: socket.socket
    closing: Event
    keep: bool = True

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise HungUp from error

    def silence(self) -> None:
        """Say nothing more until the client hangs up."""
        self.wait(GIVE_UP_S)
        raise HungUp

    def wait(self, seconds: float) -> None:
        """Let `seconds` pass; HungUp if the client hangs up before."""
        readable, _, _ = select.select([self.sock], [], [], seconds)
        if readable or self.closing.is_set():
            raise HungUp

    def drip(self, data: bytes, every_s: float = 0.02) -> None:
        """Send byte by byte, with a pause after each."""
        for at in range(len(data)):
            self.send(data[at : at + 1])
            self.wait(every_s)

    def close(self) -> None:
        """End the connection in an orderly way after what was sent."""
        self.keep = False

    def reset(self) -> None:
        """Break the connection: the client sees a reset, not an end."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.keep = False


Handler = Callable[[Exchange], None]


def answer(
    body: bytes = b"",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    *,
    length: int | None = None,
) -> bytes:
    """A whole answer; `length` is a Content-Length that may lie."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body) if length is None else length}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def says(data: bytes) -> Handler:
    """A handler that sends the same bytes each time."""
    return lambda exchange: exchange.send(data)


def page(body: bytes = b"<p>hello</p>", status: int = 200, **headers: str) -> Handler:
    """A handler that answers with a page; header names are written with `_` for `-`."""
    return says(answer(body, status, {name.replace("_", "-"): value for name, value in headers.items()}))


def moved(location: str, status: int = 302) -> Handler:
    """A handler that redirects."""
    return says(answer(b"gone there", status, {"Location": location}))


def in_turn(*handlers: Handler) -> Handler:
    """A handler that does the first, then the second …, and stays with the last."""
    left = list(handlers)
    lock = Lock()

    def handle(exchange: Exchange) -> None:
        with lock:
            handler = left.pop(0) if len(left) > 1 else left[0]
        handler(exchange)

    return handle


class FaultSite:
    """The server; a context manager. `handlers` maps paths (with query) to handlers, all else is a 404."""

    def __init__(
        self,
        handlers: Mapping[str, Handler] | None = None,
        *,
        address: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.handlers: dict[str, Handler] = dict(handlers or {})
        self.asked: list[Asked] = []
        self._tls = tls
        self._closing = Event()
        self._lock = Lock()
        self._threads: list[Thread] = []
        self._socks: list[socket.socket] = []
        self._listener = socket.create_server((address, 0), family=_family(address))
        self.address = address
        self.port: int = self._listener.getsockname()[1]
        self._threads.append(Thread(target=self._accept, daemon=True))
        self._threads[0].start()

    @property
    def door(self) -> str:
        """HOST:PORT, as `--allow` wants it."""
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"

    def url(self, path: str = "/", host: str | None = None) -> str:
        """The URL of a path here, under another name if `host` is given."""
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{host}:{self.port}{path}" if host else f"{scheme}://{self.door}{path}"

    def paths(self) -> list[str]:
        """The paths asked for so far, in order, robots.txt left out."""
        return [asked.path for asked in self.asked if asked.path != "/robots.txt"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for sock in self._socks:
                _hang_up(sock)
        for thread in self._threads:
            thread.join(GIVE_UP_S)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            sock.settimeout(GIVE_UP_S)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._socks.append(sock)
                thread = Thread(target=self._serve, args=(sock, len(self._socks)), daemon=True)
                self._threads.append(thread)
            thread.start()

    def _serve(self, plain: socket.socket, number: int) -> None:
        with plain:
            try:
                sock = self._tls.wrap_socket(plain, server_side=True) if self._tls else plain
                with sock, sock.makefile("rb") as stream:
                    while (asked := _read(stream, number)) and self._answer(asked, sock):
                        pass
            except (OSError, HungUp):
                return

    def _answer(self, asked: Asked, sock: socket.socket) -> bool:
        with self._lock:
            self.asked.append(asked)
        exchange = Exchange(asked, sock, self._closing)
        handler = self.handlers.get(asked.path, page(b"nothing here", 404))
        handler(exchange)
        return exchange.keep


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _hang_up(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # its thread closed it already


def _read(stream: BufferedReader, number: int) -> Asked | None:
    """The next request of a connection; None at its end, or if what comes is not HTTP."""
    line = _REQUEST_LINE.fullmatch(stream.readline(65536).decode("latin-1"))
    if line is None:
        return None
    headers: dict[str, str] = {}
    while header := stream.readline(65536).decode("latin-1").strip():
        name, _, value = header.partition(":")
        name, value = name.strip().lower(), value.strip()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    body = stream.read(int(headers.get("content-length", "0")))
    return Asked(line[1], line[2], headers, body, number)


class ManualClock:
    """A clock that only moves when somebody sleeps or `pass_s` is called; safe between threads."""

    def __init__(self, now_ms: int = 1_800_000_000_000) -> None:
        self._now_ms = now_ms
        self._lock = Lock()
        self.slept: list[float] = []

    def now_ms(self) -> int:
        """Milliseconds since 1970, as far as this clock knows."""
        with self._lock:
            return self._now_ms

    def sleep(self, seconds: float) -> None:
        """Move on at once, and remember how far."""
        with self._lock:
            self.slept.append(seconds)
            self._now_ms += round(seconds * 1000)

    def pass_s(self, seconds: float) -> None:
        """Let time pass in which nobody slept."""
        with self._lock:
            self._now_ms += round(seconds * 1000)
