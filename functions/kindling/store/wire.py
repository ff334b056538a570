"""HTTP to one server over connections that are kept: an exchange is sent, its answer comes back whole and bounded.

Knows nothing of the database. Written on the standard library's client, which the functions' server has loaded anyway:
it costs no cold start, and half the time of urllib3 (the SDK's own way, over requests, costs seven times as much).

Facts relied on: a server may close a kept connection at any time, which is seen before it is used again or, rarely,
while it is; then GET and PATCH may be sent again (a PATCH that was done is refused as a commit, or does the same twice,
but for the count of a day), a conditional PUT may not, for it would refuse itself.
"""

from __future__ import annotations

import random
import select
import ssl
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from socket import socket
from urllib.parse import urlsplit

from ..errors import TooBig, Unavailable

TIMEOUT_S = 20  # for all tries together; a function has 60: an answer that takes longer is of no use to its caller
PAUSES_S = (0.05, 0.4)  # before the second and the third try, and up to twice as long: a busy server needs a moment
ANSWER_MAX_BYTES = 32 * 2**20  # as JSON; as Python objects more than a function of 256 MB holds
LEAST_S = 0.001  # of waiting: 0 would mean not to wait at all
LIVELY_S = 1.0  # a connection used that shortly ago is not looked at first: each look lets other threads go before
CHUNK_BYTES = 2**16
KEPT_MAX = 80  # idle connections: an instance answers that many requests at once
AGAIN = frozenset({429, 500, 502, 503, 504})  # statuses that say: not now
NOT_DONE = frozenset({429, 503})  # those of them that say: I have not even begun
REPEATABLE = frozenset({"GET", "PATCH"})
GZIP_WINDOW = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's answer; header names are found in any case."""

    status: int
    headers: Message
    body: bytes


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


class Wire:
    """The kept connections to `origin`, such as https://example.com. Safe to share between threads.

    Environment variables for proxies are not looked at.
    """

    def __init__(self, origin: str, *, trust: ssl.SSLContext | None = None) -> None:
        """`trust` is for a server of tests; without it the authorities that this machine trusts."""
        self._parts = urlsplit(origin)
        self._trust = trust
        # with the time of its last use, the last one used on top: it is the most likely to be alive
        self._idle: list[tuple[HTTPConnection, float]] = []
        self._closed = False

    def close(self) -> None:
        """Closes the connections: idle ones now, those in use after their answer. Nothing is sent afterwards."""
        self._closed = True
        while self._idle:
            self._idle.pop()[0].close()

    def send(
        self, method: str, target: str, *, headers: Callable[[], Mapping[str, str]], body: bytes | None = None
    ) -> Reply:
        """The answer to one request, asked again where that is harmless. `headers` is called anew for each try.

        Raises Unavailable when there is none within TIMEOUT_S, TooBig for one over ANSWER_MAX_BYTES.
        """
        end = time.monotonic() + TIMEOUT_S
        pauses = iter(PAUSES_S)
        while True:
            pause_s = random.uniform(1, 2) * next(pauses, TIMEOUT_S)  # noqa: S311 - spreads callers, keeps no secret
            last = time.monotonic() + pause_s > end
            try:
                reply = self._exchange(method, target, headers(), body, end)
            except (OSError, HTTPException) as error:
                if last or method not in REPEATABLE:
                    raise Unavailable(f"{self._parts.netloc} does not answer; try again") from error
            else:
                if last or reply.status not in (AGAIN if method in REPEATABLE else NOT_DONE):
                    return reply
            time.sleep(pause_s)

    def _exchange(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None, end: float) -> Reply:
        connection = self._connection(end, sure=method not in REPEATABLE)
        try:
            connection.request(method, target, body, dict(headers))
            response = connection.getresponse()
            with response:  # closing it sets its connection free, or ends one that the server will not keep
                raw = _read(response, end)
        except BaseException:
            connection.close()
            raise
        if response.will_close or self._closed or len(self._idle) >= KEPT_MAX:
            connection.close()
        else:
            self._idle.append((connection, time.monotonic()))
        if response.headers.get("Content-Encoding") == "gzip":
            raw = _unpacked(raw)
        return Reply(response.status, response.headers, raw)

    def _connection(self, end: float, *, sure: bool) -> HTTPConnection:
        now = time.monotonic()
        left_s = TIMEOUT_S if end - now > TIMEOUT_S / 2 else max(end - now, LEAST_S)  # a first try has all the time
        while self._idle:
            try:
                kept, since = self._idle.pop()
            except IndexError:  # another thread took it
                break
            if (now - since < LIVELY_S and not sure) or not _readable(kept.sock):
                if kept.sock.gettimeout() != left_s:
                    kept.sock.settimeout(left_s)
                return kept
            kept.close()  # what can be read of an idle connection is its end
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "https":
            return HTTPSConnection(host, port, timeout=left_s, context=self._trust or _trusted())
        return HTTPConnection(host, port, timeout=left_s)


def _readable(sock: socket) -> bool:
    waiting = select.poll()
    waiting.register(sock, select.POLLIN)
    return bool(waiting.poll(0))


def _read(response: HTTPResponse, end: float) -> bytes:
    """The body, as far as it is allowed to go in size and time."""
    parts: list[bytes] = []
    size = 0
    while part := response.read1(CHUNK_BYTES):
        parts.append(part)
        size += len(part)
        if size > ANSWER_MAX_BYTES:
            raise TooBig(f"the database's answer is over {ANSWER_MAX_BYTES // 2**20} MB; ask for less")
        if time.monotonic() > end:
            raise TimeoutError("the answer was still coming")
    if response.length:  # fewer bytes came than were announced
        raise ConnectionError("the answer ended too early")
    response.close()  # read1 leaves it open behind its last byte, and then the connection takes no other request
    return b"".join(parts)


def _unpacked(raw: bytes) -> bytes:
    unpacking = zlib.decompressobj(GZIP_WINDOW)
    try:
        body = unpacking.decompress(raw, ANSWER_MAX_BYTES)
    except zlib.error as error:
        raise ConnectionError("the answer is no gzip though it says so") from error
    if unpacking.unconsumed_tail:
        raise TooBig(f"the database's answer is over {ANSWER_MAX_BYTES // 2**20} MB; ask for less")
    if not unpacking.eof:
        raise ConnectionError("the answer ended too early")
    return body
