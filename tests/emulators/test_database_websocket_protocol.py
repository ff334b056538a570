"""The WebSocket protocol message by message. "spec": as the client SDKs were seen to speak and to be answered."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.emulators.database_server import OWNER, DatabaseServer
from tests.emulators.test_database_tokens import jwt
from tests.emulators.websocket_client import TIMEOUT_S, WireClient

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


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    folder: Path = tmp_path_factory.mktemp("rules")
    with DatabaseServer(rules=json.dumps(RULES), folder=folder) as running:
        yield running
    assert running.errors == ""


@pytest.fixture
def place(server: DatabaseServer) -> Place:
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


def test_spec_a_user_signs_in_and_out(place: Place) -> None:
    claims = {"sub": "ada", "firebase": {"sign_in_provider": "password"}}
    auth = {"uid": "ada", "token": claims, "provider": "password"}
    assert asked(
        place,
        ("auth", {"cred": jwt(claims)}),
        ("p", {"p": "/users/ada", "d": 1}),
        ("q", {"p": "/users/ada", "h": ""}),
        ("unauth", {}),
        ("p", {"p": "/users/ada", "d": 2}),
    ) == [
        [{"s": "ok", "d": {"auth": auth, "expires": None}}],
        [OK],
        [{"a": "d", "b": {"p": "users/ada", "d": 1}}, {"s": "ok", "d": {}}],
        [{"a": "c", "b": {"p": "users/ada"}}, OK],
        [DENIED],
    ]


def test_spec_the_owner_may_do_everything_or_act_as_a_user(place: Place) -> None:
    assert asked(
        place,
        ("gauth", {"cred": "owner"}),
        ("p", {"p": "/secret", "d": 1}),
        ("gauth", {"cred": "owner", "authvar": {"uid": "ada"}}),
        ("p", {"p": "/secret", "d": 2}),
        ("p", {"p": "/users/ada", "d": 3}),
        ("gauth", {"cred": "owner", "noauth": True}),
        ("p", {"p": "/users/ada", "d": 4}),
    ) == [
        [{"s": "ok", "d": {"auth": None, "expires": None}}],
        [OK],
        [{"s": "ok", "d": {"auth": {"uid": "ada"}, "expires": None}}],
        [DENIED],
        [OK],
        [{"s": "ok", "d": {"auth": None, "expires": None}}],
        [DENIED],
    ]


INVALID_TOKEN = {"s": "invalid_token", "d": "Could not parse auth token."}
SIGN_INS: list[tuple[str, Any, dict[str, str]]] = [
    ("garbage", {"cred": "garbage"}, INVALID_TOKEN),
    ("no credential", {}, INVALID_TOKEN),
    ("a credential that is no text", {"cred": 1}, INVALID_TOKEN),
    (
        "an override by a user",
        {"cred": jwt({"sub": "ada"}), "authvar": {"uid": "bob"}},
        {
            "s": "invalid_token",
            "d": "auth_variable_override is for administrators only; send it with the token 'owner'.",
        },
    ),
    (
        "an override that is no object",
        {"cred": "owner", "authvar": "bob"},
        {"s": "invalid_token", "d": "auth_variable_override must be a JSON object, or null for no user."},
    ),
]


@pytest.mark.parametrize(("sentence", "body", "answer"), SIGN_INS, ids=[row[0] for row in SIGN_INS])
def test_spec_bad_credentials(place: Place, sentence: str, body: Any, answer: dict[str, str]) -> None:
    assert asked(place, ("auth", body)) == [[answer]]


@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://localhost:5000", "ok"), ("http://127.0.0.1:5000", "ok"), ("https://evil.example", "permission_denied")],
    ids=["a page of this machine", "a page of this machine's address", "a page of another machine is refused"],
)
def test_ours_the_owner_comes_from_this_machine(place: Place, origin: str, status: str) -> None:
    async def run() -> Any:
        async with WireClient(place.server.url, params={"ns": place.name}, origin=origin) as client:
            return await client.ask("gauth", {"cred": "owner"})

    assert asyncio.run(run())[0]["s"] == status


def test_spec_an_expired_token_is_revoked(place: Place) -> None:
    async def scenario(client: WireClient) -> list[Any]:
        claims = {"sub": "ada", "exp": time.time() + 0.05}
        answers = [(await client.ask("auth", {"cred": jwt(claims)}))[0]["s"]]
        answers.append((await client.receive())["d"])
        return [*answers, *await client.ask("g", {"p": "/users/ada"})]

    assert told(place, scenario) == [
        "ok",
        {"a": "ac", "b": {"s": "expired_token", "d": "The auth token has expired."}},
        DENIED,
    ]


def test_spec_a_listen_is_revoked_when_data_or_rules_close_it(place: Place) -> None:
    place.put("free/open", True)
    place.put("gate", {"x": 1})
    query = {"l": 5, "vf": "l", "i": ".key"}

    async def scenario(client: WireClient) -> list[Any]:
        await client.ask("q", {"p": "/gate", "h": ""})
        await client.ask("q", {"p": "/gate", "q": query, "t": 3, "h": ""})
        by_data = await client.ask("p", {"p": "/free/open", "d": False})
        await client.ask("q", {"p": "/free/open", "h": ""})
        place.server.call("PUT", "/.settings/rules.json", {"rules": {}}, ns=place.name).raise_for_status()
        return [*by_data, (await client.receive())["d"]]

    assert told(place, scenario) == [
        {"a": "c", "b": {"p": "gate"}},
        {"a": "c", "b": {"p": "gate", "q": [query]}},
        OK,
        {"a": "c", "b": {"p": "free/open"}},
    ]


def test_spec_rules_see_the_query_also_where_all_children_are_told(place: Place) -> None:
    unindexed = {"p": "/page", "q": {"i": "n", "l": 2, "vf": "l"}, "t": 1, "h": ""}
    assert asked(place, ("q", {"p": "/page", "h": ""}), ("q", unindexed), ("p", {"p": "/free/x", "d": 1})) == [
        [DENIED],
        [{"a": "d", "b": {"p": "page", "d": None, "t": 1}}, {"s": "ok", "d": {"w": ["no_index"]}}],
        [OK],
    ]


def test_spec_on_disconnect_happens_when_the_client_is_gone(place: Place) -> None:
    async def run() -> Any:
        async with place.client() as leaving:
            await leaving.ask("o", {"p": "/free/status", "d": {"online": False, "at": {".sv": "timestamp"}}})
            await leaving.ask("om", {"p": "/free", "d": {"a/b": 1, "c": 2, "d": 3}})
            await leaving.ask("oc", {"p": "/free/c", "d": None})
            await leaving.ask("p", {"p": "/free/d", "d": 1})
            before = place.get("free")
        return before, await place.becomes("free/d", 3)

    before, _ = asyncio.run(run())
    assert before == {"d": 1}
    after = place.get("free")
    assert isinstance(after["status"].pop("at"), int)
    assert after == {"a": {"b": 1}, "d": 3, "status": {"online": False}}


def test_spec_the_rules_judge_on_disconnect_again_when_it_happens(place: Place) -> None:
    async def run() -> Any:
        async with place.client() as leaving:
            await leaving.ask("o", {"p": "/free/a", "d": 1})
            await leaving.ask("auth", {"cred": jwt({"sub": "ada"})})
            await leaving.ask("o", {"p": "/users/ada/b", "d": 1})
            await leaving.ask("unauth", {})
        return await place.becomes("free/a", 1)

    assert asyncio.run(run()) == 1
    assert place.get("users") is None


def test_spec_a_client_that_comes_back_ends_its_last_session(place: Place) -> None:
    async def run() -> Any:
        async with place.client() as first:
            await first.ask("o", {"p": "/free/gone", "d": True})
            session = first.hello["d"]["d"]["s"]
            async with place.client(ls=session):
                return await first.receive(), await place.becomes("free/gone", True)

    assert asyncio.run(run()) == (None, True)


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


def test_ours_another_version_is_refused_with_the_reason(place: Place) -> None:
    async def run() -> Any:
        async with place.client(v="4") as client:
            return [client.hello, await client.receive()]

    reason = "This server speaks version 5 of the protocol, not 4."
    assert asyncio.run(run()) == [{"t": "c", "d": {"t": "s", "d": reason}}, None]


def test_ours_a_client_that_does_not_read_is_cut_off_and_stalls_nobody(place: Place) -> None:
    async def run() -> Any:
        async with place.client() as slow, place.client() as writer:
            await slow.ask("o", {"p": "/free/cut", "d": True})
            await slow.ask("q", {"p": "/free/big", "h": ""})
            slow.stop_reading()
            for number in range(40):
                assert (await writer.ask("p", {"p": "/free/big", "d": str(number) * 1_000_000}))[-1] == OK
            return await place.becomes("free/cut", True)

    assert asyncio.run(run()) is True


def test_ours_a_plain_request_is_no_websocket(server: DatabaseServer) -> None:
    response = requests.get(f"{server.url}/.ws?v=5&ns=x", headers=OWNER, timeout=TIMEOUT_S)
    assert response.status_code == 400


def test_ours_long_polling_is_refused_by_a_script_that_stops_the_client(server: DatabaseServer) -> None:
    response = requests.get(f"{server.url}/.lp?start=t&ser=1&cb=7&v=5&ns=x", timeout=TIMEOUT_S)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert response.text.startswith(
        "(function (page) {page.pLPCommand7('start', 'refused', 'refused');page.pRTLPCB7(0, "
    )
    assert "Call forceWebSockets()" in response.text


def test_ours_a_callback_that_is_no_number_gets_into_no_script(server: DatabaseServer) -> None:
    response = requests.get(server.url + "/.lp", params={"cb": "alert(1)"}, timeout=TIMEOUT_S)
    assert "alert" not in response.text


def test_ours_a_stopping_server_says_goodbye_and_carries_out_on_disconnect(tmp_path: Path) -> None:
    rules = json.dumps({"rules": {".read": True, ".write": True}})
    data = str(tmp_path / "data")

    async def run(place: Place) -> Any:
        async with place.client() as client:
            await client.ask("o", {"p": "/left", "d": True})
            code = await asyncio.to_thread(place.server.stop)
            return code, await client.receive()

    with DatabaseServer("--data", data, rules=rules, folder=tmp_path) as first:
        assert asyncio.run(run(Place(first, "ns1"))) == (0, None)
    with DatabaseServer("--data", data, rules=rules, folder=tmp_path) as second:
        assert second.get("/left.json", ns="ns1") is True
