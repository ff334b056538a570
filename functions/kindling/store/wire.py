"""HTTP to one server over connections that are kept: an exchange is sent, its answer comes back whole and bounded.

Knows nothing of the database. A request is one write to a socket, its answer is read by the parser of Node
(`httptools`): a fifth of the time of the standard library's client, whose answers pass the parser of e-mail.

Facts relied on: a server may close a kept connection at any time, which is seen before it is used again or, rarely,
while it is; then GET and PATCH may be sent again (a PATCH that was done is refused as a commit, or does the same twice,
but for the count of a day), a conditional PUT may not, for it would refuse itself. A server of HTTP/1.1 says where its
answer ends, by a length or in chunks.
"""

from __future__ import annotations

import random
import select
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser
from msgspec import Struct

from ..errors import TooBig, Unavailable

TIMEOUT_S = 20  # for all tries together; a function has 60: an answer that takes longer is of no use to its caller
PAUSES_S = (0.05, 0.4)  # before the second and the third try, and up to twice as long: a busy server needs a moment
ANSWER_MAX_BYTES = 32 * 2**20  # with its head, as JSON; as Python objects more than a function of 256 MB holds
LEAST_S = 0.001  # of waiting for a connection: 0 would mean not to wait at all
MS = 1_000
LIVELY_S = 1.0  # a connection used that shortly ago is not looked at first: each look lets other threads go before
CHUNK_BYTES = 2**16  # over a record of TLS: what is left of one in Python's hands would show to nobody who waits
KEPT_MAX = 80  # idle connections: an instance answers that many requests at once
AGAIN = frozenset({429, 500, 502, 503, 504})  # statuses that say: not now
NOT_DONE = frozenset({429, 503})  # those of them that say: I have not even begun
REPEATABLE = frozenset({"GET", "PATCH"})
GZIP_WINDOW = 16 + zlib.MAX_WBITS
PORTS = {"http": 80, "https": 443}
FIRST_FINAL = 200  # a status below it is news on the way to the answer


class Reply(Struct, frozen=True):
    """A server's answer, its headers as they were sent: of most answers none is looked at."""

    status: int
    sent: Sequence[tuple[bytes, bytes]]
    body: bytes

    def header(self, name: bytes) -> str | None:
        """The value of the header `name`, which is given in small letters; None where it was not sent."""
        return next((value.decode("latin-1") for key, value in reversed(self.sent) if key.lower() == name), None)


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Connection:
    """One connection with at most one exchange under way. The methods that begin with `on_` are its parser's.

    `reusable` says after an exchange whether another may follow. OSError stands for whatever goes wrong.
    """

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)  # the calls that would only look whether it may block let other threads go before
        self.sock = sock
        self._readable = _polling(sock, select.POLLIN)
        self.used_s = 0.0
        self._parser = HttpResponseParser(self)
        self._begin()

    def _begin(self) -> None:
        self._sent: list[tuple[bytes, bytes]] = []
        self._parts: list[bytes] = []
        self._whole = False
        self.reusable = False

    def on_message_begin(self) -> None:
        if self._whole:
            raise ConnectionError("there are words behind the answer")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._sent.append((name, value))

    def on_body(self, part: bytes) -> None:
        self._parts.append(part)

    def on_message_complete(self) -> None:
        if self._parser.get_status_code() < FIRST_FINAL:
            self._begin()
        else:
            self._whole = True
            self.reusable = self._parser.should_keep_alive()

    def ask(self, request: bytes, end: float) -> None:
        """Sends a request by `end` of `time.monotonic`; its answer is to be read before the next one."""
        self._begin()
        left = memoryview(request)
        while left:
            try:
                left = left[self.sock.send(left) :]
            except ssl.SSLWantReadError:
                self._await(self._readable, end)
            except (BlockingIOError, ssl.SSLWantWriteError):
                self._await(_polling(self.sock, select.POLLOUT), end)

    def answer(self, end: float) -> Reply:
        """The answer to what was asked, if it comes before `end` of `time.monotonic`; TooBig for one over the bound."""
        size = 0
        while not self._whole:
            self._await(self._readable, end)
            try:
                more = self.sock.recv(CHUNK_BYTES)
            except (BlockingIOError, ssl.SSLWantReadError):  # what came was no part of the answer, or not all of one
                continue
            if not more:
                raise ConnectionError("the answer ended too early")
            size += len(more)
            if size > ANSWER_MAX_BYTES:
                raise TooBig(f"the database's answer is over {ANSWER_MAX_BYTES // 2**20} MB; ask for less")
            try:
                self._parser.feed_data(more)
            except (HttpParserError, HttpParserUpgrade) as error:
                raise ConnectionError("the answer is no HTTP, or more than one") from error
        return Reply(self._parser.get_status_code(), self._sent, b"".join(self._parts))

    def _await(self, polling: select.poll, end: float) -> None:
        if not polling.poll(max(0.0, end - time.monotonic()) * MS):
            raise TimeoutError("the time for the exchange is over")

    def ended(self) -> bool:
        """Whether there is something to read while nothing was asked: its end, or words that are nobody's."""
        return bool(self._readable.poll(0))


