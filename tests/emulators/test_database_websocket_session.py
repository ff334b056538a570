"""One client's session on a database in process: what it is told always adds up, and what it may hold is bounded."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.database.database import Database, Journal
from emulators.database.json_form import from_json
from emulators.database.push_ids import PushIds
from emulators.database.rules import parse
from emulators.database.storage import StorageError
from emulators.database.tokens import Access
from emulators.database.tree import Tree, View
from emulators.database.triggers import Triggers
from emulators.database.websocket import session as session_module
from emulators.database.websocket.hashes import data_hash
from emulators.database.websocket.session import ACTIONS, STATUS, FarewellLost, Session

OPEN = {"rules": {".read": True, ".write": True, "a": {".indexOn": ["n", ".value"]}}}
NOW_MS = 1_000


class FullDisk:
    """A journal that keeps nothing."""

    def append(self, record: bytes) -> None:
        raise StorageError("the disk is full")


class Client:
    """A session, and all that it was told."""

    def __init__(self, database: Database) -> None:
        self.told: list[Any] = []
        self.access: list[Access] = []
        self.session = Session(database, self.told.append, origin=None, changed_access=self.access.append)

    def ask(self, action: str, body: Any) -> Any:
        """The answer to a request."""
        self.session.receive({"r": 1, "a": action, "b": body})
        return self.told[-1]["b"]


def database(journal: Journal | None = None) -> Database:
    """An empty one that anyone may read and write."""
    return Database(
        "ns1",
        tree=Tree(),
        journal=journal,
        rules=parse(json.dumps(OPEN)),
        clock_ms=lambda: NOW_MS,
        push_ids=PushIds(lambda _: 0),
        triggers=Triggers("ns1", lambda *_: None, lambda _: None),
    )


class Copy:
    """What a client makes of the pushes for one of its listens."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.data: Any = None

    def apply(self, push: Any) -> None:
        """Bring the copy up to date."""
        body = push["b"]
        at = [key for key in body["p"].removeprefix(self._path).split("/") if key]
        changes = {"": body["d"]} if push["a"] == "d" else body["d"]
        for key, value in changes.items():
            self.data = _replaced(self.data, [*at, *filter(None, key.split("/"))], value)


def _replaced(data: Any, path: list[str], value: Any) -> Any:
    """The data with the value at the path, pruned of what is empty, as the clients' trees are."""
    if not path:
        return value
    children = dict(data) if isinstance(data, dict) else {}
    if not isinstance(data, dict) and value is None:
        return data
    below = _replaced(children.pop(path[0], None), path[1:], value)
    if below is not None:
        children[path[0]] = below
    return children or None


KEYS = st.sampled_from(["x", "y", "z", "1", "n"])
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-2, 3), st.sampled_from(["", "s"])),
    lambda inner: st.dictionaries(KEYS, inner, min_size=1, max_size=3),
    max_leaves=5,
)
PATHS = st.lists(KEYS, max_size=2).map(lambda keys: "/".join(["a", *keys]))
WRITES = st.one_of(
    st.tuples(st.just("p"), st.one_of(PATHS, st.just("")), VALUES),
    st.tuples(st.just("m"), PATHS, st.dictionaries(KEYS, VALUES, max_size=3)),
)
QUERIES: list[tuple[int | None, dict[str, Any]]] = [
    (None, {}),
    (1, {"i": "n", "l": 2, "vf": "l"}),
    (2, {"i": "n", "sp": 0, "sin": True}),
    (3, {"i": ".key", "l": 2, "vf": "r"}),
    (4, {"i": ".value", "ep": 2, "ein": False, "l": 1, "vf": "r"}),
    (5, {"l": 3, "vf": "l"}),
]


