"""Parameters to plans and plans to answers, in memory: the language of the API ("spec") and our choices ("ours")."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kindling.errors import ApiError
from kindling.query import memory, parse
from kindling.query.operators import split_commas
from kindling.query.order import SortKey, arrange, behind, position
from kindling.query.table import Table
from kindling.store.records import Collection, Record, kinds

from tests.api import BIG_NEW_MOVIE, TURN_IT_DOWN, USERS

MIXED: list[dict[str, Any]] = [
    {"v": None},
    {"v": False},
    {"v": True},
    {"v": -1.5},
    {"v": 2},
    {"v": 10},
    {"v": "10"},
    {"v": "a"},
    {"v": "ä"},
    {"v": ["a", 2]},
    {"v": {"x": 1}},
    {"w": 1},
]
DATES: list[dict[str, Any]] = [
    {"day": "2013-01-18", "tags": ["a", "b"]},
    {"day": "2013-01-31T20:00:00Z", "tags": ["b,c"]},
    {"day": "2013-02-01", "tags": []},
    {"day": "2014-01-01"},
]
CAST: list[dict[str, Any]] = [
    {"a.b": 1, "cast": [{"name": "Ann", "age": 30}, {"name": "Bob"}]},
    {"cast": [{"name": "Cy", "age": 5}], "a.b": 2},
    {"cast": [], "deep": {"er": {"x": "y"}}},
]


def collection(documents: list[dict[str, Any]], **more: Any) -> Collection:
    """The summary that a store would keep of `documents`."""
    fields: dict[str, set[str]] = {}
    for document in documents:
        for path, found in kinds(document).items():
            fields.setdefault(path, set()).update(found)
    count = len(documents)
    seen = {path: tuple(sorted(found)) for path, found in fields.items()}
    return Collection("c", 1, count, count, public=True, source=None, updated_ms=0, fields=seen, **more)


def records(documents: list[dict[str, Any]]) -> list[Record]:
    """One record a document, with ids in their order."""
    return [Record(f"k{place:03}", document, 1, 1) for place, document in enumerate(documents)]


def ask(documents: list[dict[str, Any]], query: list[tuple[str, str]], **more: Any) -> list[int]:
    """The places of the documents that a query finds, in its order."""
    found = memory.evaluate(Table(records(documents)), parse(collection(documents, **more), query))
    return [int(record.id[1:]) for record in found.records]


def pairs(query: str) -> list[tuple[str, str]]:
    """A query as it stands in a URL, without its escapes."""
    return [(name, value) for name, _, value in (part.partition("=") for part in query.split("&"))]


MOVIES = [TURN_IT_DOWN, BIG_NEW_MOVIE]

SPEC: dict[str, tuple[list[dict[str, Any]], str, list[int]]] = {
    "the email of every person named Shawn": (USERS, "name=Shawn&_select=email", [0, 2]),
    "the course's two movies, both valid, by year downwards": (MOVIES, "_sort=-year", [1, 0]),
    "on a list any element equals": (MOVIES, "info.genres=Comedy", [0]),
    "filters are ANDed and reach inside": (MOVIES, "info.genres=Comedy&info.rating__gte=6", [0]),
    "ne is true where the field is missing": (USERS, "age__ne=31", [1, 2, 3]),
    "lt compares numbers as numbers": (USERS, "age__lt=58", [0, 1]),
    "lte includes the limit": (USERS, "age__lte=31", [0, 1]),
    "gt does not include the limit": (USERS, "age__gt=31", [2]),
    "in takes any of several": (USERS, "age__in=24,58", [1, 2]),
    "nin takes none of several, and what is missing": (USERS, "age__nin=24,58", [0, 3]),
    "in has escaped commas": (DATES, "tags__in=b\\,c,zz", [1]),
    "in has escaped backslashes": ([{"v": "x\\"}, {"v": "y"}, {"v": "x,y"}], "v__in=x\\\\,y", [0, 1]),
    "a backslash before anything else is one": ([{"v": "x\\n"}, {"v": "n"}], "v__in=x\\n,y", [0]),
    "contains is a part of a text": (USERS, "email__contains=shawn@", [0, 2]),
    "contains is an element of a list, not a part of one": (DATES, "tags__contains=b", [0]),
    "startswith": (USERS, "name__startswith=Sha", [0, 2]),
    "endswith": (USERS, "name__endswith=diddle", [1]),
    "exists 1": (USERS, "age__exists=1", [0, 1, 2]),
    "exists 0": (USERS, "age__exists=0", [3]),
    "null counts as present": (MIXED, "v__exists=1", list(range(11))),
    "case matters": (USERS, "name=shawn", []),
    "_q folds case and looks anywhere": (MOVIES, "_q=ALICE smith", [0]),
    "_q wants every word": (MOVIES, "_q=alice nothing", []),
    "a mixed field is tried as JSON": (MIXED[:9], "v=10", [5]),
    "a mixed field is tried as text where it is no JSON of its kinds": (MIXED, "v=a", [7, 9]),
    "elements of a list may be of any type": (MIXED, "v=2", [4, 9]),
    "a mixed field takes JSON text for a text": (MIXED, 'v="10"', [6]),
    "a mixed field takes null": (MIXED, "v=null", [0]),
    "true is not 1": (MIXED, "v=true", [2]),
    "order of types, missing last": (MIXED, "_sort=v", list(range(12))),
    "missing is last downwards too": (MIXED, "_sort=-v", [9, 10, 8, 7, 6, 5, 4, 3, 2, 1, 0, 11]),
    "ties by id": (USERS, "_sort=name", [3, 1, 0, 2]),
    "several keys": (USERS, "_sort=name,-age", [3, 1, 2, 0]),
    "a literal dot in a name": (CAST, "a\\.b=2", [1]),
    "through lists of objects": (CAST, "cast.name=Bob", [0]),
    "a comparison through lists of objects": (CAST, "cast.age__lt=10", [1]),
    "deep": (CAST, "deep.er.x=y", [2]),
}


@pytest.mark.parametrize(("documents", "query", "found"), SPEC.values(), ids=SPEC.keys())
def test_spec_a_query_finds(documents: list[dict[str, Any]], query: str, found: list[int]) -> None:
    assert ask(documents, pairs(query)) == found


@given(st.lists(st.text("a,\\.", max_size=4), min_size=1, max_size=4))
def test_spec_every_list_of_texts_can_be_written_with_commas(parts: list[str]) -> None:
    written = ",".join(part.replace("\\", "\\\\").replace(",", "\\,") for part in parts)
    assert split_commas(written) == parts


@given(st.text("a,\\.", max_size=12))
def test_spec_whatever_is_written_with_commas_is_a_list(text: str) -> None:
    parts = split_commas(text)
    written = ",".join(part.replace("\\", "\\\\").replace(",", "\\,") for part in parts)
    assert split_commas(written) == parts


DECLARED: dict[str, tuple[str, list[int]]] = {
    "a date by its year": ("day=2013", [0, 1, 2]),
    "a date by its month": ("day=2013-01", [0, 1]),
    "not of a month": ("day__ne=2013-01", [2, 3]),
    "until a month includes it": ("day__lte=2013-01", [0, 1]),
    "after a month leaves it out": ("day__gt=2013-01", [2, 3]),
    "from a day on": ("day__gte=2013-01-31", [1, 2, 3]),
    "one of two months": ("day__in=2013-02,2014-01", [2, 3]),
}


@pytest.mark.parametrize(("query", "found"), DECLARED.values(), ids=DECLARED.keys())
def test_spec_dates_are_asked_by_prefix(query: str, found: list[int]) -> None:
    assert ask(DATES, pairs(query), declared={"day": "date"}) == found


REFUSED: dict[str, tuple[list[dict[str, Any]], str, str, str]] = {
    "an unknown field, with the one that was meant": (
        USERS,
        "nam=x",
        "nam",
        "did you mean 'name'? Its fields are: age, ",
    ),
    "an unknown field like no other": (USERS, "zzz=x", "zzz", "has no field 'zzz'. Its fields are: age, "),
    "an unknown operator": (USERS, "age__gtt=1", "age__gtt", "did you mean 'gt'? The operators are: eq, ne, lt"),
    "an unknown control parameter": (USERS, "_srot=age", "_srot", "did you mean '_sort'?"),
    "the same parameter twice": (USERS, "age=1&age=2", "age", "given more than once"),
    "a number that is none": (USERS, "age=old", "age", "age is number and 'old' is not"),
    "infinity": (USERS, "age__lt=Infinity", "age__lt", "age is number"),
    "a number too big to be one": (USERS, "age__lt=1e999", "age__lt", "age is number"),
    "an object": (MOVIES, "info=x", "info", "info is an object; ask for one of its fields"),
    "exists with something else": (USERS, "age__exists=yes", "age__exists", "neither 1 nor 0"),
    "text operators on numbers": (USERS, "age__startswith=1", "age__startswith", "works on text"),
    "no limit": (USERS, "_limit=0", "_limit", "not a number from 1 to 1000"),
    "a limit over the cap": (USERS, "_limit=1001", "_limit", "not a number from 1 to 1000"),
    "an unknown field to select": (USERS, "_select=emial", "_select", "did you mean 'email'?"),
    "an unknown field to sort by": (USERS, "_sort=-emial", "_sort", "did you mean 'email'?"),
    "a shape": (USERS, "_shape=round", "_shape", "is no shape"),
    "a time": (USERS, "_as_of=yesterday", "_as_of", "is no time"),
    "what is gone, of the past": (USERS, "_as_of=2026-01-01&_gone=1", "_gone", "means nothing beside _as_of"),
    "an unknown field to count by": (USERS, "_distinct=nmae", "_distinct", "did you mean 'name'?"),
    "any field of a collection that is empty": ([], "name=x", "name", "nothing was stored in it yet"),
    "garbage for a cursor": (USERS, "_after=xyz", "_after", "no cursor of this API"),
    "no word": (USERS, "_q= ", "_q", "no word"),
    "more words than are looked for": (USERS, "_q=" + " ".join(map(str, range(21))), "_q", "21 words; at most 20"),
    "more keys than are sorted by": (USERS, "_sort=" + ",".join(["age"] * 9), "_sort", "9 keys; at most 8"),
    "two things that do not go together": (
        USERS,
        "_distinct=name&_limit=3",
        "_limit",
        "means nothing beside _distinct",
    ),
    "a date": (DATES, "day=18.1.2013", "day", "write it as 2013, 2013-01"),
}


@pytest.mark.parametrize(("documents", "query", "where", "what"), REFUSED.values(), ids=REFUSED.keys())
def test_spec_a_mistake_is_400_and_says_what_exists(
    documents: list[dict[str, Any]], query: str, where: str, what: str
) -> None:
    declared = {"day": "date"} if documents is DATES else {}
    with pytest.raises(ApiError) as caught:
        ask(documents, pairs(query), declared=declared)
    assert caught.value.status == 400
    assert [found for found, _ in caught.value.errors] == [where]
    assert what in caught.value.errors[0][1]


def test_spec_every_mistake_is_told_at_once() -> None:
    with pytest.raises(ApiError) as caught:
        ask(USERS, pairs("nope=1&_srt=2&age=x"))
    assert [where for where, _ in caught.value.errors] == ["nope", "_srt", "age"]


def test_spec_a_page_has_a_hundred_unless_it_is_asked_for_more() -> None:
    documents = [{"n": 1}] * 101
    assert [len(ask(documents, query)) for query in ([], [("_limit", "101")])] == [100, 101]


@pytest.mark.parametrize("name", ["f{}", "nope{}"], ids=["of fields", "of no fields"])
def test_spec_more_than_twenty_filters_are_refused_and_not_read(name: str) -> None:
    documents = [{f"f{n}": 1 for n in range(21)}]
    with pytest.raises(ApiError) as caught:
        ask(documents, [("_nope", "1"), *((name.format(n), "1") for n in range(21))])
    assert caught.value.errors == (("", "21 filters; at most 20"),)


def test_ours_a_field_with_an_operators_ending_is_reached_as_eq() -> None:
    documents = [{"size": 1, "size__lt": 7}, {"size": 9}]
    assert ask(documents, [("size__lt", "5")]) == [0]
    assert ask(documents, [("size__lt__eq", "7")]) == [0]


@pytest.mark.parametrize(
    ("sort", "ids"),
    [("_first_seen", "acb"), ("-_first_seen", "bca"), ("_changed_at", "bac"), ("-_changed_at", "cab"), ("-_id", "cba")],
)
def test_ours_records_are_sorted_by_what_is_known_of_them(sort: str, ids: str) -> None:
    known = [Record("a", {}, 1, 7), Record("b", {}, 3, 5), Record("c", {}, 2, 9)]
    found = memory.evaluate(Table(known), parse(collection([{}] * 3), [("_sort", sort)]))
    assert "".join(record.id for record in found.records) == ids


def test_ours_a_declared_price_has_its_parts_before_one_was_stored() -> None:
    assert ask([], [("price.amount__lt", "5")], declared={"price": "price"}) == []


def test_spec_distinct_counts_values_and_elements_of_lists() -> None:
    plan = parse(collection(DATES), [("_distinct", "tags")])
    assert memory.evaluate(Table(records(DATES)), plan).values == [
        {"value": "a", "count": 1},
        {"value": "b", "count": 1},
        {"value": "b,c", "count": 1},
    ]


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.text("ab10é", max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("xy"), inner, max_size=2),
    max_leaves=4,
)
documents_of_any_kind: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.dictionaries(st.sampled_from(["x", "y", "z"]), json_values, max_size=3), max_size=12
)
TYPE_ORDER = [type(None), bool, (int, float), str]


def naive_rank(document: dict[str, Any], name: str) -> tuple[Any, ...]:
    """The order law written down a second time."""
    if name not in document:
        return (9,)
    value = document[name]
    place = next((n for n, kind in enumerate(TYPE_ORDER) if isinstance(value, kind)), 8)  # type: ignore[arg-type]  # a tuple of types is one
    return (place,) if place in (0, 8) else (place, value)


@given(documents_of_any_kind, st.sampled_from(["x", "y"]), st.booleans())
def test_spec_sorting_is_the_order_law_with_ties_by_id(
    documents: list[dict[str, Any]], name: str, descending: bool
) -> None:
    key = SortKey(name, (name,), descending)
    found = [record.document for record in arrange(records(documents), [key])]
    there = [one for one in documents if name in one]
    expected = sorted(there, key=lambda one: naive_rank(one, name), reverse=descending)
    assert [json.dumps(one) for one in found] == [
        json.dumps(one) for one in [*expected, *(one for one in documents if name not in one)]
    ]


@given(documents_of_any_kind, st.lists(st.tuples(st.sampled_from("xyz"), st.booleans()), max_size=3))
def test_spec_what_lies_behind_a_record_is_what_follows_it(
    documents: list[dict[str, Any]], keys: list[tuple[str, bool]]
) -> None:
    sort = [SortKey(name, (name,), descending) for name, descending in keys]
    ordered = arrange(records(documents), sort)
    assert [behind(ordered, position(record, sort), sort) for record in ordered] == list(range(1, len(ordered) + 1))


@given(documents_of_any_kind, st.integers(1, 4), st.sampled_from(["x", "-x", "y,-x", "-_id"]))
@settings(max_examples=60)
def test_spec_pages_glued_together_are_the_whole(documents: list[dict[str, Any]], limit: int, sort: str) -> None:
    summary = collection([*documents, {"x": 1, "y": 1}])
    whole = memory.evaluate(Table(records(documents)), parse(summary, [("_sort", sort), ("_limit", "1000")])).records
    glued: list[Record] = []
    query = [("_sort", sort), ("_limit", str(limit))]
    plan = parse(summary, query)
    for _ in range(len(documents) + 1):
        page = memory.evaluate(Table(records(documents)), plan)
        glued += page.records
        if not page.more:
            break
        plan = parse(summary, [*query, ("_after", plan.cursor(page.records[-1]))])
    assert glued == list(whole)


def test_spec_a_cursor_belongs_to_its_query() -> None:
    plan = parse(collection(USERS), [("_sort", "age")])
    token = plan.cursor(records(USERS)[0])
    for other in ([("_sort", "-age")], [("_sort", "age"), ("name", "Shawn")], []):
        with pytest.raises(ApiError, match="belongs to another query"):
            parse(collection(USERS), [*other, ("_after", token)])
    assert parse(collection(USERS), [("_sort", "age"), ("_limit", "3"), ("_after", token)]).after is not None


@given(st.text(max_size=40))
def test_spec_garbage_for_a_cursor_is_400(text: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse(collection(USERS), [("_after", text)])
    assert caught.value.status == 400
