"""The HTTP face: from an aiohttp request to a call, and every error to its status. No semantics of data here.

Facts: data lives at `/PATH.json`; the database is `?ns=`, or the first label of the host name; a POST may carry another
method. An error is `{"error": text}`. One small answer is one send (aiohttp sets TCP_NODELAY).
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from emulators.database import rest, settings
from emulators.database.delivery import Delivery
from emulators.database.errors import (
    BadRequest,
    IndexNotDefined,
    PermissionDenied,
    UnknownAddress,
    UnknownDatabase,
)
from emulators.database.json_form import BadValue
from emulators.database.keys import BadKey, decode_path
from emulators.database.namespaces import Namespaces
from emulators.database.params import Params, parse, split
from emulators.database.rules import RulesError
from emulators.database.storage import StorageError
from emulators.database.streams import KEEP_ALIVE_S, Stream
from emulators.database.tokens import Access, BadToken, check_origin, credentials
from emulators.database.websocket import Clients, refusal_script

MAX_BODY_BYTES = 256 * 1024 * 1024  # the service's limit for one write by REST
MAX_STREAMS = 1_000  # open at once; each may hold some memory
OVERRIDE = "x-http-method-override"
WEBSOCKET, LONG_POLLING = "/.ws", "/.lp"  # the transports of the client SDKs
METHODS = ("GET", "PUT", "PATCH", "POST", "DELETE")
JSON_TYPE = "application/json; charset=utf-8"
BASE_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",  # stored text is JSON, whatever it looks like
}
OWN_DOMAINS = (".localhost", ".firebaseio.com", ".firebasedatabase.app")  # names that no stranger can hold
PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": ", ".join(METHODS),
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match, If-None-Match, X-Firebase-ETag, "
    "X-HTTP-Method-Override",
    "Access-Control-Max-Age": "3600",
}
EXPOSED = {"Access-Control-Expose-Headers": "ETag"}

STATUS: dict[type[Exception], int] = {
    BadRequest: 400,
    IndexNotDefined: 400,
    BadKey: 400,
    BadValue: 400,
    RulesError: 400,
    BadToken: 401,
    PermissionDenied: 401,
    UnknownDatabase: 404,
    UnknownAddress: 404,
    StorageError: 500,
}
REFUSALS = tuple(STATUS)
REMEMBERED = 256  # the same few questions come again and again: what was read of their address is kept


class Server:
    """Serves the namespaces over HTTP."""

    def __init__(
        self,
        namespaces: Namespaces,
        default_namespace: str,
        *,
        delivery: Delivery | None = None,
        keep_alive_s: float = KEEP_ALIVE_S,
    ) -> None:
        self._namespaces = namespaces
        self._default_namespace = default_namespace
        self._delivery = delivery
        self._keep_alive_s = keep_alive_s
        self._streams: set[Stream] = set()
        self._clients = Clients()

    def app(self) -> web.Application:
        """The application to be run."""
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.router.add_route("*", "/{path:.*}", self.handle)
        app.on_shutdown.append(self._end_streams)
        return app

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        if request.method == "OPTIONS":
            return web.Response(status=204, headers=PREFLIGHT)
        try:
            return await self._serve(request)
        except REFUSALS as error:
            status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
            return _error(status, str(error))
        except web.HTTPRequestEntityTooLarge:
            return _error(400, rest.TOO_MUCH)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        address, _, query_string = request.raw_path.partition("?")
        params = _params(query_string)
        method = _method(request, params)
        access = credentials(request.headers, params)
        check_origin(request.headers.get("Origin"), access)
        _check_host(request.host, access)
        namespace = params.get("ns") or _label(request.host) or self._default_namespace
        if address == WEBSOCKET:
            return await self._clients.serve(request, self._namespaces.get(namespace))
        if address == LONG_POLLING:
            return web.Response(text=refusal_script(params.get("cb", "")), content_type="text/javascript")
        if address.startswith(settings.PREFIXES):
            return await self._settings(request, method, address, params, namespace, access)
        if not address.endswith(".json"):
            raise UnknownAddress("append .json to your request URI to use the REST API")
        options = _options(method, query_string)
        call = rest.Call(
            method,
            self._namespaces.get(namespace),
            decode_path(address.removesuffix(".json")),
            access,
            options,
            request.headers,
            await request.read() if request.body_exists else b"",
        )
        if method == "GET" and request.method != "HEAD" and "text/event-stream" in request.headers.get("Accept", ""):
            return await self._stream(request, call)
        return _respond(_timed(call))

    async def _settings(
        self, request: web.Request, method: str, address: str, params: Mapping[str, str], namespace: str, access: Access
    ) -> web.Response:
        unknown = params.keys() - {"ns", "auth", "access_token", "format"}
        if unknown or params.get("format", "strict") != "strict":
            raise BadRequest(f"{address} takes no parameter but ns and format=strict")
        call = settings.SettingsCall(
            method,
            address,
            self._namespaces,
            namespace,
            access.admin,
            strict="format" in params,
            serves_triggers=self._delivery is not None,
            body=await request.read(),
        )
        return _respond(settings.answer(call))

    async def _stream(self, request: web.Request, call: rest.Call) -> web.StreamResponse:
        options = call.params
        if options != Params(query=options.query, export=options.export):
            raise BadRequest("a stream takes a query and format=export, no other parameter")
        if len(self._streams) >= MAX_STREAMS:
            raise BadRequest(f"there are {MAX_STREAMS} streams open, the most this server serves")
        stream = Stream(call.database, export=options.export, keep_alive_s=self._keep_alive_s)
        self._streams.add(stream)
        try:
            return await stream.run(request, call.path, options.query, call.access)
        finally:
            self._streams.discard(stream)

    async def _end_streams(self, app: web.Application) -> None:
        for stream in self._streams:
            stream.end()
        await self._clients.close()


def _timed(call: rest.Call) -> rest.Answer:
    """The answer, with its bytes counted, unless it took longer than the request allows."""
    started = time.monotonic()
    answer = rest.answer(call)
    limit_ms = call.params.timeout_ms
    if limit_ms is not None and (time.monotonic() - started) * 1000 > limit_ms:
        raise BadRequest(f"the read took longer than its timeout of {limit_ms} ms; ask for less, or allow more")
    call.database.stats.bytes_in += len(call.body)
    call.database.stats.bytes_out += len(answer.body)
    return answer


def _method(request: web.Request, params: Mapping[str, str]) -> str:
    method = "GET" if request.method == "HEAD" else request.method
    if method == "POST":
        method = (request.headers.get(OVERRIDE) or params.get(OVERRIDE) or method).upper()
    elif params.get(OVERRIDE):
        raise BadRequest("only a POST may carry another method")
    if method not in METHODS:
        raise BadRequest(f"method {method!r} is not supported; there are {', '.join(METHODS)}")
    return method


@lru_cache(REMEMBERED)
def _params(query_string: str) -> Mapping[str, str]:
    return MappingProxyType(split(query_string))


@lru_cache(REMEMBERED)
def _options(method: str, query_string: str) -> Params:
    return parse(method, _params(query_string))


@lru_cache(REMEMBERED)
def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError as error:
        raise BadRequest(f"the Host header {host!r} names no host") from error


@lru_cache(REMEMBERED)
def _label(host: str) -> str | None:
    """The database a host name stands for: its first label, unless it is an address or a bare name."""
    name = _name(host)
    try:
        ipaddress.ip_address(name)
    except ValueError:
        label, dot, _ = name.partition(".")
        return label if dot else None
    return None


def _check_host(host: str, access: Access) -> None:
    """Refuse the owner's word under a name that any web site could point at this machine (DNS rebinding)."""
    name = _name(host)
    if access.admin and _label(host) is not None and not name.endswith(OWN_DOMAINS):
        raise PermissionDenied(
            f"Permission denied; the owner is not served under the name {name}, use an address or localhost"
        )


def _respond(answer: rest.Answer) -> web.Response:
    headers = {**BASE_HEADERS, **answer.headers, **(EXPOSED if "ETag" in answer.headers else {})}
    if answer.status not in (204, 304):
        headers["Content-Type"] = JSON_TYPE
    return web.Response(body=answer.body, status=answer.status, headers=headers)


def _error(status: int, text: str) -> web.Response:
    return _respond(rest.Answer(msgspec.json.encode({"error": text}), status))