@pytest.mark.slow
@settings(max_examples=200)
@given(st.lists(WRITES, max_size=8), st.integers(0, 8))
def test_ours_what_a_listener_is_told_adds_up_to_what_it_would_get(writes: list[Any], listening_from: int) -> None:
    client = Client(database())
    copies = {tag: Copy("a") for tag, _ in QUERIES}
    for number, (action, path, data) in enumerate([*writes, ("p", "b", None)]):
        if number == min(listening_from, len(writes)):
            for tag, query in QUERIES:
                listen = {"p": "a", "h": "", **({"q": query, "t": tag} if tag else {})}
                assert client.ask("q", listen) == {"s": "ok", "d": {}}
        assert client.ask(action, {"p": path, "d": data}) == {"s": "ok", "d": ""}
        for message in client.told:
            if "a" in message:
                copies[message["b"].get("t")].apply(message)
        client.told.clear()
        if number >= listening_from:
            got = {tag: client.ask("g", {"p": "a", "q": query})["d"] for tag, query in QUERIES}
            assert {tag: copy.data for tag, copy in copies.items()} == got


def test_ours_on_disconnect_writes_that_cannot_be_kept_are_no_silent_loss() -> None:
    client = Client(database(FullDisk()))
    assert client.ask("p", {"p": "a", "d": 1}) == {"s": "unavailable", "d": "the disk is full"}
    assert client.ask("o", {"p": "a", "d": 1}) == {"s": "ok", "d": ""}
    with pytest.raises(FarewellLost, match="the onDisconnect writes of a client were not made: the disk is full"):
        client.session.end()


def test_ours_the_listens_of_a_client_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "MAX_LISTENS", 2)
    client = Client(database())
    answers = [client.ask("q", {"p": path, "h": ""})["s"] for path in "abc"]
    assert answers == ["ok", "ok", "invalid_request"]
    client.ask("n", {"p": "a"})
    assert client.ask("q", {"p": "c", "h": ""}) == {"s": "ok", "d": {}}


def test_ours_an_ended_session_is_told_nothing_more() -> None:
    shared = database()
    leaving, writer = Client(shared), Client(shared)
    leaving.ask("q", {"p": "a", "h": ""})
    leaving.session.end()
    before = len(leaving.told)
    writer.ask("p", {"p": "a", "d": 1})
    assert len(leaving.told) == before


def test_ours_a_request_without_a_number_is_carried_out_and_not_answered() -> None:
    client = Client(database())
    client.session.receive({"a": "p", "b": {"p": "a", "d": 1}})
    assert client.told == []
    assert client.ask("g", {"p": "a"}) == {"s": "ok", "d": 1}


def test_ours_what_a_client_knows_is_compared_up_to_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "MAX_HASHED_BYTES", 20)
    client = Client(database())
    pushes = {}
    for path, text in (("small", "x" * 10), ("large", "x" * 30)):
        client.ask("p", {"p": path, "d": {"k": text}})
        known = data_hash(View(from_json({"k": text})))
        client.told.clear()
        client.ask("q", {"p": path, "h": known})
        pushes[path] = [message["b"]["d"] for message in client.told if message.get("a") == "d"]
    assert pushes == {"small": [], "large": [{"k": "x" * 30}]}


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=6,
)
ODD_PATHS = st.one_of(st.text(max_size=8), st.sampled_from(["", "a", "/a/b", "a/.priority", ".info/x", "a" * 800]))
ODD_VALUES = st.one_of(
    JSON, st.sampled_from([{".sv": {"increment": 1e308}}, {".value": 1, ".priority": "p"}, {"/": 1}])
)
ODD_QUERIES = st.one_of(
    JSON, st.dictionaries(st.sampled_from(["sp", "sn", "sin", "ep", "en", "ein", "l", "vf", "i"]), JSON)
)
BODIES = st.one_of(
    JSON,
    st.fixed_dictionaries(
        {"p": ODD_PATHS},
        optional={"d": ODD_VALUES, "q": ODD_QUERIES, "t": JSON, "h": JSON, "cred": JSON, "authvar": JSON},
    ),
)


@pytest.mark.slow
@settings(max_examples=400)
@given(st.lists(st.tuples(st.sampled_from([*ACTIONS, "zz"]), BODIES), min_size=1, max_size=5))
def test_ours_whatever_is_asked_is_answered_with_a_status(asked: list[tuple[str, Any]]) -> None:
    client = Client(database())
    for action, body in asked:
        answer = client.ask(action, body)
        assert answer.keys() == {"s", "d"}
        assert answer["s"] in {"ok", *STATUS.values()}
        assert answer["s"] == "ok" or isinstance(answer["d"], str)
    client.session.end()
