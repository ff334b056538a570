"""The pure parts of the WebSocket protocol: frames, hashes, query objects, the farewell queue."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.database.errors import BadRequest
from emulators.database.json_form import from_json
from emulators.database.keys import BadKey
from emulators.database.query import LAST_KEY, Bound, OrderBy, Query
from emulators.database.tree import View
from emulators.database.websocket.farewell import MAX_BYTES, MAX_OPERATIONS, Farewell
from emulators.database.websocket.frames import MAX_FRAME, MAX_MESSAGE_CHARACTERS, Assembler, BadFrame, encode, pieces
from emulators.database.websocket.hashes import data_hash
from emulators.database.websocket.wire_query import read_query


def test_spec_hash_depends_on_the_order_by_priority() -> None:
    first = from_json({"a": {".value": 1, ".priority": 2}, "b": {".value": 1, ".priority": 1}})
    second = from_json({"a": {".value": 1, ".priority": 1}, "b": {".value": 1, ".priority": 2}})
    assert data_hash(View(first)) != data_hash(View(second))


def received(frames: list[str]) -> list[dict[str, Any]]:
    """The messages that these frames carry."""
    assembler = Assembler()
    return [message for frame in frames if (message := assembler.take(frame)) is not None]


MESSAGES = st.fixed_dictionaries(
    {"t": st.sampled_from("cd"), "d": st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3)}
)


@settings(max_examples=100)
@given(st.lists(st.tuples(MESSAGES, st.booleans()), max_size=5))
def test_ours_messages_survive_frames_and_keep_alives(messages: list[tuple[dict[str, Any], bool]]) -> None:
    frames = [frame for message, idle in messages for frame in (*pieces(encode(message)), *(["0"] if idle else []))]
    assert received(frames) == [message for message, _ in messages]


def test_spec_a_long_message_is_announced_and_cut() -> None:
    message = {"t": "d", "d": {"x": "é" * (2 * MAX_FRAME)}}
    frames = pieces(encode(message))
    assert [len(frame) for frame in frames] == [1, MAX_FRAME, MAX_FRAME, 22]
    assert frames[0] == "3"
    assert received(frames) == [message]


def test_spec_a_piece_that_looks_like_a_count_is_a_piece() -> None:
    assert received(["3", '{"d": {"n": ', "42", "}}"]) == [{"d": {"n": 42}}]


BAD_FRAMES: list[tuple[str, list[str], str]] = [
    ("no JSON", ["{"], "The message is not JSON."),
    ("no object", ["[1,2,3]"], "The message is not an object with the object 'd' in it."),
    ("nothing in it", ['{"t":"d"}'], "The message is not an object with the object 'd' in it."),
    ("endless nesting", ["[" * 100_000], "The message is not JSON."),
    (
        "more than a client may write",
        ["2", "x" * MAX_MESSAGE_CHARACTERS, "x"],
        "The message is over 16777216 characters, the most a client may write.",
    ),
]


@pytest.mark.parametrize(("sentence", "frames", "message"), BAD_FRAMES, ids=[row[0] for row in BAD_FRAMES])
def test_ours_bad_frames_are_refused(sentence: str, frames: list[str], message: str) -> None:
    with pytest.raises(BadFrame) as caught:
        received(frames)
    assert str(caught.value) == message


QUERIES: list[tuple[str, Any, Query | None]] = [
    ("no query", None, None),
    ("an empty query asks for everything", {}, None),
    ("an order alone asks for everything", {"i": "height"}, None),
    ("limitToFirst", {"l": 2, "vf": "l", "i": ".key"}, Query(OrderBy.KEY, limit=2)),
    ("limitToLast", {"l": 2, "vf": "r"}, Query(OrderBy.PRIORITY, limit=2, from_end=True)),
    (
        "startAt and endAt of a child",
        {"sp": 1, "sin": True, "ep": 5, "ein": True, "i": "info/age"},
        Query(OrderBy.CHILD, ("info", "age"), Bound(1), Bound(5)),
    ),
    (
        "startAfter comes with the last key of its value",
        {"sp": 1, "sn": "[MAX_NAME]", "sin": False, "i": ".value"},
        Query(OrderBy.VALUE, start=Bound(1, inclusive=False)),
    ),
    (
        "endBefore comes with the first key of its value",
        {"ep": "m", "en": "[MIN_NAME]", "ein": False, "i": "name"},
        Query(OrderBy.CHILD, ("name",), end=Bound("m", inclusive=False)),
    ),
    (
        "a bound with a key",
        {"sp": None, "sn": "k1", "sin": False, "i": "name"},
        Query(OrderBy.CHILD, ("name",), start=Bound(None, "k1", inclusive=False)),
    ),
    (
        "the last key of a value, included",
        {"ep": 1, "en": "[MAX_NAME]", "ein": True},
        Query(OrderBy.PRIORITY, end=Bound(1, LAST_KEY)),
    ),
    ("a range of keys", {"sp": "a", "sin": True, "i": ".key"}, Query(OrderBy.KEY, start=Bound("a"))),
]


@pytest.mark.parametrize(("sentence", "wire", "expected"), QUERIES, ids=[row[0] for row in QUERIES])
def test_spec_query_object(sentence: str, wire: Any, expected: Query | None) -> None:
    assert read_query(wire) == expected


BAD_QUERIES: list[tuple[str, Any]] = [
    ("no object", [1]),
    ("an unknown field", {"limit": 1}),
    ("an index that is no string", {"i": 1}),
    ("an empty index", {"i": "/"}),
    ("an index that is no path", {"i": "a.b"}),
    ("a limit of zero", {"l": 0}),
    ("a limit that is a boolean", {"l": True}),
    ("a side of its own", {"l": 1, "vf": "x"}),
    ("a bound that is an object", {"sp": {}}),
    ("a bound's key that is a number", {"sp": 1, "sn": 2}),
    ("inclusiveness that is no boolean", {"sp": 1, "sin": "yes"}),
    ("a bound of keys that is no key", {"sp": 1, "i": ".key"}),
]


@pytest.mark.parametrize(("sentence", "wire"), BAD_QUERIES, ids=[row[0] for row in BAD_QUERIES])
def test_ours_query_object_is_refused(sentence: str, wire: Any) -> None:
    with pytest.raises((BadRequest, BadKey)):
        read_query(wire)


Step = tuple[str, Any]
"""A path to set with its value, or a path to cancel with the value Ellipsis."""

FAREWELLS: list[tuple[str, list[Step], list[Step]]] = [
    ("operations keep their order", [("b", 1), ("a", 2)], [("b", 1), ("a", 2)]),
    ("a later set of the place replaces the earlier", [("a", 1), ("b", 2), ("a", 3)], [("b", 2), ("a", 3)]),
    ("a set forgets what was queued below it", [("a/x", 1), ("a", 2)], [("a", 2)]),
    ("a set below another is written after it", [("a", {"x": 1}), ("a/y", 2)], [("a", {"x": 1}), ("a/y", 2)]),
    ("cancel forgets the place", [("a", 1), ("b", 2), ("a", ...)], [("b", 2)]),
    ("cancel forgets what is below", [("a/x", 1), ("a/y/z", 2), ("a", ...)], []),
    ("cancel does not touch a name that only starts alike", [("ab", 1), ("a", ...)], [("ab", 1)]),
    (
        "writes to siblings of a cancelled place still occur",
        [("a", {"x": 1, "y": {"z": 2, "w": 3}}), ("a/y/z", ...)],
        [("a/x", 1), ("a/y/w", 3)],
    ),
    ("cancel below a removal keeps the removal", [("a", None), ("a/x", ...)], [("a", None)]),
    ("cancel of what was never queued", [("a", {"x": 1}), ("a/y", ...)], [("a/x", 1)]),
]


def place(text: str) -> tuple[str, ...]:
    """The path of `a/b`."""
    return tuple(text.split("/"))


@pytest.mark.parametrize(("sentence", "steps", "expected"), FAREWELLS, ids=[row[0] for row in FAREWELLS])
def test_spec_on_disconnect_queue(sentence: str, steps: list[Step], expected: list[Step]) -> None:
    farewell = Farewell()
    for path, value in steps:
        if value is ...:
            farewell.cancel(place(path))
        else:
            farewell.set(place(path), value)
    assert farewell.take() == [(place(path), value) for path, value in expected]
    assert farewell.take() == []


def test_ours_the_on_disconnect_queue_is_bounded_in_number() -> None:
    farewell = Farewell()
    for number in range(MAX_OPERATIONS):
        farewell.set((f"k{number}",), 1)
    with pytest.raises(BadRequest, match="at most 1000 onDisconnect operations"):
        farewell.set(("more",), 1)
    farewell.set(("k0",), 2)
    assert len(farewell.take()) == MAX_OPERATIONS


def test_ours_the_on_disconnect_queue_is_bounded_in_bytes() -> None:
    farewell = Farewell()
    farewell.set(("a",), "x" * (MAX_BYTES - 100))
    with pytest.raises(BadRequest, match="bytes together"):
        farewell.set(("b",), "x" * 200)
    assert [path for path, _ in farewell.take()] == [("a",)]
