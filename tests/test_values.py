"""Ids and documents as the database keeps them: what goes in comes back, and what cannot be kept is refused."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from kindling.values import (
    LEVELS_MAX,
    NotStorable,
    canonical_id,
    decode,
    decode_id,
    encode,
    encode_id,
    fingerprint,
    normal,
)


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        pytest.param("movie-1_A", "movie-1_A", id="plain ids stay"),
        pytest.param("42", "~342", id="an integer is escaped"),
        pytest.param("-7", "~2D7", id="a negative integer is escaped"),
        pytest.param("1a", "1a", id="a word that begins with a digit is none"),
        pytest.param("a/b?c=1", "a~2Fb~3Fc~3D1", id="what has a meaning in a URL is escaped"),
        pytest.param("é", "~C3~A9", id="other letters are escaped byte by byte"),
        pytest.param("~", "~7E", id="the escape itself is escaped"),
    ],
)
def test_ours_an_id_is_kept_as_it_is_or_escaped(raw: str, key: str) -> None:
    assert encode_id(raw) == key
    assert decode_id(key) == raw
    assert canonical_id(key) == key
    assert canonical_id(raw) == key


def test_an_overlong_id_keeps_a_readable_head_and_stays_apart_from_others() -> None:
    one, other = encode_id("page/" * 100 + "1"), encode_id("page/" * 100 + "2")
    assert one != other
    assert one.startswith("page~2Fpage~2F")
    assert len(one) <= 300


def test_an_empty_id_is_refused() -> None:
    with pytest.raises(NotStorable):
        encode_id("")


@example("9" * 297)
@example("9" * 298)
@example("9" * 299)
@example("-" + "9" * 299)
@given(st.text(min_size=1, max_size=60))
def test_ids_are_reversible_and_safe(raw: str) -> None:
    key = encode_id(raw)
    assert re.fullmatch(r"[A-Za-z0-9_~-]+", key)
    assert not re.fullmatch(r"-?[0-9]+", key)
    assert decode_id(key) == raw or (len(key) > 200 and raw.startswith(decode_id(key)[:-34]))
    assert len(key) <= 300


def test_an_ordinary_document_is_kept_as_it_is() -> None:
    movie = {
        "year": 2013,
        "title": "Turn It Down, Or Else!",
        "info": {"directors": ["Alice Smith", "Bob Jones"], "rating": 6.2, "seen": True},
    }
    assert encode(movie) == movie


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), _values, max_size=5))
def test_documents_come_back_equal_and_leave_nothing_the_database_would_drop(document: dict[str, Any]) -> None:
    node = encode(document)
    assert decode(node) == document
    assert _kept(node) == node
    assert normal(document) == document
    assert fingerprint(normal(document)) == fingerprint(decode(json.loads(json.dumps(node))))


def _kept(value: Any) -> Any:
    """What the database keeps of a value: null, {} and [] disappear, keys 0..n read as a list."""
    if isinstance(value, dict):
        kept = {key: _kept(inner) for key, inner in value.items()}
        kept = {key: inner for key, inner in kept.items() if inner not in (None, {}, [])}
        if kept and all(re.fullmatch(r"0|[1-9]\d*", key) for key in kept):
            return list(kept.values())
        return kept
    if isinstance(value, list):
        return [_kept(inner) for inner in value]
    return value


def test_depth_is_refused_beyond_the_limit_and_kept_up_to_it() -> None:
    def nested(levels: int) -> dict[str, Any]:
        return {"a": nested(levels - 1)} if levels > 1 else {"a": None}

    assert decode(encode(nested(LEVELS_MAX))) == nested(LEVELS_MAX)
    with pytest.raises(NotStorable, match="nested deeper than 28 levels"):
        encode(nested(LEVELS_MAX + 1))


@pytest.mark.parametrize(
    ("document", "told"),
    [
        pytest.param({"a": float("inf")}, "a: inf is not a JSON number", id="more than a double"),
        pytest.param({"a": float("-inf")}, "a: -inf is not a JSON number", id="less than a double"),
        pytest.param({"a": {"b": [float("nan")]}}, "a.b[0]: nan is not a JSON number", id="no number, inside"),
        pytest.param({"é" * 385: 1}, f"{'é' * 100}…: a field name is longer than 768 bytes", id="a name too long"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_place(document: dict[str, Any], told: str) -> None:
    with pytest.raises(NotStorable, match=f"^{re.escape(told)}"):
        encode(document)
