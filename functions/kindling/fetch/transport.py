"""One exchange with a checked address, and the only importer of certifi.

A client that does more would bring a cookie jar, redirects, proxies and credentials from the environment and .netrc:
four things that must not happen here. The connection goes to the address that the gate checked, never to a name, while
Host, SNI and the certificate stay on the name.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache

import certifi

from kindling.errors import FetchFailed
from kindling.fetch.connection import NOT_HTTP, Connection
from kindling.fetch.decompress import Undecodable, undo
from kindling.fetch.faults import FAULTS
from kindling.fetch.gate import Target
from kindling.fetch.limits import Limits
from kindling.fetch.place import Place
from kindling.fetch.watch import BUFFER_BYTES, Cut, Watch

MOST_ADDRESSES = 3
"""Addresses of one name that are tried; a dead site must not cost a connect timeout for each of dozens."""

DRAIN_BYTES = 64 * 1024
"""A body nobody wants is read up to here so that its connection can be used again; a longer one is cut off."""

DRAIN_S = 0.5
"""And for so long: a new connection costs less."""

_LOW_ERRORS = (OSError, EOFError, Cut, *NOT_HTTP)


class Answer:
    """Status and headers of an answer, its body still to come; `close` it, or read `body` to the end."""

    def __init__(self, place: Place, connection: Connection, limits: Limits) -> None:
        self.place = place
        self.status = connection.status
        self._headers = connection.headers
        self._connection = connection
        self._limits = limits

    @property
    def wire_bytes(self) -> int:
        """Bytes that came off the wire so far, headers included."""
        return self._connection.watch.bytes_read

    def header(self, name: str) -> str | None:
        """The header's value, several joined by commas; None if there is none."""
        return self._headers.get(name.lower())

    def body(self) -> Generator[bytes]:
        """The body without its content coding, piece by piece; FetchFailed if it cannot be had whole."""
        try:
            yield from undo(self._wire(), self.header("Content-Encoding") or "", self._limits)
        except Undecodable as error:
            raise FetchFailed(error.code, f"{self.place.url}: {error}.", url=self.place.url) from error
        finally:
            self.close()

    def close(self) -> None:
        """Free the connection: for the next request if the rest of the body is short, else by closing it."""
        if self._connection.whole:
            return
        self._connection.watch.hurry(DRAIN_S)
        self._connection.watch.body(DRAIN_BYTES)
        with suppress(*_LOW_ERRORS):  # the answer is judged already; a broken rest only costs the connection
            for _ in self._connection.body():
                pass
        if not self._connection.whole:
            self._connection.close()

    def _wire(self) -> Iterator[bytes]:
        with_framing = 2 * self._limits.body_bytes + BUFFER_BYTES  # that of chunks may double what it carries
        self._connection.watch.body(with_framing)
        try:
            yield from self._connection.body()
        except _LOW_ERRORS as error:
            self._connection.close()
            raise _failure(self.place, error) from error


class Transport:
    """The open connections of one host, by address; not safe between threads.

    `tls` is the context that verifies certificates; None is the public authorities'.
    """

    def __init__(self, limits: Limits, tls: ssl.SSLContext | None = None) -> None:
        self._limits = limits
        self._tls = tls
        self._lines: dict[tuple[str, str], _Line] = {}

    def send(
        self,
        target: Target,
        headers: Mapping[str, str],
        *,
        total_s: float,
        method: str = "GET",
        body: bytes | None = None,
    ) -> Answer:
        """The answer of the first of the target's addresses that takes a connection; FetchFailed if there is none.

        `total_s` is the time for all of the answer, body included; `headers` go out as they are, and Host with them.
        """
        place, origin = target.place, target.place.origin
        request = _request(method, place, headers, body)
        known_first = sorted(target.addresses, key=lambda address: (origin, address) not in self._lines)
        *others, last = known_first[:MOST_ADDRESSES]
        for address in others:
            try:
                return self._line(place, address).send(place, request, total_s)
            except FetchFailed as failure:
                if failure.code not in _NOT_CONNECTED:
                    raise
        return self._line(place, last).send(place, request, total_s)

    def close(self) -> None:
        """Close every connection."""
        for line in self._lines.values():
            line.close()
        self._lines.clear()

    def _line(self, place: Place, address: str) -> _Line:
        key = (place.origin, address)
        if key not in self._lines:
            self._lines[key] = _Line(place, address, self._limits, self._tls)
        return self._lines[key]


class _Line:
    """The connection to one address in the name of one origin, watched."""

    def __init__(self, place: Place, address: str, limits: Limits, tls: ssl.SSLContext | None) -> None:
        self._address = (address, place.port)
        self._limits = limits
        self._tls = (tls or _public_tls()) if place.scheme == "https" else None
        self._watch = Watch(limits.read_s)
        self._connection: Connection | None = None

    def send(self, place: Place, request: bytes, total_s: float) -> Answer:
        self._watch.start(min(total_s, self._limits.total_s), self._limits.header_bytes)
        try:
            connection = self._connected(place)
            connection.ask(request)
        except _LOW_ERRORS as error:
            self.close()
            raise _failure(place, error) from error
        return Answer(place, connection, self._limits)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _connected(self, place: Place) -> Connection:
        if self._connection is None or not self._connection.is_free():
            self.close()
            self._connection = Connection(self._dial(place), self._watch)
        return self._connection

    def _dial(self, place: Place) -> socket.socket:
        try:
            sock = socket.create_connection(self._address, self._limits.connect_s)
        except OSError as error:
            raise _failed(place, "connect-timeout" if isinstance(error, TimeoutError) else "connect") from error
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a request waits for no other
        return sock if self._tls is None else self._tls.wrap_socket(sock, server_hostname=place.host)


def _request(method: str, place: Place, headers: Mapping[str, str], body: bytes | None) -> bytes:
    lines = [f"{method} {place.target} HTTP/1.1", f"Host: {place.authority}", *map(": ".join, headers.items())]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    if len(head.splitlines()) != len(lines) + 1:
        raise ValueError(f"{place.url}: a header to be sent holds a line's end")
    return head + (body or b"")


@lru_cache(maxsize=1)
def _public_tls() -> ssl.SSLContext:
    """Certificates of the authorities that browsers trust, loaded once: that takes 20 ms."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.hostname_checks_common_name = False  # as browsers: the alternative names alone say whose it is
    return context


_NOT_CONNECTED = frozenset({"connect", "connect-timeout"})

_CODES: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, "timeout"),
    (ssl.SSLError, "tls"),
    (OSError, "reset"),
    (EOFError, "truncated"),
)
"""The first that fits says what happened; anything else is an answer that is not HTTP."""

_TOLD = frozenset({"tls", "bad-answer"})
"""Codes whose cause is told in the parser's or the TLS library's own words: they say what the site is to mend."""


def _failure(place: Place, error: Exception) -> FetchFailed:
    """Our error for what the network, the parser or the watch raised."""
    if isinstance(error, Cut):
        return FetchFailed(error.code, f"{place.url}: the site {error}.", url=place.url)
    code = next((code for kind, code in _CODES if isinstance(error, kind)), "bad-answer")
    return _failed(place, code, f" ({str(error)[:200]})" if code in _TOLD else "")


def _failed(place: Place, code: str, detail: str = "") -> FetchFailed:
    return FetchFailed(code, f"{place.url}: {FAULTS[code].meaning}{detail}.", url=place.url)
