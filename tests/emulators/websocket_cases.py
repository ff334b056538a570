"""Conversations with the WebSocket protocol of one running server: the shared ground of its tests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.emulators.database_server import TIMEOUT_S, DatabaseServer
from tests.emulators.websocket_client import WireClient

RULES = {
    "rules": {
        "free": {".read": True, ".write": True, "indexed": {".indexOn": ["n"]}},
        "users": {"$uid": {".read": "auth.uid === $uid", ".write": "auth.uid === $uid"}},
        "gate": {".read": "root.child('free/open').val() === true"},
        "page": {".read": "query.limitToFirst <= 2"},
    }
}
OK = {"s": "ok", "d": ""}
DENIED = {"s": "permission_denied", "d": "Permission denied"}
_names = count()


@dataclass(frozen=True)
class Place:
    """One empty namespace of the running server."""

    server: DatabaseServer
    name: str

    def client(self, **params: str) -> WireClient:
        """A new client of it."""
        return WireClient(self.server.url, params={"ns": self.name, **params})

    def get(self, path: str) -> Any:
        """What is there."""
        return self.server.get(f"/{path}.json", ns=self.name)

    def put(self, path: str, value: Any) -> None:
        """Set what is there, as the owner."""
        self.server.put(f"/{path}.json", value, ns=self.name)

    async def becomes(self, path: str, value: Any) -> Any:
        """What is there, once it is that value or time is up."""
        deadline = time.monotonic() + TIMEOUT_S
        while (now := self.get(path)) != value and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        return now


def new_place(server: DatabaseServer) -> Place:
    """A namespace that nobody has used."""
    return Place(server, f"wire{next(_names)}")


Scenario = Callable[[WireClient], Coroutine[Any, Any, Any]]


def told(place: Place, scenario: Scenario) -> Any:
    """What the scenario gives, run with a new client."""

    async def run() -> Any:
        async with place.client() as client:
            return await scenario(client)

    return asyncio.run(run())


def asked(place: Place, *requests_: tuple[str, Any]) -> list[Any]:
    """What one client is told, for one request after the other."""

    async def scenario(client: WireClient) -> list[Any]:
        return [await client.ask(action, body) for action, body in requests_]

    return list(told(place, scenario))
