"""What bounds one exchange while it is under way: a clock for the whole answer, and counts of bytes.

Socket timeouts only measure the silence between two packets; a site that drips a byte a second, or never ends its
headers, passes them for ever. Here each step of a connection asks the watch first. Knows nothing of HTTP.
"""

from __future__ import annotations

import math
from socket import socket
from time import monotonic

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
        self._framing_bytes = 0
        self._framing_until = 0
        self._body_until: float = math.inf
        self.bytes_read = 0

    def start(self, total_s: float, header_bytes: int) -> None:
        """A new exchange begins: it may last `total_s`, and its headers be `header_bytes` long."""
        self._total_s = total_s
        self._deadline = monotonic() + total_s
        self.bytes_read = 0
        self._framing_bytes = header_bytes + BUFFER_BYTES  # a body may share the last read
        self._framing_until = self._framing_bytes
        self._body_until = math.inf

    def body(self, body_bytes: int) -> None:
        """The headers are through: `body_bytes` more may come, framing included."""
        self._body_until = self.bytes_read + body_bytes

    def went_on(self) -> None:
        """Something of the body has come: framing counts anew."""
        self._framing_until = self.bytes_read + self._framing_bytes

    def hurry(self, seconds: float) -> None:
        """What is left of the answer is not worth more than `seconds`."""
        self._deadline = min(self._deadline, monotonic() + seconds)

    def allow(self, sock: socket) -> None:
        """Let the socket wait as long as the next step may; Cut if the answer has taken too long or grown too big."""
        if self.bytes_read > self._framing_until:
            raise Cut("big-headers", f"sent more than {self._framing_bytes} bytes of headers or framing")
        if self.bytes_read > self._body_until:
            raise Cut("too-big", f"sent more than {self._body_until} bytes")
        left_s = self._deadline - monotonic()
        if left_s <= 0:
            raise Cut("too-slow", f"was not through after {self._total_s:g} s")
        wait_s = min(left_s, self._read_s)
        if sock.gettimeout() != wait_s:
            sock.settimeout(wait_s)
