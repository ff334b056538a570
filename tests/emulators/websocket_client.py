"""A bare client of the WebSocket protocol, to see every message as it is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import aiohttp

TIMEOUT_S = 30


class WireClient:
    """One socket. Every wait ends in a failure after `TIMEOUT_S`."""

    def __init__(self, url: str, *, params: Mapping[str, str] | None = None, origin: str | None = None) -> None:
        self._url = url
        self._params = {"v": "5", "ns": "ns1", **(params or {})}
        self._headers = {"Origin": origin} if origin else {}
        self._session = aiohttp.ClientSession()
        self._number = 0
        self._paused: asyncio.Transport | None = None
        self.hello: dict[str, Any] = {}

    async def __aenter__(self) -> Self:
        self._socket = await self._session.ws_connect(
            f"{self._url}/.ws", params=self._params, headers=self._headers, max_msg_size=0
        )
        self.hello = await self.receive()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._paused:
            self._paused.resume_reading()
        await self._socket.close()
        await self._session.close()

    async def text(self) -> str | None:
        """The next frame, or None if the server has closed the connection."""
        async with asyncio.timeout(TIMEOUT_S):
            frame = await self._socket.receive()
        return frame.data if frame.type is aiohttp.WSMsgType.TEXT else None

    async def receive(self) -> Any:
        """The next message, or None if the server has closed the connection."""
        text = await self.text()
        if text is None or not text.isdigit():
            return None if text is None else json.loads(text)
        return json.loads("".join([str(await self.text()) for _ in range(int(text))]))

    async def send(self, text: str) -> None:
        """One frame."""
        await self._socket.send_str(text)

    async def ask(self, action: str, body: Any) -> list[Any]:
        """Send a request; what is told until it is answered, and the answer's body at the end."""
        self._number += 1
        await self.send(json.dumps({"t": "d", "d": {"r": self._number, "a": action, "b": body}}))
        told: list[Any] = []
        while True:
            message = await self.receive()
            if message is None:
                return [*told, None]
            told.append(message["d"].get("b") if message["d"].get("r") == self._number else message["d"])
            if message["d"].get("r") == self._number:
                return told

    def stop_reading(self) -> None:
        """Take nothing from the socket any more, until the end."""
        transport = self._socket._conn.transport if self._socket._conn else None  # there is no public way
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()
        self._paused = transport
