"""Big documents: a query reads no more bytes than it may, whole pages follow one another all the same, an answer of the
database that is too big to be taken is asked for in smaller parts, and no more bytes are kept than may be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from kindling.errors import ApiError
from kindling.query.plan import parse
from kindling.query.reading import CHUNK_MIN
from kindling.query.search import search
from kindling.query.snapshots import Snapshots
from kindling.store import Record, Store, Write

from tests.stores import live_store

DOCUMENTS = 40
BIG = "x" * 10_000


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with live_store() as made:
        writes = [Write("put", f"d{n:02}", {"n": n % 3, "text": BIG}) for n in range(DOCUMENTS)]
        made.save("big", writes, by="test", now_ms=1)
        made.settings("big", index=["n"], by="test", now_ms=1)
        yield made


@pytest.fixture
def read(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The records that each read brings, where a query may read eight documents and an answer may hold twelve."""
    monkeypatch.setattr("kindling.query.reading.READ_MAX_BYTES", 8 * len(BIG) + 1_000)
    monkeypatch.setattr("kindling.store.wire.ANSWER_MAX_BYTES", 12 * (len(BIG) + 500))
    brought: list[int] = []
    for name in ("records", "by_slot"):
        asked = getattr(store, name)

        def count(*args: Any, asked: Any = asked, **options: Any) -> list[Record]:
            found: list[Record] = asked(*args, **options)
            brought.append(len(found))
            return found

        monkeypatch.setattr(store, name, count)
    return brought


def pages(store: Store, **parameters: str) -> Iterator[list[str]]:
    """The ids of each page of a query."""
    after: dict[str, str] = {}
    for _ in range(DOCUMENTS):
        summary = store.collection("big")
        assert summary is not None
        plan = parse(summary, list({**parameters, **after}.items()))
        found = search(store, summary, plan, Snapshots())
        yield [record.id for record in found.records]
        if not found.more:
            return
        after = {"_after": plan.cursor(found.resume or found.records[-1])}
    raise AssertionError("the pages do not end")


@pytest.mark.parametrize("sort", ["", "_id", "-_id", "n", "-n"])
def test_pages_of_big_documents_are_short_and_together_the_whole(store: Store, read: list[int], sort: str) -> None:
    parts = list(pages(store, _limit="30", **({"_sort": sort} if sort else {})))
    assert sorted(record for part in parts for record in part) == [f"d{n:02}" for n in range(DOCUMENTS)]
    assert all(0 < len(part) <= 9 for part in parts[:-1])
    assert max(read) <= 12


def test_a_filter_that_would_read_too_many_bytes_names_its_index_and_reads_no_more_than_it_may(
    store: Store, read: list[int]
) -> None:
    with pytest.raises(ApiError) as refused:
        list(pages(store, text__contains="y"))
    assert (refused.value.status, refused.value.kind) == (422, "needs-index")
    assert sum(read) <= 8 + CHUNK_MIN


def test_of_collections_that_are_kept_the_one_not_asked_for_longest_makes_room(store: Store) -> None:
    store.save("small", [Write("put", "d", {"text": BIG})], by="test", now_ms=1)
    big, small = store.collection("big"), store.collection("small")
    assert big is not None
    assert small is not None
    for limit, stays in ((DOCUMENTS * len(BIG), False), (2 * DOCUMENTS * len(BIG), True)):
        kept = Snapshots(limit)
        first = kept.get(store, big)
        assert kept.get(store, big) is first
        kept.get(store, small)
        assert (kept.get(store, big) is first) is stays
