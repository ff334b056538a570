"""From values to records: what is required, what a key does, ids, nested objects, helper fields, followed pages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kindling import extract, sources
from kindling.extract import Details
from kindling.extract.records import key_text
from kindling.flow import Extraction, Reject, Row
from kindling.values import encode_id

from tests.extracting import URL, page, read

ROWS = "<li><b>A</b><i>1</i><li><b>B</b><i>x</i><li><b>C</b>"

MISSING = [
    ("optional: the value is left out, a bad one is counted", "i: {select: i, type: integer}",
     [{"b": "A", "i": 1}, {"b": "B"}, {"b": "C"}], [Reject("i: not a number", "i", "x")]),
    ("required: the record is left out and counted", "i: {select: i, type: integer, required: true}",
     [{"b": "A", "i": 1}], [Reject("i: not a number", "i", "x"), Reject("i: missing", "i")]),
    ("default: for what is missing, not for what is bad", "i: {select: i, type: integer, default: 0}",
     [{"b": "A", "i": 1}, {"b": "B"}, {"b": "C", "i": 0}], [Reject("i: not a number", "i", "x")]),
    ("default: for a text without what match looks for", "i: {select: i, match: '(\\d)', type: integer, default: 0}",
     [{"b": "A", "i": 1}, {"b": "B", "i": 0}, {"b": "C", "i": 0}], [Reject("i: no match", "i", "x")]),
    ("exists: is never missing", "i: {select: i, type: exists}",
     [{"b": "A", "i": True}, {"b": "B", "i": True}, {"b": "C", "i": False}], []),
    ("match: its group, and what does not match is counted", "i: {select: i, match: '(\\d)'}",
     [{"b": "A", "i": "1"}, {"b": "B"}, {"b": "C"}], [Reject("i: no match", "i", "x")]),
    ("map: what is not in it is counted", "i: {select: i, map: {x: null}}",
     [{"b": "A"}, {"b": "B", "i": None}, {"b": "C"}], [Reject("i: not in map", "i", "1")]),
    ("list: what is bad is left out of it", "i: {select: 'b, i', list: true, type: integer}",
     [{"b": "A", "i": [1]}, {"b": "B"}, {"b": "C"}],
     [Reject("i: not a number", "i", t) for t in ("A", "B", "x", "C")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "expected", "rejects"), [row[1:] for row in MISSING], ids=[row[0] for row in MISSING]
)
def test_a_value_that_is_not_there_or_bad(field: str, expected: list[dict[str, object]], rejects: list[Reject]) -> None:
    found = read(f"records: li\nfields:\n  b: b\n  {field}", ROWS)
    assert ([row.document for row in found.rows], list(found.rejects), found.seen) == (expected, rejects, 3)


def test_hits_count_the_records_that_each_field_was_found_in() -> None:
    definition = "records: li\nfields: {b: b, i: {select: i, type: integer}, o: {fields: {n: i, z: u}}}"
    assert read(definition, ROWS).hits == {"b": 3, "i": 1, "o.n": 2, "o.z": 0}


def test_records_without_anything_are_counted_and_left_out() -> None:
    found = read("records: li\nfields: {u: u}", "<li><u>x</u><li>y")
    assert (len(found.rows), found.rejects) == (1, (Reject("nothing found"),))


IDS = [
    ("the key's text", "key: b", ["A", "B"]),
    ("a key of two fields", "key: [b, n]", ["A_1", "B_2"]),
    ("a key that is a number", "key: n", [encode_id("1"), encode_id("2")]),
    ("a nested key", "key: o.b", ["A", "B"]),
]


@pytest.mark.parametrize(("key", "ids"), [row[1:] for row in IDS], ids=[row[0] for row in IDS])
def test_an_id_is_made_of_the_key(key: str, ids: list[str]) -> None:
    definition = f"records: li\n{key}\nfields: {{b: b, n: {{select: i, type: integer}}, o: {{fields: {{b: b}}}}}}"
    assert [row.id for row in read(definition, "<li><b>A</b><i>1</i><li><b>B</b><i>2</i>").rows] == ids


def test_of_equal_keys_the_first_record_counts() -> None:
    found = read("records: li\nkey: b\nfields: {b: b, i: i}", "<li><b>A</b><i>1</i><li><b>A</b><i>2</i><li>")
    assert [row.document for row in found.rows] == [{"b": "A", "i": "1"}]
    assert found.rejects == (Reject("duplicate key", example="A"), Reject("b: missing", "b"))


def test_without_a_key_a_record_is_known_by_what_it_holds_and_a_page_by_its_address() -> None:
    several = read("records: li\nfields: {b: b}", "<li><b>A</b><li><b>B</b>")
    again = read("records: li\nfields: {b: b}", "<li><b>B</b>")
    assert several.rows[1].id == again.rows[0].id != several.rows[0].id
    assert [row.id for row in read("fields: {b: b}", "<b>A</b>").rows] == [encode_id(URL)]


PARTS = st.lists(st.text('a_-[]",.', max_size=4), min_size=2, max_size=2)


@given(PARTS, PARTS)
def test_different_keys_have_different_ids(one: list[str], other: list[str]) -> None:
    assert (key_text(one) == key_text(other)) == (one == other)


def test_nested_fields_are_objects_and_lists_of_objects() -> None:
    definition = """records: article
