"""The boundary: a Flask request in, a Flask response out, every error told as a problem document.

Knows the endpoints only by the table.

Facts relied on: the emulator and the platform probe `/__/health` of every function, which reaches user code;
functions-framework reads the rest of a request into memory, whatever its size, after each answer that is not streamed;
a body that nobody reads ends the connection, on which the official Hosting emulator falls down.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from functools import cache, cached_property, partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Request, Response
from werkzeug.datastructures import Headers

from ..errors import ApiError
from . import cors, http_cache, problems
from .answer import Answer, Call
from .auth import identify
from .callers import demand
from .made import Made
from .parameters import check, read_query
from .routing import Route, choose, find
from .sent import Sent
from .table import TABLE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PROBE = "/__/health"
GZIP_MIN_BYTES = 1_024  # below, the header and the work cost more than the bytes saved
DRAIN_MAX_BYTES = 32 * 2**20  # the platform lets no bigger request through; elsewhere the connection is cut
DRAIN_PIECE_BYTES = 64 * 2**10
NO_SNIFFING = {"X-Content-Type-Options": "nosniff"}


class _Whole(Response):
    """A 200 of bytes that says all of itself: it is sent as it was made, unless somebody asks for its headers."""

    def __init__(self, body: bytes, headers: dict[str, str]) -> None:
        """`headers` are all but the length."""
        self._said = headers | {"Content-Length": str(len(body))}
        self._status, self._status_code = "200 OK", HTTPStatus.OK
        self._on_close, self.direct_passthrough = [], False
        self.response = [body]

    @cached_property
    def headers(self) -> Headers:  # type: ignore[override]  # an attribute there, made only when it is wanted here
        """What it says, as Flask's hooks may change it."""
        return Headers(self._said)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Sends it."""
        if "headers" in vars(self) or environ["REQUEST_METHOD"] == "HEAD":
            return super().__call__(environ, start_response)
        start_response(self._status, list(self._said.items()))
        return self.response  # type: ignore[return-value]  # bytes, as it was made of bytes


def serve(function: str, request: Request) -> Response:
    """The answer of the endpoint `function` to `request`. Never raises."""
    if request.path == PROBE:
        return _flask(HTTPStatus.OK, b"", "", {}, request)
    sent = Sent(request.environ)
    routes: Mapping[str, Route] = {}
    try:
        routes, names = find(TABLE, function, request.path)
        if request.method == "OPTIONS":
            headers = cors.preflight(routes, sent.get("Origin"))
            return _response(Answer(status=204, headers=headers), routes, request, sent)
        answer = _answer(choose(routes, request.method), names, request, sent)
    except Exception as error:  # noqa: BLE001 - the boundary: whatever happens becomes an answer, bugs are logged
        answer = problems.from_exception(error, function)
    return _response(answer, routes, request, sent)


def _answer(route: Route, names: Mapping[str, str], request: Request, sent: Sent) -> Answer:
    caller = identify(sent)
    demand(route.needs, caller, names.get("collection"))
    parameters = read_query(request)
    check(route, parameters)
    return route.handler(
        Call(
            method=request.method,
            names=names,
            parameters=parameters,
            caller=caller,
            headers=sent,
            body=cache(partial(_body, request)) if route.body else bytes,
            now_ms=time.time_ns() // 1_000_000,
        )
    )


def _body(request: Request) -> bytes:
    if (request.content_length or 0) > problems.BODY_MAX_BYTES:
        raise ApiError(413, problems.TOO_BIG, kind="body-too-big")
    body = request.stream.read(problems.BODY_MAX_BYTES + 1)  # one that comes in chunks tells no length
    if len(body) > problems.BODY_MAX_BYTES:
        raise ApiError(413, problems.TOO_BIG, kind="body-too-big")
    return body


def _response(answer: Answer, routes: Mapping[str, Route], request: Request, sent: Sent) -> Response:
    headers = {**NO_SNIFFING, **http_cache.caching(answer), **cors.allow(routes, sent.get("Origin"))}
    headers |= answer.headers
    body = answer.body
    status = answer.status
    if status == HTTPStatus.OK and request.method in ("GET", "HEAD"):
        made = answer.made or Made(body)
        tag = made.tag
        if http_cache.unchanged(sent, tag, answer.modified_ms):
            status, body = 304, b""
        elif len(body) >= GZIP_MIN_BYTES and _takes_gzip(request, sent):
            body, tag = made.packed, made.packed_tag
            headers["Content-Encoding"] = "gzip"
        headers.setdefault("ETag", tag)
        headers["Vary"] += ", Accept-Encoding"
    return _flask(status, body, answer.media_type, headers, request)


def _takes_gzip(request: Request, sent: Sent) -> bool:
    return "gzip" in sent.get("Accept-Encoding", "") and request.accept_encodings.quality("gzip") > 0


def _flask(status: int, body: bytes, media_type: str, headers: dict[str, str], request: Request) -> Response:
    if _length(request) > problems.BODY_MAX_BYTES:
        headers["Content-Length"] = str(len(body))
        _drain(request)
        response = Response(iter([body]), status, headers, content_type=media_type)
    elif status == HTTPStatus.OK and body:
        return _Whole(body, headers | {"Content-Type": media_type})
    else:
        response = Response(body, status, headers, content_type=media_type)
    if not body:
        del response.headers["Content-Type"]
    return response


def _length(request: Request) -> int:
    """The bytes that the body may have: one that comes in chunks does not tell."""
    tells = Sent(request.environ).get("Transfer-Encoding") is None
    return request.content_length or 0 if tells else DRAIN_MAX_BYTES


def _drain(request: Request) -> None:
    """Reads and forgets a body that is too big: many clients see the answer only after they sent all of it."""
    body, left = request.environ["wsgi.input"], min(_length(request), DRAIN_MAX_BYTES)
    while left > 0 and (piece := body.read(min(left, DRAIN_PIECE_BYTES))):
        left -= len(piece)
