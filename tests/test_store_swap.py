"""A conditional write begins with what this process wrote a moment ago, and is as right as one that reads first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from kindling.store import Store
from kindling.store.client import Database
from kindling.store.recent import KEPT_MAX, KEPT_S, Recent, Seen

PATH = "hosts/h"


@pytest.fixture
def looked(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The paths that a swap read."""
    paths: list[str] = []
    look = Database.look

    def counting(database: Database, path: str, known: Seen | None = None) -> Callable[[], Seen]:
        paths.append(path)
        return look(database, path, known)

    monkeypatch.setattr(Database, "look", counting)
    yield paths
    store.database.update({PATH: None})


def count_up(node: Any) -> Any:
    return {"fence": (node or {"fence": 0})["fence"] + 1}


def test_ours_what_was_just_written_is_not_read_again(store: Store, looked: list[str]) -> None:
    database = store.database
    assert [database.swap(PATH, count_up)["fence"] for _ in range(3)] == [1, 2, 3]
    assert looked == [PATH]
    assert database.get(PATH) == {"fence": 3}


def test_ours_what_another_wrote_meanwhile_is_seen(store: Store, looked: list[str]) -> None:
    database = store.database
    database.swap(PATH, count_up)
    database.update({PATH: {"fence": 41}})
    assert database.swap(PATH, count_up) == {"fence": 42}
    assert looked == [PATH, PATH]


def test_ours_nothing_is_left_alone_because_of_what_is_no_longer_there(store: Store, looked: list[str]) -> None:
    database = store.database
    database.swap(PATH, lambda _: {"held": True})
    database.update({PATH: {"held": False}})
    taken = database.swap(PATH, lambda node: None if node["held"] else {"held": True})
    assert taken == {"held": True}
    assert database.swap(PATH, lambda node: None if node["held"] else {"held": True}) is None
    assert looked == [PATH] * 3


def test_ours_values_are_remembered_for_a_while_and_not_too_many() -> None:
    now_s = [0.0]
    recent = Recent(lambda: now_s[0])
    seen = Seen({"a": 1}, "tag")
    recent.keep("a", seen)
    assert (recent.take("a"), recent.take("a")) == (seen, None)
    recent.keep("a", seen)
    now_s[0] = KEPT_S
    assert recent.take("a") is None
    for number in range(KEPT_MAX + 1):
        recent.keep(str(number), seen)
    assert (recent.take("0"), recent.take("1")) == (None, seen)
