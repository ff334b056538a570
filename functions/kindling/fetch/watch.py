"""Connections whose every read is watched: by a clock for the whole answer, and by a count of bytes.

Socket timeouts only measure the silence between two packets; a site that drips a byte a second, or never ends its
headers, passes them for ever. `http.client` reads answers through a file it makes of the socket; here that file asks
the watch before each read. Knows urllib3's connections, nothing of requests or of what is fetched.
"""

from __future__ import annotations

import http.client
import io
import socket
from functools import partial
from time import monotonic
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

BUFFER_BYTES = 64 * 1024
"""One read of the socket: most pages arrive in one or two."""


class Cut(Exception):
    """The watch ended an answer; `code` is `too-slow`, `big-headers` or `too-big`.

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

    def left_s(self) -> float:
        """How long the next read may wait; Cut if the answer has taken too long or grown too big."""
        if self.bytes_read > self._most_bytes:
            raise Cut(self._code, f"sent more than {self._most_bytes} bytes")
        left = self._deadline - monotonic()
        if left <= 0:
            raise Cut("too-slow", f"was not through after {self._total_s:g} s")
        return min(left, self._read_s)


class _WatchedFile(io.RawIOBase):
    """The bytes of a socket, each read allowed by the watch."""

    def __init__(self, sock: socket.socket, watch: Watch) -> None:
        self._sock = sock
        self._file = sock.makefile("rb", buffering=0)
        self._watch = watch

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._watch.left_s())
        try:
            count = self._file.readinto(buffer)
        except TimeoutError:
            self._watch.left_s()  # says so if it was the whole answer's time that ran out
            raise
        self._watch.bytes_read += count or 0
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


class _WatchedResponse(http.client.HTTPResponse):
    """An answer that is read through the watch, status line and headers included."""

    def __init__(self, sock: socket.socket, *args: Any, watch: Watch, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_WatchedFile(sock, watch), BUFFER_BYTES)


class _Plain(HTTPConnection):
    def __init__(self, *args: Any, watch: Watch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.response_class = partial(_WatchedResponse, watch=watch)  # type: ignore[assignment]  # it is only called


class _Tls(HTTPSConnection):
    def __init__(self, *args: Any, watch: Watch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.response_class = partial(_WatchedResponse, watch=watch)  # type: ignore[assignment]  # it is only called


class PlainPool(HTTPConnectionPool):
    """A pool of watched http connections; takes `watch=`."""

    ConnectionCls = _Plain


class TlsPool(HTTPSConnectionPool):
    """A pool of watched https connections; takes `watch=`."""

    ConnectionCls = _Tls
