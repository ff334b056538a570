"""Where the database is, what proves that it is us, and what its refusals become."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

import pytest
from kindling.errors import Denied, SettingInvalid, StoreError, Unavailable
from kindling.store import tokens, wire
from kindling.store.client import Database
from kindling.store.place import Place, place, project
from kindling.store.recent import Seen
from kindling.store.tokens import Token, Tokens

from tests.live import database
from tests.scripted import Scripted, answer, scripted
from tests.signing_in import pem, signer

UID = 'auth_variable_override={"uid":"kindling"}'
CONFIG = "FIREBASE_CONFIG"
EMULATOR = "FIREBASE_DATABASE_EMULATOR_HOST"
DEPLOYED = json.dumps({"databaseURL": "https://p-default-rtdb.europe-west1.firebasedatabase.app", "projectId": "p"})
OFFICIAL = json.dumps({"databaseURL": "http://127.0.0.1:9000/?ns=p-default-rtdb", "projectId": "p"})


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (CONFIG, EMULATOR, "GCLOUD_PROJECT", "K_SERVICE", "GOOGLE_APPLICATION_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(wire, "PAUSES_S", (0.001, 0.001))


PLACES = {
    "deployed": (
        {CONFIG: DEPLOYED},
        Place("https://p-default-rtdb.europe-west1.firebasedatabase.app", UID, emulated=False),
    ),
    "a laptop": (
        {EMULATOR: "127.0.0.1:9000"},
        Place("http://127.0.0.1:9000", f"ns=demo-kindling-default-rtdb&{UID}", emulated=True),
    ),
    "a deployed address on the emulator": (
        {CONFIG: DEPLOYED, EMULATOR: "127.0.0.1:9000"},
        Place("http://127.0.0.1:9000", f"ns=p-default-rtdb&{UID}", emulated=True),
    ),
    "what the official suite says": (
        {CONFIG: OFFICIAL},
        Place("http://127.0.0.1:9000", f"ns=p-default-rtdb&{UID}", emulated=True),
    ),
}


@pytest.mark.parametrize(("said", "expected"), PLACES.values(), ids=PLACES.keys())
def test_spec_the_place_is_what_firebase_says(
    monkeypatch: pytest.MonkeyPatch, said: dict[str, str], expected: Place
) -> None:
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    found = place()
    assert Place(found.origin, unquote(found.parameters), found.emulated) == expected


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000/", "ftp://x/?ns=a", "https:///x", "nothing"])
def test_ours_an_address_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv(CONFIG, json.dumps({"databaseURL": url}))
    with pytest.raises(SettingInvalid):
        place()


def test_ours_the_project_is_said_by_the_config_or_else_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert project() == "demo-kindling"
    monkeypatch.setenv("GCLOUD_PROJECT", "q")
    assert project() == "q"
    monkeypatch.setenv(CONFIG, DEPLOYED)
    assert project() == "p"


LIFE_S = {"an hour": (3_600, 1), "as long as it is refreshed ahead": (tokens.REFRESH_AHEAD_S - 5, 3)}


@pytest.mark.parametrize(("life_s", "fetched"), LIFE_S.values(), ids=LIFE_S.keys())
def test_ours_a_token_is_fetched_anew_before_it_ends(life_s: float, fetched: int) -> None:
    made: list[str] = []

    def fetch() -> Token:
        made.append(f"t{len(made)}")
        return Token(made[-1], time.time() + life_s)

    kept = Tokens(fetch)
    assert [kept.get() for _ in range(3)] == ["t0", "t1", "t2"][:fetched] + ["t0"] * (3 - fetched)


@contextmanager
def metadata(monkeypatch: pytest.MonkeyPatch, *script: bytes) -> Iterator[Scripted]:
    """A metadata server that answers so, in a function."""
    with scripted(script) as server:
        monkeypatch.setenv("GCE_METADATA_HOST", f"127.0.0.1:{server.port}")
        monkeypatch.setenv("K_SERVICE", "get-data")
        yield server


def test_spec_in_a_function_the_metadata_server_gives_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    given = answer(200, json.dumps({"access_token": "ya29", "expires_in": 3000, "token_type": "Bearer"}).encode())
    with metadata(monkeypatch, given) as server:
        kept = tokens.tokens(Place("https://p.firebaseio.com", "", emulated=False))
        assert [kept.get(), kept.get()] == ["ya29", "ya29"]
        assert server.asked == [f"GET {tokens.TOKEN_PATH}"]


NO_TOKEN = {"no service account": answer(404, b"nothing"), "no JSON": answer(200, b"<html>"), "no token": answer(200)}


@pytest.mark.parametrize("words", NO_TOKEN.values(), ids=NO_TOKEN.keys())
def test_ours_a_function_without_a_token_is_unavailable(monkeypatch: pytest.MonkeyPatch, words: bytes) -> None:
    with metadata(monkeypatch, words), pytest.raises(Unavailable, match="give the function a service account"):
        tokens.from_metadata()


def account(folder: Path, port: int) -> str:
    """A file with a service account whose tokens the server at `port` gives out."""
    told = {
        "type": "service_account",
        "client_email": "laptop@p.example",
        "private_key": pem(signer("laptop")),
        "token_uri": f"http://127.0.0.1:{port}/token",
    }
    (folder / "account.json").write_text(json.dumps(told))
    return str(folder / "account.json")


def test_spec_elsewhere_the_credentials_of_the_machine_are_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = answer(200, b'{"access_token": "ya30", "expires_in": 3600}', "Content-Type: application/json")
    with scripted([given]) as server:
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", account(tmp_path, server.port))
        kept = tokens.tokens(Place("https://p.firebaseio.com", "", emulated=False))
        assert [kept.get(), kept.get(), server.asked] == ["ya30", "ya30", ["POST /token"]]


def test_ours_a_machine_without_credentials_is_told_how_to_sign_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    with pytest.raises(Unavailable, match="gcloud auth application-default login"):
        tokens.from_library()


def told(status: int, text: str) -> bytes:
    """A refusal as the service words it."""
    return answer(status, json.dumps({"error": text}).encode())


REFUSALS: dict[str, tuple[list[bytes], type[StoreError], str]] = {
    "the rules say no": ([told(401, "Permission denied")], Denied, "deploy database.rules.json"),
    "the token is not taken": ([told(401, "Unauthorized request.")], Denied, "token: Unauthorized request."),
    "a call that is wrong": ([told(400, "orderBy must be a valid JSON")], StoreError, "(400): orderBy must be"),
    "no such database": ([answer(404, b"nothing here")], StoreError, "(404): nothing here"),
    "a write that is too big": ([told(413, "too big")], StoreError, "(413): too big"),
    "a service that is down": ([told(503, "down")] * 3, Unavailable, "answers 503"),
    "too many calls": ([told(429, "slower")] * 3, Unavailable, "answers 429"),
    "an answer that is no JSON": ([answer(200, b"<html>")], Unavailable, "no JSON"),
}


@pytest.mark.parametrize(("script", "kind", "text"), REFUSALS.values(), ids=REFUSALS.keys())
def test_ours_refusals_become_errors_of_ours(
    monkeypatch: pytest.MonkeyPatch, script: list[bytes], kind: type[StoreError], text: str
) -> None:
    with scripted(script) as server:
        monkeypatch.setenv(EMULATOR, f"127.0.0.1:{server.port}")
        asked = Database()
        with pytest.raises(StoreError) as caught:
            asked.get("x")
        asked.close()
    assert (type(caught.value), text in str(caught.value)) == (kind, True)


def test_ours_a_token_that_is_not_taken_is_fetched_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    given = [answer(200, json.dumps({"access_token": f"t{n}", "expires_in": 3000}).encode()) for n in range(2)]
    with metadata(monkeypatch, *given) as server:
        kept = tokens.tokens(Place("https://p.firebaseio.com", "", emulated=False))
        assert kept.get() == "t0"
        kept.forget()
        assert (kept.get(), len(server.asked)) == ("t1", 2)


@pytest.fixture(scope="module")
def running() -> Iterator[str]:
    """A database for the tests that read and write."""
    with database() as host:
        yield host


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, running: str) -> Iterator[Database]:
    monkeypatch.setenv(EMULATOR, running)
    found = Database()
    yield found
    found.update({"hosts/a": None, "runs/s": None})
    found.close()


def test_spec_what_did_not_change_is_not_sent_again(kept: Database) -> None:
    kept.update({"hosts/a": {"run": "r", "fence": 1, "until": 5}})
    first = kept.look("hosts/a")()
    assert kept.look("hosts/a", first)() is first
    kept.update({"hosts/a/until": 6})
    assert kept.look("hosts/a", first)().value == {"run": "r", "fence": 1, "until": 6}
    assert kept.look("hosts/none", kept.look("hosts/none")())() == Seen(None, "null_etag")


READS: dict[str, tuple[Callable[[Database], object], object]] = {
    "by key": (lambda d: [key for key, _ in d.query("runs/s")], ["-10", "-9", "b~20c", "é"]),
    "by key from the end": (lambda d: [key for key, _ in d.query("runs/s", limit=2, descending=True)], ["é", "b~20c"]),
    "by key within bounds": (lambda d: [key for key, _ in d.query("runs/s", start="-9", end="b~20c")], ["-9", "b~20c"]),
    "a bound with every character": (lambda d: d.query("runs/s", start='é&#%+"\\ z', limit=1), []),
    "names": (lambda d: d.names("runs/s"), ["-10", "-9", "b~20c", "é"]),
    "names of nothing": (lambda d: d.names("runs/none"), []),
    "a query of nothing": (lambda d: d.query("runs/none"), []),
    "a path with other characters": (lambda d: d.get("runs/s/é/n"), 4),
}


@pytest.mark.parametrize(("read", "expected"), READS.values(), ids=READS.keys())
def test_spec_reads(kept: Database, read: Callable[[Database], object], expected: object) -> None:
    kept.update({f"runs/s/{key}": {"n": n} for n, key in enumerate(("-9", "-10", "b~20c", "é"), start=1)})
    assert read(kept) == expected


def test_ours_a_swap_that_lost_its_race_decides_again(kept: Database) -> None:
    seen: list[object] = []

    def decide(value: object) -> object:
        seen.append(value)
        if len(seen) == 1:
            kept.update({"hosts/a": {"run": "other", "fence": 1, "until": 5}})
        return {"run": "mine", "fence": 2, "until": 9}

    assert kept.swap("hosts/a", decide) == {"run": "mine", "fence": 2, "until": 9}
    assert seen == [None, {"run": "other", "fence": 1, "until": 5}]


def test_ours_after_closing_the_place_is_looked_up_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted([answer(200, b"1")]) as one, scripted([answer(200, b"2")]) as other:
        found = Database()
        monkeypatch.setenv(EMULATOR, f"127.0.0.1:{one.port}")
        first = found.get("x")
        found.close()
        monkeypatch.setenv(EMULATOR, f"127.0.0.1:{other.port}")
        assert (first, found.get("x")) == (1, 2)
        found.close()
