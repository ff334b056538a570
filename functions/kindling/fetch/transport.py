"""One exchange with a checked address: `http.client`, and the only importer of certifi.

A client that does more would bring a cookie jar, redirects, proxies and credentials from the environment and .netrc:
four things that must not happen here. The connection goes to the address that the gate checked, never to a name, while
Host, SNI and the certificate stay on the name.

Facts relied on: `http.client` takes a body that ends before its length, and two lengths that differ (both are refused
here); a connection that is kept can be closed by the site at any time, which is seen before it is used again.
"""

from __future__ import annotations

import re
import select
import ssl
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from http.client import HTTPException, HTTPResponse, IncompleteRead, LineTooLong
from socket import socket

import certifi

from kindling.errors import FetchFailed
from kindling.fetch.decompress import Undecodable, undo
from kindling.fetch.faults import FAULTS
from kindling.fetch.gate import Target
from kindling.fetch.limits import Limits
from kindling.fetch.place import Place
from kindling.fetch.watch import BUFFER_BYTES, Connection, Cut

MOST_ADDRESSES = 3
"""Addresses of one name that are tried; a dead site must not cost a connect timeout for each of dozens."""

DRAIN_BYTES = 64 * 1024
"""A body nobody wants is read up to here so that its connection can be used again; a longer one is cut off."""

DRAIN_S = 0.5
"""And for so long: a new connection costs less."""


_FOLD = re.compile(r"[\r\n]+[ \t]*")
_LOW_ERRORS = (OSError, HTTPException, Cut)


class Answer:
    """Status and headers of an answer, its body still to come; `close` it, or read `body` to the end."""

    def __init__(self, place: Place, response: HTTPResponse, connection: Connection, limits: Limits) -> None:
        self.place = place
        self.status = response.status
        self._response = response
        self._connection = connection
        self._limits = limits

    @property
    def wire_bytes(self) -> int:
        """Bytes that came off the wire so far, headers included."""
        return self._connection.watch.bytes_read

    def header(self, name: str) -> str | None:
        """The header's value, several joined by commas, one on several lines by spaces; None if there is none."""
        values = self._response.headers.get_all(name)
        return _FOLD.sub(" ", ", ".join(values)) if values else None

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
        if self._response.isclosed():
            return
        self._connection.watch.hurry(DRAIN_S)
        with suppress(*_LOW_ERRORS):  # the answer is judged already; a broken rest only costs the connection
            self._response.read(DRAIN_BYTES)
        if not self._response.isclosed():
            self._hang_up()

    def _wire(self) -> Iterator[bytes]:
        with_framing = 2 * self._limits.body_bytes + BUFFER_BYTES  # that of chunks may double what it carries
        self._connection.watch.body(with_framing)
        try:
            while data := self._response.read(BUFFER_BYTES):
                yield data
        except _LOW_ERRORS as error:
            self._hang_up()
            raise _failure(self.place, error) from error
        if self._response.length:
            raise _failed(self.place, "truncated")

    def _hang_up(self) -> None:
        self._response.close()
        self._connection.close()


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
        sent = {"Host": place.authority, **headers}
        known_first = sorted(target.addresses, key=lambda address: (origin, address) not in self._lines)
        *others, last = known_first[:MOST_ADDRESSES]
        for address in others:
            try:
                return self._line(place, address).send(method, place, sent, body, total_s)
            except FetchFailed as failure:
                if failure.code not in _NOT_CONNECTED:
                    raise
        return self._line(place, last).send(method, place, sent, body, total_s)

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
        self._limits = limits
        self._tls = (tls or _public_tls()) if place.scheme == "https" else None
        self._connection = Connection(address, place.port, connect_s=limits.connect_s, read_s=limits.read_s)

    def send(self, method: str, place: Place, headers: Mapping[str, str], body: bytes | None, total_s: float) -> Answer:
        connection = self._connection
        connection.watch.start(min(total_s, self._limits.total_s), self._limits.header_bytes)
        try:
            self._connect(place)
            connection.watch.allow(connection.sock)
            with suppress(BrokenPipeError, ConnectionResetError):  # a site may answer before it has read everything
                connection.request(method, place.target, body, headers)
            response = connection.getresponse()
            _check_length(response)
        except _LOW_ERRORS as error:
            connection.close()
            raise _failure(place, error) from error
        return Answer(place, response, connection, self._limits)

    def close(self) -> None:
        self._connection.close()

    def _connect(self, place: Place) -> None:
        connection = self._connection
        if connection.sock is not None:
            if not _readable(connection.sock):
                return
            connection.close()  # what can be read of an idle connection is its end
        try:
            connection.connect()
        except OSError as error:
            raise _failed(place, "connect-timeout" if isinstance(error, TimeoutError) else "connect") from error
        if self._tls is not None:
            connection.sock = self._tls.wrap_socket(connection.sock, server_hostname=place.host)


def _readable(sock: socket) -> bool:
    waiting = select.poll()
    waiting.register(sock, select.POLLIN)
    return bool(waiting.poll(0))


def _check_length(response: HTTPResponse) -> None:
    """Cut (`bad-answer`) if the answer has several lengths: RFC 9112 section 6.3."""
    lengths = {length.strip() for line in response.headers.get_all("Content-Length", ()) for length in line.split(",")}
    if len(lengths) > 1 and not response.chunked:
        response.close()
        raise Cut("bad-answer", "promised several lengths")


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
    (IncompleteRead, "truncated"),
    (LineTooLong, "big-headers"),
)
"""The first that fits says what happened; anything else is an answer that is not HTTP."""


def _failure(place: Place, error: Exception) -> FetchFailed:
    """Our error for what the network, http.client or the watch raised."""
    if type(error) is HTTPException:  # it has no name of its own for "got more than 100 headers"
        error = Cut("big-headers", f"sent too many headers ({error})")
    if isinstance(error, Cut):
        return FetchFailed(error.code, f"{place.url}: the site {error}.", url=place.url)
    code = next((code for kind, code in _CODES if isinstance(error, kind)), "bad-answer")
    return _failed(place, code, f" ({str(error)[:200]})" if code == "tls" else "")


def _failed(place: Place, code: str, detail: str = "") -> FetchFailed:
    return FetchFailed(code, f"{place.url}: {FAULTS[code].meaning}{detail}.", url=place.url)
