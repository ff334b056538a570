"""Clients of the WebSocket protocol coming, signing in, being refused, going. "spec": as the client SDKs expect it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.emulators import websocket_cases
from tests.emulators.database_server import OWNER, TIMEOUT_S, DatabaseServer
from tests.emulators.websocket_cases import DENIED, OK, Place, asked, new_place, told
from tests.emulators.websocket_client import WireClient
from tests.tokens import unsigned

pytestmark = pytest.mark.slow

RULES = websocket_cases.RULES


@pytest.fixture
def place(server: DatabaseServer) -> Place:
    return new_place(server)


def test_spec_a_user_signs_in_and_out(place: Place) -> None:
    claims = {"sub": "ada", "firebase": {"sign_in_provider": "password"}}
    auth = {"uid": "ada", "token": claims, "provider": "password"}
    assert asked(
        place,
        ("auth", {"cred": unsigned(claims)}),
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
        {"cred": unsigned({"sub": "ada"}), "authvar": {"uid": "bob"}},
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
            await leaving.ask("auth", {"cred": unsigned({"sub": "ada"})})
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
    rules = {"rules": {".read": True, ".write": True}}
    data = str(tmp_path / "data")

    async def run(place: Place) -> Any:
        async with place.client() as client:
            await client.ask("o", {"p": "/left", "d": True})
            code = await asyncio.to_thread(place.server.stop)
            return code, await client.receive()

    with DatabaseServer("--data", data, rules=rules) as first:
        assert asyncio.run(run(Place(first, "ns1"))) == (0, None)
    with DatabaseServer("--data", data, rules=rules) as second:
        assert second.get("/left.json", ns="ns1") is True
