"""Server-sent events: one reader of one place, told of every change, never waited for by a writer.

Facts: `put` and `patch` carry {"path", "data"}; the first is a put of everything; `keep-alive` is null every 30 s;
`cancel` null ends a stream that the rules no longer allow, `auth_revoked` one whose token has expired.
A reader that falls behind costs bounded memory: past `MAX_PENDING_BYTES` what waits is thrown away and it gets a fresh
put of everything once it reads again. One that takes nothing for `STALL_S` is disconnected.
"""

from __future__ import annotations

import asyncio

import msgspec
from aiohttp import web

from emulators.database.database import Database
from emulators.database.json_form import to_json
from emulators.database.keys import Path
from emulators.database.listeners import Event, Listener, Merge, Put, Revoked
from emulators.database.query import Query
from emulators.database.tokens import Access
from emulators.database.wall_clock import expiry_timer

KEEP_ALIVE_S = 30.0
STALL_S = 60.0  # a reader that took nothing for so long is gone
PIECE_BYTES = 64 * 1024  # written at once, so that a slow reader of much data is not taken for one that is gone
MAX_PENDING_BYTES = 1 << 20  # of one reader; a fresh start is cheaper than a longer list of changes
HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache",
    "Access-Control-Allow-Origin": "*",
}
CANCEL = b"event: cancel\ndata: null\n\n"
KEEP_ALIVE = b"event: keep-alive\ndata: null\n\n"
EXPIRED = b'event: auth_revoked\ndata: "credential is no longer valid"\n\n'


class Stream:
    """One connected reader."""

    def __init__(self, database: Database, *, export: bool = False, keep_alive_s: float = KEEP_ALIVE_S) -> None:
        self._database = database
        self._export = export
        self._keep_alive_s = keep_alive_s
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self._behind = False
        self._ended = False
        self._wake = asyncio.Event()

    async def run(self, request: web.Request, path: Path, query: Query | None, access: Access) -> web.StreamResponse:
        """Serve the reader until it leaves, loses its right, or `end` is called. Raises as `subscribe` does."""
        listener = self._database.subscribe(path, query, access, self.tell)
        expiry = expiry_timer(access, asyncio.get_running_loop(), self._expire)
        response = web.StreamResponse(headers=HEADERS)
        try:
            await response.prepare(request)
            while True:
                await self._write(response, self._next(listener))
                if self._ended and not self._pending:
                    return response
                await self._news()
        except (ConnectionError, TimeoutError):
            if request.transport:
                request.transport.abort()
            return response
        finally:
            self._database.unsubscribe(listener)
            if expiry:
                expiry.cancel()

    def tell(self, event: Event) -> None:
        """Take note of an event; the subscription's callback."""
        if isinstance(event, Revoked):
            self.end(CANCEL)
        elif not self._behind:
            self._add(render(event, export=self._export))

    def end(self, last: bytes = b"") -> None:
        """Let the stream end after what is pending and these bytes."""
        if not self._ended:
            self._ended = True
            self._add(last)

    def _expire(self) -> None:
        self.end(EXPIRED)

    def _add(self, data: bytes) -> None:
        if self._pending and self._pending_bytes + len(data) > MAX_PENDING_BYTES and not self._ended:
            self._pending.clear()
            self._pending_bytes = 0
            self._behind = True
        else:
            self._pending.append(data)
            self._pending_bytes += len(data)
        self._wake.set()

    def _next(self, listener: Listener) -> bytes:
        """What to write now; a reader that was behind starts anew."""
        fresh = b""
        if self._behind and not self._ended:
            fresh = render(self._database.snapshot(listener), export=self._export)
        data = fresh + b"".join(self._pending)
        self._pending.clear()
        self._pending_bytes = 0
        self._behind = False
        self._wake.clear()
        return data

    async def _news(self) -> None:
        """Wait for something to write; a keep-alive when nothing comes."""
        try:
            async with asyncio.timeout(self._keep_alive_s):
                await self._wake.wait()
        except TimeoutError:
            self._pending.append(KEEP_ALIVE)

    async def _write(self, response: web.StreamResponse, data: bytes) -> None:
        for at in range(0, len(data), PIECE_BYTES):
            piece = data[at : at + PIECE_BYTES]
            async with asyncio.timeout(STALL_S):
                await response.write(piece)
            self._database.stats.bytes_out += len(piece)


def render(event: Put | Merge, *, export: bool) -> bytes:
    """The event as bytes of the stream."""
    if isinstance(event, Put):
        name, data = b"put", to_json(event.view, export=export)
    else:
        name, data = b"patch", {key: to_json(view, export=export) for key, view in event.children.items()}
    body = msgspec.json.encode({"path": "/" + "/".join(event.path), "data": data})
    return b"event: %s\ndata: %s\n\n" % (name, body)
