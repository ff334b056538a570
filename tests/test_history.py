"""Time travel: whatever was saved, what `_as_of` gives is what was served then, and retention never breaks it."""

from __future__ import annotations

import itertools
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kindling.errors import ApiError
from kindling.query import Snapshots, history, parse, search
from kindling.query.history import document_at, records_at
from kindling.store import Store, Write, merge_patch
from kindling.store.runs import Runs
from kindling.times import iso

pytestmark = pytest.mark.slow

BEGIN = 1_700_000_000_000
KEYS = ("a", "b", "c")
_names = (f"past{n}" for n in itertools.count())

Op = Literal["put", "merge", "delete"]
_fields = st.dictionaries(
    st.sampled_from("xyz"), st.none() | st.booleans() | st.integers(0, 3) | st.just([1]), max_size=3
)
_writes = st.tuples(st.sampled_from(("put", "merge", "delete")), st.sampled_from(KEYS), _fields)
_steps = st.lists(st.tuples(st.lists(_writes, min_size=1, max_size=3), st.integers(1, 5)), min_size=1, max_size=10)


def apply(served: dict[str, Any], op: Op, key: str, document: dict[str, Any]) -> dict[str, Any]:
    """What is served after one write: the obvious model."""
    after = {name: one for name, one in served.items() if name != key}
    if op == "put":
        after[key] = document
    if op == "merge":
        after[key] = merge_patch(served.get(key, {}), document)
    return after


@settings(max_examples=30)
@given(steps=_steps, pruned=st.integers(0, 10))
def test_spec_as_of_is_what_was_served_then_also_after_pruning(
    store: Store, steps: list[tuple[list[tuple[Op, str, dict[str, Any]]], int]], pruned: int
) -> None:
    name, now_ms = next(_names), BEGIN
    store.save(name, [Write("put", "first", {})], by="test", now_ms=now_ms)
    served: dict[str, Any] = {"first": {}}
    states = {now_ms: served}
    for writes, pause in steps:
        now_ms += pause
        for deleting, some in itertools.groupby(writes, key=lambda write: write[0] == "delete"):
            if deleting:
                for _, key, _ in some:
                    store.remove(name, key, forget=False, by="test", now_ms=now_ms)
            else:
                puts = [Write(op, key, document) for op, key, document in some if op != "delete"]
                store.save(name, puts, by="test", now_ms=now_ms)
        for write in writes:
            served = apply(served, *write)
        states[now_ms] = served
    _compare(store, name, states)
    Runs(store).prune_changes(name, sorted(states)[min(pruned, len(states) - 1)])
    collection = store.collection(name)
    assert collection is not None
    for at_ms in states:
        if at_ms < collection.floor_ms:
            with pytest.raises(ApiError) as early:
                document_at(store, collection, None, "a", at_ms)
            assert (early.value.status, early.value.kind) == (400, "too-early")
    _compare(store, name, {at_ms: state for at_ms, state in states.items() if at_ms >= collection.floor_ms})


def test_ours_a_long_log_is_read_in_parts_and_a_longer_one_is_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = next(_names)
    for number in range(6):
        store.save(name, [Write("put", "a", {"n": number})], by="test", now_ms=BEGIN + number)
    monkeypatch.setattr(history, "READ_MAX", 2)
    states = {BEGIN + number: {"a": {"n": number}} for number in range(6)}
    _compare(store, name, states)
    monkeypatch.setattr(history, "UNDO_MAX", 3)
    monkeypatch.setattr(history, "HISTORY_MAX", 3)
    _compare(store, name, {at_ms: state for at_ms, state in states.items() if at_ms > BEGIN + 2})
    collection = store.collection(name)
    assert collection is not None
    whole = parse(collection, [("_as_of", iso(BEGIN + 1))])
    for ask in (
        lambda: search(store, collection, whole, Snapshots()),
        lambda: document_at(store, collection, store.record(name, "a"), "a", BEGIN + 1),
    ):
        with pytest.raises(ApiError) as refused:
            ask()
        assert (refused.value.status, refused.value.kind) == (422, "too-big")


def _compare(store: Store, name: str, states: dict[int, dict[str, Any]]) -> None:
    collection = store.collection(name)
    assert collection is not None
    records = store.records(name, limit=99)
    for at_ms, served in states.items():
        found = {record.id: record.document for record in records_at(store, collection, records, at_ms)}
        assert found == served
        for key in KEYS:
            assert document_at(store, collection, store.record(name, key), key, at_ms) == served.get(key)
