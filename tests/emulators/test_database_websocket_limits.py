"""Clients of the WebSocket protocol with limits made small: how long one is served, and how many are."""

from __future__ import annotations

import asyncio

import pytest

from emulators.database import wall_clock
from emulators.database.tokens import Access
from emulators.database.websocket import connection
from tests.emulators.in_process import running, within
from tests.emulators.websocket_cases import DENIED, OK
from tests.emulators.websocket_client import WireClient
from tests.tokens import unsigned

RULES = '{"rules": {"free": {".read": true, ".write": true}, "users": {"$uid": {".read": "auth.uid === $uid"}}}}'
TEST = {"ns": "test"}


def test_spec_an_expired_token_is_revoked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wall_clock, "now_ms", lambda: 1_999_999_999_990)

    async def work() -> None:
        async with running() as (_, url, namespaces), WireClient(url, params=TEST) as client:
            namespaces.set_rules("test", RULES)
            claims = {"sub": "ada", "exp": 2_000_000_000}
            auth = {"uid": "ada", "token": claims, "provider": "custom"}
            assert await client.ask("auth", {"cred": unsigned(claims)}) == [
                {"s": "ok", "d": {"auth": auth, "expires": None}}
            ]
            revoked = {"s": "expired_token", "d": "The auth token has expired."}
            assert (await client.receive())["d"] == {"a": "ac", "b": revoked}
            assert await client.ask("g", {"p": "/users/ada"}) == [DENIED]

    within(work)


def test_ours_a_client_that_takes_nothing_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "STALL_S", 0.05)

    async def work() -> None:
        async with running() as (_, url, namespaces), WireClient(url, params=TEST) as client:
            namespaces.set_rules("test", RULES)
            assert await client.ask("o", {"p": "/free/gone", "d": True}) == [OK]
            await client.ask("q", {"p": "/free/big", "h": ""})
            client.stop_reading()
            database = namespaces.get("test")
            database.set(("free", "big"), {"a": "x" * 7_500_000, "b": "x" * 7_500_000}, Access(admin=True))
            while database.view(("free", "gone")).is_empty:
                await asyncio.sleep(0.01)

    within(work)


def test_ours_there_is_a_bound_to_open_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MAX_CLIENTS", 1)

    async def work() -> None:
        async with running() as (_, url, _namespaces), WireClient(url, params=TEST) as first:
            assert first.hello["d"]["t"] == "h"
            async with WireClient(url, params=TEST) as second:
                reason = "There are 1 clients connected, the most this server serves."
                assert second.hello == {"t": "c", "d": {"t": "s", "d": reason}}
                assert await second.receive() is None

    within(work)
