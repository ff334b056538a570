"""Streams with limits made small: what keeps one alive, what ends it, what a slow reader costs."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest
from aiohttp import web

from emulators.database import streams, wall_clock
from emulators.database.tokens import Access
from tests.emulators.in_process import running, within
from tests.tokens import unsigned

STREAM = {"Accept": "text/event-stream"}


def test_spec_an_idle_stream_is_kept_alive() -> None:
    async def work() -> None:
        async with (
            running(keep_alive_s=0.01) as (session, url, _),
            session.get(f"{url}/a.json", headers=STREAM) as answer,
        ):
            lines = [await answer.content.readline() for _ in range(9)]
            assert lines[3:] == [b"event: keep-alive\n", b"data: null\n", b"\n"] * 2

    within(work)


def test_spec_a_stream_ends_with_its_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wall_clock, "now_ms", lambda: 1_999_999_999_990)

    async def work() -> None:
        async with running() as (session, url, namespaces):
            namespaces.set_rules("test", '{"rules": {".read": "auth.uid === \'ann\'"}}')
            headers = {**STREAM, "Authorization": f"Bearer {unsigned({'sub': 'ann', 'exp': 2_000_000_000})}"}
            async with session.get(f"{url}/a.json", headers=headers) as answer:
                assert await answer.text() == (
                    'event: put\ndata: {"path":"/","data":null}\n\n'
                    'event: auth_revoked\ndata: "credential is no longer valid"\n\n'
                )

    within(work)


def test_ours_a_reader_that_takes_nothing_is_disconnected_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "STALL_S", 0.05)

    async def work() -> None:
        async with running() as (session, url, namespaces), session.get(f"{url}/a.json", headers=STREAM) as answer:
            database = namespaces.get("test")
            while database._listeners:
                database.set(("a",), "x" * 8_000_000, Access(admin=True))
                await asyncio.sleep(0.01)
            with pytest.raises(aiohttp.ClientPayloadError):
                await answer.content.read()

    within(work)


def test_ours_much_data_is_written_in_pieces_so_that_a_slow_reader_is_seen_to_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written: list[int] = []
    write = web.StreamResponse.write

    async def noted(response: web.StreamResponse, data: bytes) -> None:
        written.append(len(data))
        await write(response, data)

    monkeypatch.setattr(web.StreamResponse, "write", noted)
    text = "x" * 3 * streams.PIECE_BYTES

    async def work() -> None:
        async with running() as (session, url, namespaces):
            namespaces.get("test").set(("a",), text, Access(admin=True))
            async with session.get(f"{url}/a.json", headers=STREAM) as answer:
                put = json.dumps({"path": "/", "data": text}, separators=(",", ":"))
                expected = f"event: put\ndata: {put}\n\n".encode()
                assert await answer.content.readexactly(len(expected)) == expected
        assert written == [streams.PIECE_BYTES] * 3 + [len(expected) - 3 * streams.PIECE_BYTES]

    within(work)


def test_spec_head_of_a_stream_ends_and_subscribes_nobody() -> None:
    async def work() -> None:
        async with running() as (session, url, namespaces):
            async with session.head(f"{url}/a.json", headers=STREAM) as answer:
                assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json; charset=utf-8")
            assert not namespaces.get("test")._listeners

    within(work)


def test_ours_a_reader_that_leaves_is_forgotten_at_once() -> None:
    async def work() -> None:
        async with running() as (session, url, namespaces):
            database = namespaces.get("test")
            async with session.get(f"{url}/a.json", headers=STREAM) as answer:
                await answer.content.readline()
                assert len(database._listeners) == 1
                answer.close()
            while database._listeners:
                await asyncio.sleep(0)

    within(work)


def test_ours_there_is_a_bound_to_open_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emulators.database.server.MAX_STREAMS", 1)

    async def work() -> None:
        async with running() as (session, url, _), session.get(f"{url}/a.json", headers=STREAM) as first:
            await first.content.readline()
            async with session.get(f"{url}/a.json", headers=STREAM) as second:
                assert (second.status, await second.json()) == (
                    400,
                    {"error": "there are 1 streams open, the most this server serves"},
                )

    within(work)