fields:
  author: {select: .by, fields: {name: b, born: {select: i, type: date}}}
  links: {select: a, list: true, fields: {text: "&", to: {select: "&::attr(href)", type: url}}}
"""
    html = (
        "<article><p class=by><b>N</b></p><a href=/x>X</a><a href=/y>Y</a></article><article><a href=/z>Z</a></article>"
    )
    assert [row.document for row in read(definition, html).rows] == [
        {
            "author": {"name": "N"},
            "links": [
                {"text": "X", "to": "https://example.org/x"},
                {"text": "Y", "to": "https://example.org/y"},
            ],
        },
        {"links": [{"text": "Z", "to": "https://example.org/z"}]},
    ]


def test_a_field_that_begins_with_an_underscore_helps_and_is_not_stored() -> None:
    definition = "records: li\nkey: _n\nfields: {_n: i, b: b}"
    assert read(definition, "<li><b>A</b><i>n1</i>").rows == (Row("n1", {"b": "A"}),)


FOLLOWED = """url: https://example.org/
records: li
key: u
fields: {u: {select: a::attr(href), type: url}}
follow: {url: u, fields: {text: p, year: {select: .y, type: integer, required: true}, _help: i}}
"""


def test_the_page_to_follow_is_the_fields_address_and_only_a_web_page() -> None:
    source = sources.parse(FOLLOWED, "s")
    found = extract.extract(page("<li><a href=/a>x</a><li><a href=mailto:a@b.example>x</a>"), source)
    assert [row.follow for row in found.rows] == ["https://example.org/a", None]


def test_a_followed_page_gives_its_part_of_the_document() -> None:
    source = sources.parse(FOLLOWED, "s")
    assert extract.extract_details(page("<p>T<b class=y>1999</b><i>h</i>"), source) == Details(
        {"text": "T1999h", "year": 1999}, (), {"text": 1, "year": 1, "_help": 1}
    )


def test_a_followed_page_without_a_required_field_gives_none_and_the_reason() -> None:
    found = extract.extract_details(page("<p>T"), sources.parse(FOLLOWED, "s"))
    assert found == Details(None, (Reject("year: missing", "year"),), {"text": 1, "year": 0, "_help": 0})


def test_one_record_more_than_the_limit_tells_that_there_were_more() -> None:
    found = read("records: li\nfields: {t: '&'}\nlimits: {records: 2}", "".join(f"<li>{n}" for n in range(9)))
    assert (len(found.rows), found.seen) == (3, 3)


def test_a_page_in_no_declared_encoding_is_told_of() -> None:
    found = read("fields: {t: p}", b"<p>\xe4")
    assert found == Extraction(
        rows=(Row(encode_id(URL), {"t": "ä"}),),
        seen=1,
        hits={"t": 1},
        warnings=(f"{URL} names no encoding and is not UTF-8: read as windows-1252; say another with encoding:",),
    )
