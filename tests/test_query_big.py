"""Big collections on the real store and database: an index or memory give the same page, or 422 names the index."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kindling.errors import ApiError
from kindling.query import Found, Snapshots, memory, newest, parse, reading, search, snapshots
from kindling.store import Collection, Record, Store, Write
from kindling.store.records import Records

from tests.stores import live_store

pytestmark = pytest.mark.slow

NOW = 1_700_000_000_000
SIZE = 120
INDEX = ["year", "title", "info.rating", "many"]
BOUND = 50  # less than half of the documents: what does not narrow well must be refused


def documents() -> dict[str, dict[str, Any]]:
    """Documents with ties, missing fields, every type, long texts, lists."""
    chance = random.Random(7)
    made: dict[str, dict[str, Any]] = {}
    for number in range(SIZE):
        document: dict[str, Any] = {"number": number, "many": number % 2}
        if number % 5:
            document["year"] = 1990 + number % 11
        if number % 7 == 0:
            document["year"] = chance.choice([None, True, False, "1999", "x"])
        if number % 3:
            document["title"] = chance.choice(["a", "ab", "b", "é", "x" * 300 + str(number), "long" * 80])
        if number % 4:
            document["info"] = {"rating": chance.choice([0, -1.5, 6.2, 1e9, 7])}
        if number % 6 == 0:
            document["tags"] = chance.choice([["a"], ["b", "a"], []])
        made[f"k{number:03}"] = document
    return made


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """A store that holds the documents, with indexes."""
    with live_store() as found, pytest.MonkeyPatch.context() as patch:
        # small bounds stand for big collections: every path of the planner is taken with few documents
        patch.setattr(snapshots, "READ_MAX", 10)
        patch.setattr(reading, "READ_MAX", BOUND)
        patch.setattr(reading, "CHUNK_MAX", 7)
        writes = [Write("put", key, document) for key, document in documents().items()]
        found.save("c", writes, by="test", now_ms=NOW)
        found.settings("c", index=INDEX, by="test", now_ms=NOW)
        yield found


def summary(store: Store) -> Collection:
    found = store.collection("c")
    assert found is not None
    assert set(found.slots) == set(INDEX)
    return found


def ask(store: Store, query: list[tuple[str, str]]) -> Found:
    collection = summary(store)
    return search(store, collection, parse(collection, query), Snapshots())


def expected(store: Store, query: list[tuple[str, str]]) -> Found:
    """The same over all documents in memory."""
    everything = [Record(key, document, NOW, NOW) for key, document in documents().items()]
    return memory.once(everything, parse(summary(store), query))


def ids(found: Found) -> list[str]:
    return [record.id for record in found.records]


SORTS = ["year", "-year", "title", "-title", "info.rating", "-info.rating", "_id", "-_id", "year,title", ""]
FILTERS = [
    ("year", "1995"),
    ("year__in", "1991,1993,2000"),
    ("year__gte", "1998"),
    ("year__lt", "1993"),
    ("year__ne", "1995"),
    ("year__exists", "0"),
    ("year__exists", "1"),
    ("title", "ab"),
    ("title__startswith", "x"),
    ("title__startswith", "long" * 70),
    ("title__gt", "b"),
    ("info.rating__lte", "0"),
    ("info.rating__gt", "6"),
    ("tags", "a"),
    ("number__lt", "60"),
    ("_q", "ab"),
]


@settings(max_examples=150)
@given(
    sort=st.sampled_from(SORTS),
    filters=st.lists(st.sampled_from(FILTERS), max_size=3, unique_by=lambda pair: pair[0]),
    limit=st.integers(1, 12),
    count=st.booleans(),
)
def test_spec_a_planned_query_equals_a_naive_filter_or_names_an_index(
    store: Store, sort: str, filters: list[tuple[str, str]], limit: int, count: bool
) -> None:
    query = [*filters, ("_limit", str(limit))]
    query += [("_sort", sort)] * bool(sort) + [("_count", "1")] * count
    try:
        found = ask(store, query)
    except ApiError as error:
        if (error.status, error.kind) == (422, "needs-index"):
            return
        raise
    wanted = expected(store, query)
    assert (ids(found), found.more, found.total) == (ids(wanted), wanted.more, wanted.total)


@pytest.mark.parametrize("sort", ["year", "-year", "title", "-title", "-info.rating", "_id", "-_id", "-many"])
@pytest.mark.parametrize("limit", [1, 7, 13])
def test_spec_pages_of_an_index_glued_together_are_the_whole(store: Store, sort: str, limit: int) -> None:
    wanted = ids(expected(store, [("_sort", sort), ("_limit", "1000")]))
    collection = summary(store)
    query = [("_sort", sort), ("_limit", str(limit))]
    glued: list[str] = []
    plan = parse(collection, query)
    for _ in range(SIZE):
        found = search(store, collection, plan, Snapshots())
        glued += ids(found)
        if not found.more:
            break
        plan = parse(collection, [*query, ("_after", plan.cursor(found.resume or found.records[-1]))])
    assert glued == wanted


SERVED: dict[str, list[tuple[str, str]]] = {
    "everything by id": [("_limit", "30")],
    "everything by an indexed field": [("_sort", "-year"), ("_limit", "20")],
    "a range by its own field": [("year__gte", "1995"), ("_sort", "year"), ("_limit", "5")],
    "one value by id": [("many", "1"), ("_limit", "5")],
    "a narrow filter in any order": [("year", "1995"), ("_sort", "-number,title")],
    "a narrow filter and others in memory": [("year", "1995"), ("tags__exists", "0"), ("_q", "ab")],
    "values of what an index narrows": [("year", "1995"), ("_distinct", "title")],
}


@pytest.mark.parametrize("query", SERVED.values(), ids=SERVED.keys())
def test_spec_an_index_serves(store: Store, query: list[tuple[str, str]]) -> None:
    found, wanted = ask(store, query), expected(store, query)
    assert (ids(found), found.values) == (ids(wanted), wanted.values)


NEEDS: dict[str, tuple[list[tuple[str, str]], list[str], str]] = {
    "a filter without an index": ([("number", "5")], ["number"], "declare an index on number: PATCH /save_data/c"),
    "an order without an index": ([("_sort", "number")], ["number"], "declare an index on number"),
    "a filter that leaves too many": ([("many", "1"), ("_sort", "number,title")], [], "leaves too many"),
    "words alone": ([("_q", "ab")], [], "no index can serve it"),
    "an element of a list": ([("tags", "a")], [], "no index can serve it"),
    "values of everything": ([("_distinct", "title")], [], "no index can serve it"),
}


@pytest.mark.parametrize(("query", "index", "what"), NEEDS.values(), ids=NEEDS.keys())
def test_spec_what_no_index_serves_is_422_and_names_it(
    store: Store, query: list[tuple[str, str]], index: list[str], what: str
) -> None:
    with pytest.raises(ApiError) as caught:
        ask(store, query)
    assert (caught.value.status, caught.value.kind, caught.value.more) == (422, "needs-index", {"index": index})
    assert what in caught.value.detail


@pytest.mark.parametrize(("sort", "first", "second"), [("year", [21], [22]), ("-year", [22, 8], [8, 22])])
def test_spec_a_page_of_an_index_reads_little_more_than_itself(
    store: Store, monkeypatch: pytest.MonkeyPatch, sort: str, first: list[int], second: list[int]
) -> None:
    read: list[int] = []
    by_slot = store.by_slot

    def counted(*args: Any, **more: Any) -> Records:
        found = by_slot(*args, **more)
        read.append(len(found))
        return found

    monkeypatch.setattr(store, "by_slot", counted)
    page = [("_sort", sort), ("_limit", "20")]
    found = ask(store, page)
    assert (len(found.records), read) == (20, first)
    read.clear()
    after = parse(summary(store), page).cursor(found.records[-1])
    assert (len(ask(store, [*page, ("_after", after)]).records), read) == (20, second)


def test_ours_the_newest_of_a_big_collection_come_from_the_log(store: Store) -> None:
    for step, key in enumerate(("k005", "k007", "k005", "k119"), 1):
        store.save("c", [Write("merge", key, {"touched": step})], by="test", now_ms=NOW + step)
    try:
        collection = summary(store)
        found = newest(store, collection, parse(collection, [("_limit", "3")]), Snapshots())
        assert ids(found)[:3] == ["k119", "k005", "k007"]
        with pytest.raises(ApiError, match="declare an index on number"):
            newest(store, collection, parse(collection, [("number", "5")]), Snapshots())
    finally:
        writes = [Write("put", key, document) for key, document in documents().items()]
        store.save("c", writes, by="test", now_ms=NOW + 9)
