"""One exchange with a checked address, and the only importer of requests.

A requests Session would bring a cookie jar, redirects, proxies and credentials from the environment and .netrc: four
things that must not happen here. So its transport adapter is used without one, with a pool of connections of our own
choice: to the address that the gate checked, never to a name, while Host, SNI and the certificate stay on the name.
"""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import BaseHTTPResponse, HTTPConnectionPool
from urllib3 import exceptions as low
from urllib3.util.ssl_ import create_urllib3_context

from kindling.errors import FetchFailed
from kindling.fetch.decompress import Undecodable, undo
from kindling.fetch.faults import FAULTS
from kindling.fetch.gate import Target
from kindling.fetch.limits import Limits
from kindling.fetch.place import Place
from kindling.fetch.watch import BUFFER_BYTES, Cut, PlainPool, TlsPool, Watch

MOST_ADDRESSES = 3
"""Addresses of one name that are tried; a dead site must not cost a connect timeout for each of dozens."""

DRAIN_BYTES = 64 * 1024
"""A body nobody wants is read up to here so that its connection can be used again; a longer one is cut off."""

DRAIN_S = 0.5
"""And for so long: a new connection costs less."""


class Answer:
    """Status and headers of an answer, its body still to come; `close` it, or read `body` to the end."""

    def __init__(self, place: Place, raw: BaseHTTPResponse, watch: Watch, limits: Limits) -> None:
        self.place = place
        self.status = raw.status
        self._raw = raw
        self._watch = watch
        self._limits = limits

    @property
    def wire_bytes(self) -> int:
        """Bytes that came off the wire so far, headers included."""
        return self._watch.bytes_read

    def header(self, name: str) -> str | None:
        """The header's value, several joined by commas; None if there is none."""
        return self._raw.headers.get(name)

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
        if self._raw.closed:
            return
        self._watch.hurry(DRAIN_S)
        with suppress(low.HTTPError, Cut):  # the answer is judged already; a broken rest only costs the connection
            self._raw.read(DRAIN_BYTES, decode_content=False)
        if not self._raw.closed:
            self._raw.close()

    def _wire(self) -> Iterator[bytes]:
        self._watch.body(2 * self._limits.body_bytes + BUFFER_BYTES)  # chunk framing may double what it carries
        while True:
            try:
                data = self._raw.read(BUFFER_BYTES, decode_content=False)
            except (low.HTTPError, Cut) as error:
                raise _failure(self.place, error) from error
            if not data:
                return
            yield data


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
        sent = {"Host": target.place.authority, **headers}
        if body is not None:
            sent["Content-Length"] = str(len(body))
        request = _Request(method, target.place, sent, body)
        known_first = sorted(target.addresses, key=lambda address: (target.place.origin, address) not in self._lines)
        *others, last = known_first[:MOST_ADDRESSES]
        for address in others:
            try:
                return self._line(target.place, address).send(request, total_s)
            except FetchFailed as failure:
                if failure.code not in _NOT_CONNECTED:
                    raise
        return self._line(target.place, last).send(request, total_s)

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
        self._watch = Watch(limits.read_s)
        self._adapter = _Adapter(_pool(place, address, self._watch, tls))

    def send(self, request: _Request, total_s: float) -> Answer:
        self._watch.start(min(total_s, self._limits.total_s), self._limits.header_bytes)
        try:
            raw = self._adapter.send(request, stream=True, timeout=(self._limits.connect_s, self._limits.read_s)).raw
        except (requests.RequestException, low.HTTPError, Cut) as error:
            raise _failure(request.place, error) from error
        return Answer(request.place, raw, self._watch, self._limits)

    def close(self) -> None:
        self._adapter.close()


class _Request(requests.PreparedRequest):
    """A request that is ready to be sent: its place was read once, and nothing parses the URL again."""

    def __init__(self, method: str, place: Place, headers: Mapping[str, str], body: bytes | None) -> None:
        super().__init__()
        self.place = place
        self.method = method
        self.url = place.url
        self.headers = CaseInsensitiveDict(headers)
        self.body = body


class _Adapter(HTTPAdapter):
    """requests' adapter on the connections of one pool: no environment, no cookies."""

    def __init__(self, pool: HTTPConnectionPool) -> None:
        super().__init__(max_retries=0)
        self._pool = pool

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> HTTPConnectionPool:
        return self._pool

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """Nothing: the pool's own TLS context verifies, on the name."""

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:
        assert isinstance(request, _Request)
        return request.place.target

    def build_response(self, req: requests.PreparedRequest, resp: BaseHTTPResponse) -> requests.Response:
        response = requests.Response()
        response.raw = resp
        return response

    def close(self) -> None:
        super().close()
        self._pool.close()


def _pool(place: Place, address: str, watch: Watch, tls: ssl.SSLContext | None) -> HTTPConnectionPool:
    host = f"[{address}]" if ":" in address else address
    if place.scheme == "http":
        return PlainPool(host, place.port, watch=watch)
    return TlsPool(
        host,
        place.port,
        watch=watch,
        ssl_context=tls or _public_tls(),
        server_hostname=place.host,
        assert_hostname=place.host,
    )


@lru_cache(maxsize=1)
def _public_tls() -> ssl.SSLContext:
    """Certificates of the authorities that browsers trust, loaded once: that takes 20 ms."""
    context = create_urllib3_context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    return context


_NOT_CONNECTED = frozenset({"connect", "connect-timeout"})

_CODES: tuple[tuple[type[Exception], str], ...] = (
    (low.NewConnectionError, "connect"),
    (low.ConnectTimeoutError, "connect-timeout"),
    (low.ReadTimeoutError, "timeout"),
    (low.SSLError, "tls"),
    (http.client.RemoteDisconnected, "reset"),
    (http.client.IncompleteRead, "truncated"),
    (http.client.LineTooLong, "big-headers"),
    (OSError, "reset"),
)
"""The first that fits says what happened; anything else is an answer that is not HTTP."""


def _failure(place: Place, error: Exception) -> FetchFailed:
    """Our error for what requests, urllib3 or the watch raised."""
    cause = _cause(error)
    if type(cause) is http.client.HTTPException:  # it has no name of its own for "got more than 100 headers"
        cause = Cut("big-headers", f"sent too many headers ({cause})")
    if isinstance(cause, Cut):
        return FetchFailed(cause.code, f"{place.url}: the site {cause}.", url=place.url)
    code = next((code for kind, code in _CODES if isinstance(cause, kind)), "bad-answer")
    detail = f" ({str(cause)[:200]})" if code == "tls" else ""
    return FetchFailed(code, f"{place.url}: {FAULTS[code].meaning}{detail}.", url=place.url)


def _cause(error: Exception) -> Exception:
    """The error at the bottom of those that requests and urllib3 wrap around it."""
    if isinstance(error, low.MaxRetryError) and error.reason is not None:
        return _cause(error.reason)
    if type(error) is low.ProtocolError or isinstance(error, requests.RequestException):
        inner = next((arg for arg in reversed(error.args) if isinstance(arg, Exception)), None)
        return error if inner is None else _cause(inner)
    return error
