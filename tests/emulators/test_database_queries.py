"""Indexes and subscriptions follow every write: laws, checked against doing it the slow way."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from emulators.database import indexes
from emulators.database.database import Database
from emulators.database.json_form import from_json, to_json
from emulators.database.keys import key_order
from emulators.database.listeners import Event, Merge, Put, Revoked
from emulators.database.push_ids import PushIds
from emulators.database.query import Bound, OrderBy, Query
from emulators.database.rules import parse
from emulators.database.tokens import Access
from emulators.database.tree import Tree, View
from emulators.database.triggers import Triggers

OWNER = Access(admin=True)
READ = "auth != null && root.child('open').val() === true"
RULES = json.dumps({"rules": {"items": {".read": READ, ".indexOn": ["n", "a/b", ".value"]}}})
ORDERS = [
    Query(OrderBy.KEY),
    Query(OrderBy.VALUE),
    Query(OrderBy.PRIORITY),
    Query(OrderBy.CHILD, ("n",)),
    Query(OrderBy.CHILD, ("a", "b")),
]

keys = st.sampled_from(["a", "b", "c", "1", "2", "10", "-3"])
scalars = st.sampled_from([None, True, False, 0, 1, 2, 1.5, "", "x", "10", "\U0001f600"])
items = scalars | st.fixed_dictionaries(
    {}, optional={"n": scalars, "a": st.fixed_dictionaries({"b": scalars}), ".priority": st.sampled_from([1, "p"])}
)
collections = st.dictionaries(keys, items, max_size=7)
writes = st.one_of(
    st.tuples(st.just(()), st.fixed_dictionaries({}, optional={"items": collections})),
    st.tuples(st.just(("items",)), collections),
    st.tuples(st.tuples(st.just("items"), keys), items),
    st.tuples(st.just(("items", ".priority")), st.sampled_from([None, 1, "p"])),
    st.tuples(
        st.tuples(st.just("items"), keys, st.sampled_from(["n", ".priority"])), st.sampled_from([None, 1, 2, "x"])
    ),
    st.tuples(st.tuples(st.just("items"), keys, st.just("a"), st.just("b")), scalars),
    st.tuples(st.just(("other",)), scalars),
)
updates = st.dictionaries(
    st.tuples(keys, st.sampled_from(["n", "a/b", "a"])).map("/".join), scalars, min_size=1, max_size=3
).filter(lambda update: all(not lower.startswith(upper + "/") for upper, lower in pairwise(sorted(update))))


def queries() -> st.SearchStrategy[Query]:
    def bounds(order: Query) -> st.SearchStrategy[Bound | None]:
        values = keys if order.order_by is OrderBy.KEY else scalars
        tie = st.none() if order.order_by is OrderBy.KEY else st.none() | keys
        return st.none() | st.builds(Bound, values, tie, st.booleans())

    def complete(order: Query) -> st.SearchStrategy[Query]:
        limit = st.none() | st.integers(1, 3)
        return st.builds(
            Query, st.just(order.order_by), st.just(order.child), bounds(order), bounds(order), limit, st.booleans()
        )

    return st.sampled_from(ORDERS).flatmap(complete)


def database() -> Database:
    def send(trigger: Any, event: Any) -> None:
        raise AssertionError("there is no trigger")

    return Database(
        "test",
        tree=Tree(),
        journal=None,
        rules=parse(RULES),
        clock_ms=lambda: 1_700_000_000_000,
        push_ids=PushIds(lambda below: 0),
        triggers=Triggers("test", send, print),
    )


def slowly(here: View, query: Query) -> list[str]:
    """The keys a query selects, by looking at every child."""
    ranked = sorted((query.sort_key(key, here.child(key)), key) for key in here.keys())  # noqa: SIM118 (a View is not a dict)
    found = [key for sort_key, key in ranked if query.contains(sort_key)]
    if query.limit is None:
        return found
    return found[-query.limit :] if query.from_end else found[: query.limit]


@pytest.mark.slow
@settings(max_examples=150)
@given(st.lists(st.tuples(writes, queries()), min_size=1, max_size=8))
def test_ours_an_index_that_follows_writes_selects_what_sorting_anew_does(steps: list[tuple[Any, Query]]) -> None:
    data = database()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(indexes, "SORT_ON_DEMAND", 0)  # so that few children are indexed as many are
        for (path, value), query in steps:
            data.set(path, value, OWNER)
            expected = slowly(data.view(("items",)), query)
            found = data.read(("items",), OWNER, query)
            assert list(found.keys()) == sorted(expected, key=key_order)


class Copy:
    """A subscriber that knows only what it is told."""

    def __init__(self) -> None:
        self.tree = Tree()
        self.revoked = False

    def tell(self, event: Event) -> None:
        """Apply an event."""
        if isinstance(event, Revoked):
            self.revoked = True
        elif isinstance(event, Put):
            self._put(event.path, event.view)
        elif isinstance(event, Merge):
            for key, view in event.children.items():
                self._put((*event.path, *key.split("/")), view)

    def _put(self, path: tuple[str, ...], view: View) -> None:
        raw = view.value if path[-1:] == (".priority",) else from_json(to_json(view, export=True))
        self.tree.put(path, raw)

    def shows(self) -> Any:
        return to_json(self.tree.view(), export=True)


@pytest.mark.slow
@settings(max_examples=150)
@example(
    [Query(OrderBy.VALUE, start=Bound(True, inclusive=False))],
    [(("items", "a"), True), (("items", ".priority"), 1), (("items", "a"), {"n": 1})],
    (),
)
@example(
    [Query(OrderBy.VALUE, limit=1)], [(("items",), {"1": 0}), (("items", ".priority"), 1), (("items", "a"), True)], ()
)
@given(
    st.lists(queries(), max_size=4),
    st.lists(writes | updates, max_size=8),
    st.sampled_from([(), ("items",), ("items", "a")]),
)
def test_ours_a_subscriber_that_applies_what_it_is_told_has_what_a_reader_gets(
    asked: list[Query], steps: list[Any], path: tuple[str, ...]
) -> None:
    data = database()
    copies: list[tuple[tuple[str, ...], Query | None, Copy]] = [(path, None, Copy())]
    copies += [(("items",), query, Copy()) for query in asked]
    for place, query, copy in copies:
        data.subscribe(place, query, OWNER, copy.tell)
    for step in steps:
        if isinstance(step, dict):
            data.update(("items",), step, OWNER)
        else:
            place, value = step
            data.set(place, value, OWNER)
        for place, query, copy in copies:
            assert copy.shows() == to_json(data.read(place, OWNER, query), export=True)


def noting(told: list[Any]) -> Callable[[Event], None]:
    """A subscriber that notes of each event its kind, its place, and the value or the children."""

    def tell(event: Event) -> None:
        assert not isinstance(event, Revoked)
        shown = (
            to_json(event.view)
            if isinstance(event, Put)
            else {key: to_json(view) for key, view in event.children.items()}
        )
        told.append((type(event).__name__, event.path, shown))

    return tell


def test_spec_a_put_and_a_merge_are_told_at_the_place_that_changed() -> None:
    data = database()
    told: list[Any] = []
    listener = data.subscribe(("a",), None, OWNER, noting(told))
    data.set(("a", "b", "c"), 1, OWNER)
    data.update(("a", "b"), {"d": 2, "e/f": 3}, OWNER)
    data.update((), {"a/b/c": None, "other": 1}, OWNER)
    data.update((), {"a": {"x": 1}, "other": 2}, OWNER)
    data.set(("other",), 3, OWNER)
    data.set((), None, OWNER)
    data.unsubscribe(listener)
    data.set(("a",), 9, OWNER)
    assert told == [
        ("Put", (), None),
        ("Put", ("b", "c"), 1),
        ("Merge", ("b",), {"d": 2, "e/f": 3}),
        ("Merge", (), {"b/c": None}),
        ("Put", (), {"x": 1}),
        ("Put", (), None),
    ]


def test_spec_a_limited_query_tells_who_left_and_who_came() -> None:
    data = database()
    data.set(("items",), {"a": {"n": 1}, "b": {"n": 2}, "c": {"n": 3}}, OWNER)
    told: list[Any] = []
    data.subscribe(("items",), Query(OrderBy.CHILD, ("n",), limit=2), OWNER, noting(told))
    data.set(("items", "z"), {"n": 0}, OWNER)
    data.set(("items", "a", "text"), "x", OWNER)
    data.set(("items", "c", "n"), 9, OWNER)
    data.set(("items", "z"), None, OWNER)
    assert told == [
        ("Put", (), {"a": {"n": 1}, "b": {"n": 2}}),
        ("Merge", (), {"b": None, "z": {"n": 0}}),
        ("Put", ("a", "text"), "x"),
        ("Merge", (), {"b": {"n": 2}, "z": None}),
    ]


@pytest.mark.parametrize(
    "revoke",
    [
        lambda data: data.set(("open",), False, OWNER),
        lambda data: setattr(data, "rules", parse('{"rules": {".read": false}}')),
    ],
    ids=["by data the rules look at", "by new rules"],
)
def test_spec_a_subscription_ends_when_the_rules_no_longer_allow_it(revoke: Any) -> None:
    data = database()
    data.set((), {"open": True, "items": {"a": 1}}, OWNER)
    ann, owner = Copy(), Copy()
    data.subscribe(("items",), None, Access(auth={"uid": "ann"}), ann.tell)
    data.subscribe(("items",), None, OWNER, owner.tell)
    revoke(data)
    data.set(("items", "a"), 2, OWNER)
    assert (ann.revoked, ann.shows()) == (True, {"a": 1})
    assert (owner.revoked, owner.shows()) == (False, {"a": 2})


def test_ours_no_more_indexes_are_kept_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexes, "MAX_INDEXES", 3)
    monkeypatch.setattr(indexes, "SORT_ON_DEMAND", 0)
    kept = indexes.Indexes()
    here = View(from_json({"a": {"n": 2}, "b": {"n": 1}}))
    query = Query(OrderBy.CHILD, ("n",))
    for round_ in range(2):
        for place in range(5):
            assert kept.select(here, (f"p{place}",), query) == ["b", "a"], round_
    assert len(kept._built) == 3