def _polling(sock: socket.socket, event: int) -> select.poll:
    polling = select.poll()
    polling.register(sock, event)
    return polling


class Wire:
    """The kept connections to `origin`, such as https://example.com. Safe to share between threads.

    Environment variables for proxies are not looked at.
    """

    def __init__(self, origin: str, *, trust: ssl.SSLContext | None = None) -> None:
        """`trust` is for a server of tests; without it the authorities that this machine trusts."""
        parts = urlsplit(origin)
        self._secure = parts.scheme == "https"
        self._netloc = parts.netloc
        self._address = (parts.hostname or "", parts.port or PORTS[parts.scheme])
        self._trust = trust
        self._idle: list[_Connection] = []  # the last one used on top: it is the most likely to be alive
        self._closed = False

    def close(self) -> None:
        """Closes the connections: idle ones now, those in use after their answer. Nothing is sent afterwards."""
        self._closed = True
        while self._idle:
            self._idle.pop().sock.close()

    def send(
        self, method: str, target: str, *, headers: Callable[[], Mapping[str, str]], body: bytes | None = None
    ) -> Reply:
        """The answer to one request: as `begin`, called at once."""
        return self.begin(method, target, headers=headers, body=body)()

    def begin(
        self, method: str, target: str, *, headers: Callable[[], Mapping[str, str]], body: bytes | None = None
    ) -> Callable[[], Reply]:
        """Sends one request, and gives what is to be called once for its answer; its caller may work meanwhile.

        It is asked again where that is harmless; `headers` is called anew for each try. `target` and the headers are
        written as they are: whoever makes them leaves no line's end in them.

        The call raises Unavailable when there is no answer within TIMEOUT_S, TooBig for one over ANSWER_MAX_BYTES.
        """
        end = time.monotonic() + TIMEOUT_S
        ask = partial(self._ask, method, target, headers, body, end)
        return partial(self._answered, method, ask, ask(sure=method not in REPEATABLE), end)

    def _answered(
        self, method: str, ask: Callable[..., _Connection | OSError], asked: _Connection | OSError, end: float
    ) -> Reply:
        again = AGAIN if method in REPEATABLE else NOT_DONE
        pauses = iter(PAUSES_S)
        while True:
            reply = self._reply(asked, end)
            if isinstance(reply, Reply) and reply.status not in again:
                return reply
            failed = isinstance(reply, OSError)
            pause_s = random.uniform(1, 2) * next(pauses, TIMEOUT_S)  # noqa: S311 - spreads callers, keeps no secret
            if time.monotonic() + pause_s > end or (failed and method not in REPEATABLE):
                break
            time.sleep(pause_s)
            asked = ask(sure=True)  # what ended one kept connection may have ended all
        if isinstance(reply, OSError):
            raise Unavailable(f"{self._netloc} does not answer; try again") from reply
        return reply

    def _ask(
        self,
        method: str,
        target: str,
        headers: Callable[[], Mapping[str, str]],
        body: bytes | None,
        end: float,
        *,
        sure: bool,
    ) -> _Connection | OSError:
        """The connection that one try was sent on, or why it could not be."""
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self._netloc}", *map(": ".join, headers().items())]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        head = "\r\n".join([*lines, "", ""]).encode()
        try:
            connection = self._connection(end, sure=sure)
        except OSError as error:
            return error
        try:
            connection.ask(head + body if body else head, end)
        except OSError as error:
            connection.sock.close()
            return error
        except BaseException:
            connection.sock.close()
            raise
        return connection

    def _reply(self, asked: _Connection | OSError, end: float) -> Reply | OSError:
        """What one try is answered."""
        if isinstance(asked, OSError):
            return asked
        try:
            reply = asked.answer(end)
            if reply.body and reply.header(b"content-encoding") == "gzip":
                reply = Reply(reply.status, reply.sent, _unpacked(reply.body))
        except OSError as error:
            asked.sock.close()
            return error
        except BaseException:
            asked.sock.close()
            raise
        if not asked.reusable or self._closed or len(self._idle) >= KEPT_MAX:
            asked.sock.close()
        else:
            asked.used_s = time.monotonic()
            self._idle.append(asked)
        return reply

    def _connection(self, end: float, *, sure: bool) -> _Connection:
        """A kept connection, or a new one; `sure` to look at one first that was used a moment ago."""
        now = time.monotonic()
        while self._idle:
            try:
                kept = self._idle.pop()
            except IndexError:  # another thread took it
                break
            if (now - kept.used_s < LIVELY_S and not sure) or not kept.ended():
                return kept
            kept.sock.close()
        return self._opened(max(end - now, LEAST_S))

    def _opened(self, left_s: float) -> _Connection:
        sock = socket.create_connection(self._address, left_s)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # an exchange waits for no other
        if self._secure:
            try:
                sock = (self._trust or _trusted()).wrap_socket(sock, server_hostname=self._address[0])
            except BaseException:
                sock.close()
                raise
        return _Connection(sock)


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
