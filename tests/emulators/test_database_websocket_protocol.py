"""The WebSocket protocol message by message. "spec": as the client SDKs were seen to speak and to be answered."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.emulators import websocket_cases
from tests.emulators.database_server import DatabaseServer
from tests.emulators.websocket_cases import DENIED, OK, Place, asked, new_place, told
from tests.emulators.websocket_client import WireClient

RULES = websocket_cases.RULES


@pytest.fixture
def place(server: DatabaseServer) -> Place:
    return new_place(server)


def test_spec_the_server_speaks_first(place: Place) -> None:
    async def scenario(client: WireClient) -> Any:
        return client.hello

    before_ms = time.time() * 1000
    hello = told(place, scenario)
    assert hello["t"] == "c"
    assert hello["d"]["t"] == "h"
    handshake = hello["d"]["d"]
    assert {**handshake, "ts": 0, "s": ""} == {"ts": 0, "v": "5", "h": place.server.host, "s": ""}
    assert before_ms - 1 <= handshake["ts"] <= time.time() * 1000 + 1
    assert len(handshake["s"]) > 20


def test_spec_put_merge_and_get(place: Place) -> None:
    assert asked(
        place,
        ("s", {"c": {"sdk.js.12-19-0": 1}}),
        ("p", {"p": "/free/a", "d": {"x": 1, "y": {"0": 1, "1": 2}}}),
        ("m", {"p": "/free", "d": {"a/x": 2, "b": {".sv": {"increment": 3}}, "a/y/1": None}}),
        ("g", {"p": "/free", "q": {}}),
        ("p", {"p": "/free/a/.priority", "d": 7}),
        ("g", {"p": "/free/a"}),
        ("p", {"p": "/free", "d": None}),
        ("g", {"p": "/free"}),
    ) == [
        [OK],
        [OK],
        [OK],
        [{"s": "ok", "d": {"a": {"x": 2, "y": {"0": 1}}, "b": 3}}],
        [OK],
        [{"s": "ok", "d": {".priority": 7, "x": 2, "y": {"0": 1}}}],
        [OK],
        [{"s": "ok", "d": None}],
    ]


def test_spec_a_listen_is_told_the_data_before_the_answer_and_every_change_after(place: Place) -> None:
    place.put("free/a", {"x": 1})
    assert asked(
        place,
        ("q", {"p": "/free/a", "h": ""}),
        ("p", {"p": "/free/a/y", "d": 2}),
        ("m", {"p": "/free", "d": {"a/x": None, "a/z/w": 3, "other": 1}}),
        ("p", {"p": "/free", "d": None}),
        ("n", {"p": "/free/a"}),
        ("p", {"p": "/free/a", "d": 1}),
    ) == [
        [{"a": "d", "b": {"p": "free/a", "d": {"x": 1}}}, {"s": "ok", "d": {}}],
        [{"a": "d", "b": {"p": "free/a/y", "d": 2}}, OK],
        [{"a": "m", "b": {"p": "free/a", "d": {"x": None, "z/w": 3}}}, OK],
        [{"a": "d", "b": {"p": "free/a", "d": None}}, OK],
        [{"s": "ok", "d": {}}],
        [OK],
    ]


def test_spec_a_query_listen_carries_its_tag_and_follows_its_window(place: Place) -> None:
    place.put("free/indexed", {"a": {"n": 1}, "b": {"n": 2}, "c": {"n": 3}})
    query = {"p": "/free/indexed", "q": {"i": "n", "l": 2, "vf": "l"}, "t": 4}
    assert asked(
        place,
        ("q", {**query, "h": ""}),
        ("p", {"p": "/free/indexed/a/n", "d": 9}),
        ("p", {"p": "/free/indexed/z", "d": {"n": 0}}),
        ("n", query),
        ("p", {"p": "/free/indexed", "d": None}),
    ) == [
        [{"a": "d", "b": {"p": "free/indexed", "d": {"a": {"n": 1}, "b": {"n": 2}}, "t": 4}}, {"s": "ok", "d": {}}],
        [{"a": "m", "b": {"p": "free/indexed", "d": {"a": None, "c": {"n": 3}}, "t": 4}}, OK],
        [{"a": "m", "b": {"p": "free/indexed", "d": {"c": None, "z": {"n": 0}}, "t": 4}}, OK],
        [{"s": "ok", "d": {}}],
        [OK],
    ]


def test_spec_an_unindexed_listen_is_told_all_children_with_a_warning(place: Place) -> None:
    place.put("free/plain", {"a": {"n": 1}, "b": {"n": 2}})
    query = {"p": "/free/plain", "q": {"i": "n", "l": 1, "vf": "l"}, "t": 1}
    assert asked(place, ("q", {**query, "h": ""}), ("p", {"p": "/free/plain/c", "d": 1}), ("g", query)) == [
        [
            {"a": "d", "b": {"p": "free/plain", "d": {"a": {"n": 1}, "b": {"n": 2}}, "t": 1}},
            {"s": "ok", "d": {"w": ["no_index"]}},
        ],
        [{"a": "d", "b": {"p": "free/plain/c", "d": 1, "t": 1}}, OK],
        [
            {
                "s": "index_not_defined",
                "d": 'Index not defined, add ".indexOn": "n", for path "/free/plain", to the rules',
            }
        ],
    ]


def test_spec_a_listen_with_the_right_hash_is_not_told_again_what_it_knows(place: Place) -> None:
    place.put("free/a", 4)
    assert asked(
        place,
        ("q", {"p": "/free/a", "h": "eVih19a6ZDz3NL32uVBtg9KSgQY="}),
        ("p", {"p": "/free/a", "d": 4}),
        ("q", {"p": "/free", "h": "stale"}),
    ) == [
        [{"s": "ok", "d": {}}],
        [{"a": "d", "b": {"p": "free/a", "d": 4}}, OK],
        [{"a": "d", "b": {"p": "free", "d": {"a": 4}}}, {"s": "ok", "d": {}}],
    ]


def test_spec_a_put_with_the_hash_of_other_data_is_stale(place: Place) -> None:
    stale = {"s": "datastale", "d": "The data has changed since the transaction read it."}
    assert asked(
        place,
        ("p", {"p": "/free/n", "d": 4, "h": ""}),
        ("p", {"p": "/free/n", "d": 5, "h": ""}),
        ("p", {"p": "/free/n", "d": 5, "h": "eVih19a6ZDz3NL32uVBtg9KSgQY="}),
        ("g", {"p": "/free/n"}),
    ) == [[OK], [stale], [OK], [{"s": "ok", "d": 5}]]


def test_spec_the_rules_hold_for_every_action(place: Place) -> None:
    path = {"p": "/users/ada"}
    assert (
        asked(
            place,
            ("q", {**path, "h": ""}),
            ("g", path),
            ("p", {**path, "d": 1}),
            ("m", {**path, "d": {"x": 1}}),
            ("o", {**path, "d": 1}),
            ("om", {**path, "d": {"x": 1}}),
        )
        == [[DENIED]] * 6
    )
    assert place.get("users") is None


def test_spec_rules_see_the_query_also_where_all_children_are_told(place: Place) -> None:
    unindexed = {"p": "/page", "q": {"i": "n", "l": 2, "vf": "l"}, "t": 1, "h": ""}
    assert asked(place, ("q", {"p": "/page", "h": ""}), ("q", unindexed), ("p", {"p": "/free/x", "d": 1})) == [
        [DENIED],
        [{"a": "d", "b": {"p": "page", "d": None, "t": 1}}, {"s": "ok", "d": {"w": ["no_index"]}}],
        [OK],
    ]


def test_spec_ping_is_answered_and_idle_frames_are_ignored(place: Place) -> None:
    async def scenario(client: WireClient) -> Any:
        await client.send("0")
        await client.send('{"t":"c","d":{"t":"p","d":{}}}')
        return await client.receive()

    assert told(place, scenario) == {"t": "c", "d": {"t": "o", "d": None}}


def test_spec_long_messages_both_ways(place: Place) -> None:
    long = "é😀x" * 40_000

    async def scenario(client: WireClient) -> Any:
        text = json.dumps({"t": "d", "d": {"r": 1, "a": "p", "b": {"p": "/free/long", "d": long}}})
        cut = [text[at : at + 16_384] for at in range(0, len(text), 16_384)]
        for frame in [str(len(cut)), *cut]:
            await client.send(frame)
        return [await client.receive(), await client.ask("g", {"p": "/free/long"})]

    assert told(place, scenario) == [{"t": "d", "d": {"r": 1, "b": OK}}, [{"s": "ok", "d": long}]]


REFUSALS: list[tuple[str, str, Any, str, str]] = [
    ("an unknown action", "zz", {}, "invalid_request", "action 'zz' is not supported; there are q, n, g, p, m, "),
    ("a body that is no object", "p", [], "invalid_request", "action 'p' is not supported"),
    ("no path", "g", {}, "invalid_request", "the request has no path 'p'"),
    ("a key that cannot be", "g", {"p": "/a.b"}, "invalid_path", "key 'a.b' contains '.'"),
    (".info is the client's own", "p", {"p": "/.info/x", "d": 1}, "invalid_path", "key '.info' contains '.'"),
    ("no data", "p", {"p": "/free/a"}, "invalid_request", "the request has no data 'd'"),
    ("data that cannot be", "p", {"p": "/free/a", "d": {".sv": "now"}}, "invalid_data", "a server value is"),
    ("an update that is no object", "m", {"p": "/free", "d": 1}, "invalid_request", "an update's data 'd' is an"),
    (
        "an update of a place and below",
        "m",
        {"p": "/free", "d": {"a": 1, "a/b": 1}},
        "invalid_request",
        "path 'free/a'",
    ),
    ("an update of the place itself", "om", {"p": "/free", "d": {"": 1}}, "invalid_request", "an update names the"),
    ("children of a priority", "m", {"p": "/free/.priority", "d": {"0": None}}, "invalid_request", "a priority has no"),
    ("a tag that is no number", "q", {"p": "/free", "t": "x"}, "invalid_request", "a listen's tag 't' is"),
    ("a query that cannot be", "q", {"p": "/free", "q": {"l": 0}, "t": 1}, "invalid_request", "a query's limit"),
]


@pytest.mark.parametrize(("sentence", "action", "body", "status", "text"), REFUSALS, ids=[row[0] for row in REFUSALS])
def test_ours_what_cannot_be_is_refused(
    place: Place, sentence: str, action: str, body: Any, status: str, text: str
) -> None:
    [[answer]] = asked(place, (action, body))
    assert answer["s"] == status
    assert answer["d"].startswith(text)


def test_ours_a_second_listen_at_the_same_place_is_refused(place: Place) -> None:
    listen = ("q", {"p": "/free", "h": ""})
    [_, second] = asked(place, listen, listen)
    assert second == [{"s": "invalid_request", "d": "the client listens there already; unlisten first"}]


def test_ours_control_messages_it_does_not_know_are_refused(place: Place) -> None:
    async def scenario(client: WireClient) -> Any:
        await client.send('{"t":"c","d":{"t":"n","d":{}}}')
        return await client.receive()

    error = "This server knows no such control message; it has ping only."
    assert told(place, scenario) == {"t": "c", "d": {"t": "e", "d": error}}


def test_ours_broken_frames_end_the_connection_with_the_reason(place: Place) -> None:
    async def scenario(client: WireClient) -> Any:
        await client.send("{")
        return [await client.receive(), await client.receive()]

    assert told(place, scenario) == [{"t": "c", "d": {"t": "s", "d": "The message is not JSON."}}, None]
