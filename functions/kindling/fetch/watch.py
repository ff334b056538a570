"""A connection whose every read is watched: by a clock for the whole answer, and by a count of bytes.

Socket timeouts only measure the silence between two packets; a site that drips a byte a second, or never ends its
headers, passes them for ever. `http.client` reads answers through a file it makes of the socket; here that file asks
the watch before each read. Knows `http.client`, nothing of what is fetched.
"""

from __future__ import annotations

import io
from functools import partial
from http.client import HTTPConnection, HTTPResponse
from socket import socket
from time import monotonic
from typing import Any

BUFFER_BYTES = 64 * 1024
"""One read of the socket: most pages arrive in one or two."""


class Cut(Exception):
    """We ended an answer; `code` is `too-slow`, `big-headers`, `too-big` or `bad-answer`.

    Not an OSError, so that nothing below takes it for a fault of the network.
    """

    def __init__(self, code: str, what: str) -> None:
        self.code = code
        super().__init__(what)


class Watch:
    """The bounds of the exchange in progress on one connection, and the bytes it has read."""

    def __init__(self, read_s: float) -> None:
        self._read_s = read_s
        self._deadline = 0.0
        self._total_s = 0.0
        self._most_bytes = 0
        self._code = ""
        self.bytes_read = 0

    def start(self, total_s: float, header_bytes: int) -> None:
        """A new exchange begins: it may last `total_s`, and its headers be `header_bytes` long."""
        self._total_s = total_s
        self._deadline = monotonic() + total_s
        self.bytes_read = 0
        self._code, self._most_bytes = "big-headers", header_bytes + BUFFER_BYTES  # a body may share the last read

    def body(self, body_bytes: int) -> None:
        """The headers are through: `body_bytes` more may come, framing included."""
        self._code, self._most_bytes = "too-big", self.bytes_read + body_bytes

    def hurry(self, seconds: float) -> None:
        """What is left of the answer is not worth more than `seconds`."""
        self._deadline = min(self._deadline, monotonic() + seconds)

    def allow(self, sock: socket) -> None:
        """Let the socket wait as long as the next step may; Cut if the answer has taken too long or grown too big."""
        if self.bytes_read > self._most_bytes:
            raise Cut(self._code, f"sent more than {self._most_bytes} bytes")
        left_s = self._deadline - monotonic()
        if left_s <= 0:
            raise Cut("too-slow", f"was not through after {self._total_s:g} s")
        wait_s = min(left_s, self._read_s)
        if sock.gettimeout() != wait_s:
            sock.settimeout(wait_s)


class Connection(HTTPConnection):
    """A connection to an address, never to a name, whose answers are read through its `watch`."""

    def __init__(self, address: str, port: int, *, connect_s: float, read_s: float) -> None:
        super().__init__(address, port, timeout=connect_s)
        self.watch = Watch(read_s)
        self.response_class = partial(_response, watch=self.watch)  # type: ignore[assignment]  # it is only called


def _response(sock: socket, *, watch: Watch, **options: Any) -> HTTPResponse:
    return HTTPResponse(_Watched(sock, watch), **options)  # type: ignore[arg-type]  # it only makes a file of it


class _Watched:
    """A socket that makes a watched file of itself."""

    def __init__(self, sock: socket, watch: Watch) -> None:
        self._sock = sock
        self._watch = watch

    def makefile(self, _: str) -> io.BufferedReader:
        return io.BufferedReader(_WatchedFile(self._sock, self._watch), BUFFER_BYTES)


class _WatchedFile(io.RawIOBase):
    """The bytes of a socket, each read allowed by the watch."""

    def __init__(self, sock: socket, watch: Watch) -> None:
        self._sock = sock
        self._file = sock.makefile("rb", buffering=0)
        self._watch = watch

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._watch.allow(self._sock)
        try:
            count = self._file.readinto(buffer)
        except TimeoutError:
            self._watch.allow(self._sock)  # says so if it was the whole answer's time that ran out
            raise
        self._watch.bytes_read += count or 0
        return count

    def close(self) -> None:
        self._file.close()
        super().close()
