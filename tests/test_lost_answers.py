"""A write that was carried out and whose answer was lost: done once, logged once, told as done."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import count
from typing import NamedTuple

import pytest
from kindling.errors import ApiError, Unavailable, Unsure
from kindling.serve.problems import UNSURE, from_exception
from kindling.store import Record, Store, Write
from kindling.store.keys import Key, Keys

from tests.live import database
from tests.lossy import Lossy, lossy
from tests.stores import live_store

NOW_MS = 1_800_000_000_000
_names = (f"c{number}" for number in count())


class Rig(NamedTuple):
    """A store behind a way on which answers get lost, and another beside it whose answers do not."""

    way: Lossy
    store: Store
    beside: Store


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """Both on one database."""
    with database() as host, lossy(host) as way, live_store(way.host) as store, live_store(host) as beside:
        yield Rig(way, store, beside)


def save(store: Store, name: str, *writes: Write) -> list[str]:
    """The ids of what was saved."""
    return store.save(name, writes, by="key:test", now_ms=NOW_MS).ids


def documents(store: Store, name: str) -> dict[str, object]:
    """What is kept, by id."""
    return {record.id: record.document for record in store.records(name, limit=100)}


def log(store: Store, name: str) -> list[tuple[str, str]]:
    """The change log as (what, id)."""
    return [(change.op, change.id) for change in store.changes(name, limit=100)]


def absent(record: Record | None) -> None:
    """As If-None-Match: * asks."""
    if record is not None:
        raise ApiError(412, "It is there.")


def first(record: Record | None) -> None:
    """As an If-Match of what was there before asks."""
    if record is None or record.document != {"n": 1}:
        raise ApiError(412, "It is another.")


def nobody(_store: Store, _name: str) -> None:
    """Nothing."""


def another(store: Store, name: str) -> object:
    """Somebody else's write, right behind the one whose answer is lost."""
    return save(store, name, Write("put", "other", {"n": 9}))


MEANWHILE = {"nobody else writes": nobody, "somebody else writes at once": another}
WRITES = {
    "a new document under a made id": Write("put", None, {"n": 2}),
    "a document under an id that must be free": Write("put", "free", {"n": 2}, absent),
    "a document in the place of one that was seen": Write("put", "seen", {"n": 2}, first),
    "some fields of one that was seen": Write("merge", "seen", {"n": 2}, first),
}


@pytest.mark.parametrize("meanwhile", MEANWHILE.values(), ids=MEANWHILE.keys())
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_ours_a_write_whose_answer_was_lost_is_done_once_and_told_as_done(
    rig: Rig, write: Write, meanwhile: Callable[[Store, str], object]
) -> None:
    name = next(_names)
    save(rig.beside, name, Write("put", "seen", {"n": 1}))
    rig.way.lose("PATCH", meanwhile=lambda: meanwhile(rig.beside, name))
    [key] = save(rig.store, name, write)
    others = {} if meanwhile is nobody else {"other": {"n": 9}}
    assert rig.way.lost == 1
    assert documents(rig.beside, name) == {"seen": {"n": 1}, key: {"n": 2}, **others}
    assert log(rig.beside, name) == [
        ("added", "seen"),
        ("changed" if key == "seen" else "added", key),
        *(("added", other) for other in others),
    ]
    summary = rig.beside.collection(name)
    assert summary is not None
    assert (summary.count, summary.version) == (len(documents(rig.beside, name)), 2 + len(others))


def test_ours_what_somebody_else_changed_behind_a_lost_answer_stays(rig: Rig) -> None:
    save(rig.beside, "behind", Write("put", "a", {"n": 1}))
    rig.way.lose("PATCH", meanwhile=lambda: save(rig.beside, "behind", Write("put", "a", {"n": 3})))
    assert save(rig.store, "behind", Write("merge", "a", {"n": 2})) == ["a"]
    assert documents(rig.beside, "behind") == {"a": {"n": 3}}


def test_ours_a_removal_whose_answer_was_lost_was_one(rig: Rig) -> None:
    save(rig.beside, "gone", Write("put", "a", {"n": 1}))
    rig.way.lose("PATCH", meanwhile=lambda: another(rig.beside, "gone"))
    rig.store.remove("gone", "a", forget=False, check=first, by="key:test", now_ms=NOW_MS)
    assert log(rig.beside, "gone") == [("added", "a"), ("removed", "a"), ("added", "other")]


def test_ours_a_write_that_got_no_answer_at_all_is_told_as_done_where_it_is_seen_to_be(rig: Rig) -> None:
    rig.way.lose("PATCH", times=3)
    assert save(rig.store, "seen", Write("put", "a", {"n": 1})) == ["a"]
    assert log(rig.beside, "seen") == [("added", "a")]


def test_ours_a_write_of_which_nothing_can_be_seen_says_that_it_may_have_been_done(rig: Rig) -> None:
    rig.way.lose("PATCH", meanwhile=lambda: rig.way.lose("GET", 3))
    with pytest.raises(Unavailable) as caught:
        save(rig.store, "unsure", Write("put", "a", {"n": 1}))
    assert documents(rig.beside, "unsure") == {"a": {"n": 1}}
    assert json.loads(from_exception(caught.value, "here").body)["detail"] == UNSURE


def test_ours_a_key_of_which_no_answer_came_is_not_told_as_refused(rig: Rig) -> None:
    rig.way.lose("PUT")
    with pytest.raises(Unsure, match="may have been done"):
        Keys(rig.store.database).add(Key("pandas", "read", None, NOW_MS))
    assert [key.name for key in Keys(rig.beside.database).all()] == ["pandas"]
