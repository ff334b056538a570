"""What is kept with a collection changes no answer: orders, written items, and numbers compared as doubles."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kindling.query import memory, operators, parse
from kindling.query.fields import Field
from kindling.query.table import GROUPINGS_MAX, ORDERS_MAX, Table
from kindling.serve.pages import page
from kindling.slots import slot_prefix

from tests.test_query import collection, records

DOCUMENTS = [{"n": number % 7, "m": -number, "t": f"t{number % 3}"} for number in range(40)]
SORTS = ["n", "-n", "m", "-m", "t,-n", "-t,m", "_id", "-_id", "n,t,m", "-n,-t"]
SHAPES: list[list[tuple[str, str]]] = [
    [],
    [("_select", "n")],
    [("_omit", "t")],
    [("_meta", "1")],
    [("_omit", "_id")],
    [("t", "t1")],
    [("n__gte", "3"), ("_count", "1")],
    [("_distinct", "n")],
]

questions = st.lists(st.tuples(st.sampled_from(SORTS), st.sampled_from(SHAPES)), min_size=1, max_size=12)


def answered(table: Table, query: list[tuple[str, str]]) -> tuple[Any, ...]:
    """All that a client would see of the first page."""
    summary = collection(DOCUMENTS)
    plan = parse(summary, query)
    found = memory.evaluate(table, plan)
    made = page(summary, plan, found)
    return made.parts, made.items, made.next, made.total, found.values


@given(questions)
def test_ours_no_question_changes_the_answer_of_another(asked: list[tuple[str, list[tuple[str, str]]]]) -> None:
    kept = Table(records(DOCUMENTS))
    for sort, shape in asked:
        ordered = [] if ("_distinct", "n") in shape else [("_sort", sort), ("_limit", "9")]
        query = [*shape, *ordered]
        assert answered(kept, query) == answered(Table(records(DOCUMENTS)), query)


def test_ours_items_are_written_as_they_are_shown() -> None:
    parts, items, *_ = answered(Table(records(DOCUMENTS)), [])
    assert [json.loads(part) for part in parts] == items


def test_ours_orders_are_bounded() -> None:
    table = Table(records(DOCUMENTS))
    for sort in SORTS:
        answered(table, [("_sort", sort)])
    assert 0 < len(table._orders) <= ORDERS_MAX < len(SORTS)


NUMBER = Field("v", ("v",), frozenset({"number"}), "number", dated=False, listed=False)
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0, 0.0, -0.0, 2**53, 1])
others = st.booleans() | st.none() | st.text(max_size=3) | st.lists(st.integers(), max_size=2)


@pytest.mark.parametrize("op", COMPARISONS)
@given(value=numbers | others, limit=numbers)
def test_ours_a_comparison_of_numbers_is_that_of_their_ranks(op: str, value: Any, limit: Any) -> None:
    one, other = slot_prefix(value), slot_prefix(limit)
    expected = one[0] == other[0] and COMPARISONS[op](one, other)
    made = operators.condition(NUMBER, op, json.dumps(limit))
    assert operators.test(made)({"v": value}) is expected


def test_ours_groups_are_bounded() -> None:
    table = Table(records(DOCUMENTS))
    for sort in SORTS:
        answered(table, [("t", "t1"), ("_sort", sort)])
    assert 0 < len(table._groupings) <= GROUPINGS_MAX < len(SORTS)


@given(st.sampled_from(SORTS), st.sampled_from(["t0", "t2", "none"]))
def test_ours_a_group_is_what_a_filter_leaves(sort: str, text: str) -> None:
    table = Table(records(DOCUMENTS))
    keys = parse(collection(DOCUMENTS), [("_sort", sort)]).sort
    assert list(table.holding(keys, "t", text)) == [one for one in table.arranged(keys) if one.document["t"] == text]
