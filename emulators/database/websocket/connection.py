"""The sockets of the WebSocket protocol: handshake, frames, pace and end of each client.

Facts: the server speaks first: {"t": "c", "d": {"t": "h", "d": {"ts" its time, "v" the protocol's version, "h" its
host, "s" the session}}}. Control messages are `p` ping, answered by `o`; `e` error; `s` shutdown, after which a client
warns its user and does not come back. A client that reconnects names its last session in `ls`.

A client is heard again only when it has taken its last answer, so it cannot make the server hold more than one; what
others' writes push to it meanwhile is bounded, and a client that does not read is cut off.

Knows nothing of what the messages mean: that is `session`.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import deque
from typing import Any

from aiohttp import WSCloseCode, WSMsgType, web

from emulators.database.database import Database
from emulators.database.tokens import Access
from emulators.database.wall_clock import expiry_timer, now_ms
from emulators.database.websocket.frames import MAX_MESSAGE_CHARACTERS, Assembler, BadFrame, encode, pieces
from emulators.database.websocket.session import Session

PROTOCOL = "5"
MAX_CLIENTS = 1_000  # open at once
MAX_PUSHED = 16 * 1024 * 1024  # characters of news waiting for one client
STALL_S = 60.0  # a client that takes nothing for so long is gone
HEARTBEAT_S = 45.0  # between pings of the socket, so that a vanished client's onDisconnect happens


class Connection:
    """One connected client."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse, database: Database) -> None:
        self.session_id = secrets.token_urlsafe(16)
        self._request = request
        self._socket = socket
        self._database = database
        self._session = Session(
            database,
            lambda message: self._send("d", message),
            origin=request.headers.get("Origin"),
            changed_access=self._watch_expiry,
        )
        self._outbox: deque[tuple[str, int]] = deque()
        self._pushed = 0
        self._answering = False
        self._ended = False
        self._filled = asyncio.Event()
        self._drained = asyncio.Event()
        self._expiry: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        """Serve the client until it leaves or breaks the protocol."""
        writer = asyncio.create_task(self._write())
        try:
            await self._listen()
        finally:
            writer.cancel()
            if self._expiry:
                self._expiry.cancel()
            self._session.end()

    def cut(self) -> None:
        """Drop the connection at once."""
        if self._request.transport:
            self._request.transport.abort()

    async def close(self) -> None:
        """Ask the client to reconnect: the server stops, or the client came back on another socket."""
        await self._socket.close(code=WSCloseCode.GOING_AWAY)

    async def refuse(self, reason: str) -> None:
        """Tell the client's user why it is not served, so that it does not try again."""
        await self._socket.send_str(encode({"t": "c", "d": {"t": "s", "d": reason}}))
        await self._socket.close()

    async def _listen(self) -> None:
        assembler = Assembler()
        hello = {"ts": now_ms(), "v": PROTOCOL, "h": self._request.host, "s": self.session_id}
        self._answer_with(lambda: self._send("c", {"t": "h", "d": hello}))
        async for frame in self._socket:
            if frame.type is not WSMsgType.TEXT:
                break
            self._database.stats.bytes_in += _bytes(frame.data)
            try:
                message = assembler.take(frame.data)
            except BadFrame as error:
                await self.refuse(str(error))
                break
            if message is not None:
                self._answer_with(lambda message=message: self._take(message))
                await self._drained.wait()

    def _take(self, message: dict[str, Any]) -> None:
        if message.get("t") == "d":
            self._session.receive(message["d"])
        elif message.get("t") == "c" and message["d"].get("t") == "p":
            self._send("c", {"t": "o", "d": None})
        else:
            self._send("c", {"t": "e", "d": "This server knows no such control message; it has ping only."})

    def _answer_with(self, turn: Any) -> None:
        """Run one turn of the client's own, whose answers do not count as news."""
        self._answering = True
        try:
            turn()
        finally:
            self._answering = False

    def _send(self, layer: str, data: dict[str, Any]) -> None:
        if self._ended:
            return
        text = encode({"t": layer, "d": data})
        size = 0 if self._answering else len(text)
        self._pushed += size
        if self._pushed > MAX_PUSHED:
            self.cut()
            return
        self._outbox.append((text, size))
        self._drained.clear()
        self._filled.set()

    async def _write(self) -> None:
        """Send what is in the outbox until the connection ends; a client that stalls is cut off."""
        try:
            while True:
                await self._filled.wait()
                while self._outbox:
                    text, size = self._outbox.popleft()
                    for piece in pieces(text):
                        async with asyncio.timeout(STALL_S):
                            await self._socket.send_str(piece)
                    self._pushed -= size
                    self._database.stats.bytes_out += _bytes(text)
                self._filled.clear()
                self._drained.set()
        except (ConnectionError, TimeoutError):
            self.cut()
        finally:
            self._ended = True
            self._drained.set()

    def _watch_expiry(self, access: Access) -> None:
        if self._expiry:
            self._expiry.cancel()
        self._expiry = expiry_timer(access, asyncio.get_running_loop(), self._session.expire)


class Clients:
    """All clients of the server."""

    def __init__(self) -> None:
        self._open: dict[str, Connection] = {}

    async def serve(self, request: web.Request, database: Database) -> web.WebSocketResponse:
        """Serve one client from its handshake to its end."""
        socket = web.WebSocketResponse(
            heartbeat=HEARTBEAT_S, compress=False, max_msg_size=MAX_MESSAGE_CHARACTERS, timeout=1.0
        )
        await socket.prepare(request)
        connection = Connection(request, socket, database)
        version = request.query.get("v")
        if version != PROTOCOL:
            await connection.refuse(f"This server speaks version {PROTOCOL} of the protocol, not {version}.")
        elif len(self._open) >= MAX_CLIENTS:
            await connection.refuse(f"There are {MAX_CLIENTS} clients connected, the most this server serves.")
        else:
            self._replace(request.query.get("ls"))
            self._open[connection.session_id] = connection
            try:
                await connection.run()
            finally:
                self._open.pop(connection.session_id, None)
        return socket

    def _replace(self, last_session: str | None) -> None:
        """End the session that a reconnecting client names, if the server has not yet noticed its end."""
        last = self._open.get(last_session or "")
        if last:
            last.cut()

    async def close(self) -> None:
        """Close every connection, which writes what the clients left to be written."""
        for connection in list(self._open.values()):
            with contextlib.suppress(ConnectionError):
                await connection.close()


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())
