"""Definitions written back: what `dump` writes is read as the same source, for any source there can be."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from kindling import sources
from kindling.errors import SourceInvalid
from kindling.sources import text

pytestmark = pytest.mark.slow

WORDS = st.text("abcdefgh_é", min_size=1, max_size=8).filter(lambda word: word[0] not in "_")
ODD = st.sampled_from(
    "yes|no|null|~|1e3|0x1F|007|1_000|12:30|2020-01-01|#a|- x|a: b|'|é\u2028| a|?|\x85|a\nb|True|.5|+1".split("|")
)
CSS = st.sampled_from(["a", "h1 > b", "& + tr .x", "&::attr(id)", "#id", "a::html", "*", 'a[href$=".x"]', "p:has(b)"])
PATHS = st.sampled_from(["a", "a.b", "items[*].x", '"odd name"', "x[?a > `1`] | [0]", "@"])
EVERY = st.sampled_from(["5m", "90m", "6h", "7d"])


def fields(select: st.SearchStrategy[str], depth: int = 2) -> st.SearchStrategy[dict[str, Any]]:
    """Fields of a definition, nested ones included."""
    leaf = st.fixed_dictionaries(
        {"select": select},
        optional={
            "type": st.sampled_from([type_ for type_ in sources.TYPES if type_ != "price"]),
            "required": st.booleans(),
            "list": st.booleans(),
            "default": st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-5, 5) | WORDS | ODD,
            "match": st.sampled_from(["(\\d+)", "^a$", "\\\\", "x|y"]),
            "map": st.dictionaries(WORDS | ODD, st.none() | st.integers(0, 9) | ODD, min_size=1, max_size=3),
            "locale": st.sampled_from(["nl", "en-GB"]),
            "timezone": st.just("Europe/Amsterdam"),
            "currency": st.just("EUR"),
        },
    )
    inner = select | leaf
    if depth:
        inner |= st.fixed_dictionaries(
            {"select": select, "fields": fields(select, depth - 1)}, optional={"list": st.booleans()}
        )
    return st.dictionaries(WORDS, inner, min_size=1, max_size=3)


COMMON = {
    "collection": st.sampled_from(["other", "books"]),
    "public": st.booleans(),
    "missing": st.sampled_from(["mark", "delete", "keep"]),
    "history": st.just("90d"),
    "enabled": st.booleans(),
    "limits": st.fixed_dictionaries({}, optional={"pages": st.integers(1, 9), "seconds": st.integers(1, 9)}),
    "locale": st.just("de"),
    "timezone": st.just("UTC"),
    "encoding": st.just("windows-1251"),
    "headers": st.dictionaries(
        st.sampled_from(["Accept", "X-Y"]), st.sampled_from(["a: b", "Bearer {x}", "no"]), min_size=1
    ),
    "next": st.fixed_dictionaries(
        {"page": st.just("?p={n}"), "from": st.integers(0, 3)}, optional={"step": st.integers(1, 3)}
    ),
}
URLS = st.sampled_from(["https://a.example/?q=1&b=#x", "/demo/a.html"])
DEFINITIONS = st.one_of(
    st.fixed_dictionaries(
        {"url": URLS, "every": EVERY, "fields": fields(CSS)}, optional={**COMMON, "records": st.just("li > a")}
    ),
    st.fixed_dictionaries(
        {
            "url": st.lists(URLS, min_size=2, max_size=2, unique=True),
            "cron": st.just("0 6 * * 1-5"),
            "format": st.just("json"),
        },
        optional={**COMMON, "records": PATHS, "fields": fields(PATHS)},
    ),
    st.fixed_dictionaries(
        {"url": URLS, "format": st.just("csv")},
        optional={"delimiter": st.sampled_from([";", "\t"]), "columns": st.lists(WORDS, min_size=1, unique=True)},
    ),
    st.fixed_dictionaries(
        {"url": URLS, "format": st.just("feed")},
        optional={"fields": st.dictionaries(WORDS, st.none() | st.sampled_from(["link", "published"]), min_size=1)},
    ),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])  # a definition has many parts to draw
@given(DEFINITIONS)
def test_a_source_written_and_read_again_is_the_same(definition: dict[str, Any]) -> None:
    source = sources.parse(json.dumps(definition), "books")
    written = sources.dump(source)
    again = sources.parse(written, "books")
    assert again == source
    assert sources.dump(again) == written
    assert again.digest() == source.digest()


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | ODD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6) | ODD, inner, max_size=3),
    max_leaves=10,
)  # fmt: skip


@settings(max_examples=150)
@given(st.dictionaries(WORDS, PLAIN, max_size=3))
@example({"a": 2**64 + 1})
def test_any_plain_value_written_as_yaml_is_read_as_itself(value: dict[str, Any]) -> None:
    assert text.read(text.write(value)).value == value


@settings(max_examples=150)
@given(st.text(max_size=80) | st.text("{}[]:,-&*!|>'\"#%@` \n\tab1~?<", max_size=60), st.booleans())
def test_any_text_is_a_source_or_invalid(written: str, saved: bool) -> None:
    try:
        sources.parse(written, "books", saved=saved)
    except SourceInvalid as error:
        invalid = error
    else:
        return
    assert invalid.problems
    assert all(problem.what for problem in invalid.problems)
