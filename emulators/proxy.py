"""Hands one request on to a server behind, and its answer back.

Bodies stream both ways; a small answer is sent in one piece, since two sends cost a round of delayed
acknowledgements. Knows neither functions nor Hosting.
"""

import asyncio
from collections.abc import Callable, Iterable

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

SMALL_BYTES = 256 * 1024  # up to here a body is held in memory and sent in one piece
IDLE_S = 15  # how long an unused connection to a worker is kept; less than the worker keeps it
# aiohttp's default of 8 KiB for a request line or a header is less than Google's front end takes (about 32 KiB in all).
HEADER_BYTES = 64 * 1024

Finish = Callable[[CIMultiDict[str]], None]  # the last word on an answer's headers, in place

# RFC 9110 section 7.6.1: these belong to one connection. Expect is answered by the server in front.
HOP_BY_HOP = frozenset(
    {"connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"}
    | {"te", "trailer", "transfer-encoding", "upgrade"}
)


def session() -> aiohttp.ClientSession:
    """A client that changes nothing of what passes: no cookies, no decompression, no waiting room, no time limit."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
        max_line_size=HEADER_BYTES,
        max_field_size=HEADER_BYTES,
    )


def end_to_end(headers: Iterable[tuple[str, str]]) -> CIMultiDict[str]:
    """The headers that go on to the next server."""
    pairs = list(headers)
    named = {name.strip().lower() for key, value in pairs if key.lower() == "connection" for name in value.split(",")}
    return CIMultiDict((key, value) for key, value in pairs if key.lower() not in HOP_BY_HOP | named)


async def forward(
    request: web.Request,
    client: aiohttp.ClientSession,
    url: str,
    headers: CIMultiDict[str],
    *,
    timeout_s: float,
    finish: Finish,
) -> web.StreamResponse:
    """Sends the request to `url` with `headers` and gives the answer back, already sent if it streams.

    TimeoutError when the whole takes longer than `timeout_s`, aiohttp.ClientError when there is no answer; once the
    head of a streamed answer is sent, either cuts the client's connection, the only way left to tell.
    """
    streamed: list[web.StreamResponse] = []
    try:
        async with asyncio.timeout(timeout_s):
            body = await request.read() if _is_small(request.content_length) else request.content
            async with client.request(
                request.method,
                URL(url, encoded=True),
                headers=headers,
                data=body if request.body_exists else None,
                allow_redirects=False,
            ) as answer:
                return await _hand_back(request, answer, finish, streamed)
    except (TimeoutError, aiohttp.ClientError):
        if not streamed:
            raise
        if request.transport is not None:
            request.transport.abort()
        return streamed[0]


async def _hand_back(
    request: web.Request, answer: aiohttp.ClientResponse, finish: Finish, streamed: list[web.StreamResponse]
) -> web.StreamResponse:
    headers = end_to_end(answer.headers.items())
    finish(headers)
    if request.method == "HEAD" or _is_small(answer.content_length) or answer.status in (204, 304):
        body = await answer.read()
        if body:
            headers.popall("Content-Length", None)  # counted again from the body
        return web.Response(status=answer.status, reason=answer.reason, headers=headers, body=body or None)
    stream = web.StreamResponse(status=answer.status, reason=answer.reason, headers=headers)
    if answer.content_length is None:
        stream.enable_chunked_encoding()
    streamed.append(stream)
    await stream.prepare(request)
    async for chunk in answer.content.iter_any():
        await stream.write(chunk)
    await stream.write_eof()
    return stream


def _is_small(length: int | None) -> bool:
    return length is not None and length <= SMALL_BYTES
