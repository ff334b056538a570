"""The pure tree: keys, order, JSON form, overlays."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from emulators.database.json_form import BadValue, from_json, to_json
from emulators.database.keys import (
    MAX_DEPTH,
    PRIORITY,
    BadKey,
    decode_path,
    key_of_order,
    key_order,
    parse_path,
)
from emulators.database.overlay import in_turn, overlay
from emulators.database.tree import Tree, View


def stored(value: Any) -> View:
    return View(from_json(value))


def test_spec_integer_keys_come_first_in_numeric_order_and_others_by_code_unit() -> None:
    keys = [
        "-2147483648",
        "-5",
        "0",
        "1",
        "01",
        "9",
        "10",
        "2147483647",
        "!",
        "-",
        "2147483648",
        "A",
        "a",
        "ab",
        "\U0001f600",
        "\ue000",
    ]
    assert list(stored(dict.fromkeys(reversed(keys), 1)).keys()) == keys


@pytest.mark.slow
@given(st.sets(st.text(min_size=1).filter(lambda text: not set(text) & set(".$#[]/") and text.isprintable())))
def test_ours_the_order_of_a_key_gives_the_key_back(keys: set[str]) -> None:
    assert {key_of_order(key_order(key)) for key in keys} == keys


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (1.0, 1),
        (-0.0, 0),
        (1.5, 1.5),
        (2**53, 2**53),
        (2**63 - 1, 2**63 - 1),
        (2**63, float(2**63)),
        (True, True),
        ("", ""),
    ],
    ids=str,
)
def test_ours_numbers_have_one_form(value: Any, kept: Any) -> None:
    result = to_json(stored(value))
    assert (result, type(result)) == (kept, type(kept))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({".sv": "timestamp"}, "'.sv' must stand alone in an object that is being written"),
        ({".value": 1, "a": 2}, "'.value' stands beside other children"),
        ({".value": {"a": 1}}, "'.value' must be a string, number or boolean"),
        ({".priority": True, "a": 1}, "a priority must be a string, a number or null"),
        ({".priority": {"a": 1}, "a": 1}, "a priority must be a string, a number or null"),
        (float("nan"), "not finite"),
        (float("inf"), "not finite"),
        (10**400, "not finite"),
        ("x" * (10 * 1024 * 1024 + 1), "more than 10485760 bytes"),
        ({"a": object()}, "no JSON value"),
    ],
    ids=[
        "a server value outside a write",
        "a value beside children",
        "a value that is an object",
        "a boolean priority",
        "an object as priority",
        "not a number",
        "infinity",
        "an integer beyond every double",
        "a string over ten megabytes",
        "a thing that is not JSON",
    ],
)
def test_ours_a_value_that_cannot_be_stored_is_refused_with_its_reason(value: Any, text: str) -> None:
    with pytest.raises(BadValue, match=re.escape(text)):
        from_json(value)


def test_spec_data_deeper_than_32_levels_is_refused() -> None:
    value: Any = 1
    for _ in range(MAX_DEPTH):
        value = {"a": value}
    assert to_json(stored(value)) == value
    with pytest.raises(BadValue, match="deeper than 32 levels"):
        from_json({"a": value})
    with pytest.raises(BadValue, match="deeper than 32 levels"):
        from_json(value, depth=1)


def test_ours_absurdly_deep_data_is_refused_as_plainly() -> None:
    with pytest.raises(BadValue, match="deeper than 32 levels"):
        from_json(json.loads('{"a":' * 900 + "1" + "}" * 900))


def test_spec_a_path_of_more_than_32_levels_is_refused() -> None:
    assert len(parse_path("/a" * 32)) == 32
    with pytest.raises(BadKey, match="33 levels"):
        parse_path("/a" * 33)


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ("/", ()),
        ("//a///b/", ("a", "b")),
        ("/%D0%BA/a%20b", ("к", "a b")),
        ("/a%2Fb", ("a", "b")),
        ("/a%252Fb", ("a%2Fb",)),
        ("/a+b", ("a+b",)),
        ("/a/.priority", ("a", ".priority")),
    ],
    ids=[
        "the root",
        "empty segments are dropped",
        "percent-encoded UTF-8",
        "an encoded slash separates",
        "decoded once only",
        "a plus is a plus",
        "a priority may be named",
    ],
)
def test_ours_a_url_path_is_decoded(raw: str, path: tuple[str, ...]) -> None:
    assert decode_path(raw) == path


@pytest.mark.parametrize("raw", ["/%FF", "/.priority/a", "/a/.value", "/a/%00", "/a/%2E%2E/b"])
def test_ours_a_bad_url_path_is_refused(raw: str) -> None:
    with pytest.raises(BadKey):
        decode_path(raw)


def test_spec_priorities_are_shown_in_export_form_only() -> None:
    value = {"a": {".value": 5, ".priority": "p"}, "b": {"c": 1, ".priority": 2}, "0": 1}
    view = stored(value)
    assert to_json(view) == {"0": 1, "a": 5, "b": {"c": 1}}
    assert to_json(view, export=True) == value
    assert (view.child("a").priority, view.child("b").child(".priority").value) == ("p", 2)


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        ({"a": {"b": 1}}, "a/b", None, None),
        ({"a": {"b": 1}, "c": 2}, "a/b", None, {"c": 2}),
        ({"a": 5}, "a/b", 1, {"a": {"b": 1}}),
        ({"a": 5}, "a/b", None, {"a": 5}),
        ({"a": {".value": 5, ".priority": 3}}, "a/b", 1, {"a": {"b": 1, ".priority": 3}}),
        ({"a": {".value": 5, ".priority": 3}}, "a", 6, {"a": 6}),
        ({"a": 5}, "a/.priority", 3, {"a": {".value": 5, ".priority": 3}}),
        ({"a": {".value": 5, ".priority": 3}}, "a/.priority", None, {"a": 5}),
        ({"a": 5}, "b/.priority", 3, {"a": 5}),
        ({"a": {"b": 1, ".priority": 3}}, "a/b", None, None),
        (None, "a/b/c", 1, {"a": {"b": {"c": 1}}}),
        ({"a": 1}, "", None, None),
        ({"a": 1}, "x/y", None, {"a": 1}),
    ],
    ids=[
        "a node whose last child goes disappears",
        "with its parents, up to one that has other children",
        "something below a scalar replaces the scalar",
        "nothing below a scalar changes nothing",
        "the replaced scalar's priority stays",
        "a set without priority clears it",
        "a priority is set by its path",
        "and removed by null",
        "a priority of nothing is nothing",
        "a priority goes with the last child",
        "parents are made",
        "null at the root empties it",
        "removing what is not there changes nothing",
    ],
)
def test_spec_writes(before: Any, path: str, value: Any, after: Any) -> None:
    tree = Tree(from_json(before))
    write = (parse_path(path), from_json(value))
    assert seen(overlay(tree.view(), [write])) == seen(stored(after))
    tree.put(*write)
    assert to_json(tree.view(), export=True) == after


scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "x"])
priorities = st.none() | st.integers(0, 2) | st.just("p")
some_keys = st.sampled_from(["a", "b", "0", "1", "c"])


def with_priority(value: Any, priority: Any) -> Any:
    if priority is None:
        return value
    return {**value, ".priority": priority} if isinstance(value, dict) else {".value": value, ".priority": priority}


values = st.recursive(
    st.builds(with_priority, scalars, priorities),
    lambda inner: st.builds(with_priority, st.dictionaries(some_keys, inner, max_size=3), priorities),
    max_leaves=8,
)
paths = st.lists(some_keys, max_size=3).map(tuple)


def apart(writes: list[tuple[tuple[str, ...], Any]]) -> bool:
    places = sorted(path for path, _ in writes)
    return all(lower[: len(upper)] != upper for upper, lower in pairwise(places))


def seen(view: View) -> Any:
    """Everything a view tells, by its own methods."""
    children = {key: seen(view.child(key)) for key in view.keys()}  # noqa: SIM118 (a View is not a dict)
    assert len(view) == len(children)
    assert all(view.has(key) for key in children)
    assert bool(view) is not view.is_empty
    return view.value, type(view.value), view.priority, view.is_empty, children, list(children)


priority_writes = st.tuples(paths.map(lambda path: (*path, PRIORITY)), priorities)
updates = st.lists(st.tuples(paths, values) | priority_writes, max_size=4).filter(apart)


@pytest.mark.slow
@settings(max_examples=300)
@example({"b": False, ".priority": 0}, [(("b",), None), (("a",), False)])
@example(None, [((PRIORITY,), 1), (("a",), 1)])
@given(values, updates)
def test_ours_an_overlay_shows_what_the_writes_then_do(start: Any, writes: list[tuple[tuple[str, ...], Any]]) -> None:
    tree = Tree(from_json(start))
    before = to_json(tree.view(), export=True)
    raws = [(path, value if path[-1:] == (PRIORITY,) else from_json(value)) for path, value in writes]
    foretold = seen(overlay(tree.view(), raws))
    assert to_json(tree.view(), export=True) == before
    for path, raw in in_turn(raws):
        tree.put(path, raw)
    assert foretold == seen(tree.view())


@given(values)
def test_ours_the_export_form_is_lossless(value: Any) -> None:
    once = to_json(stored(value), export=True)
    assert to_json(stored(once), export=True) == once
