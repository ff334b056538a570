"""The formats beside HTML: JSON, JSON-LD, tables, CSV, feeds, and a source's own script."""

from __future__ import annotations

import importlib
import inspect
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kindling import extract, sources
from kindling.errors import SourceInvalid
from kindling.extract import Unreadable, html
from kindling.pageformats import PAGE_FORMATS, SCRIPT, PageFormat
from kindling.sources import jmes, keys

from tests.extracting import documents, page, read

RSS = """<?xml version="1.0" encoding="iso-8859-1"?><rss version="2.0"><channel><title>T</title>
<item><title>A &amp; b</title><link>https://example.org/1</link><guid isPermaLink="false">g1</guid>
<pubDate>Mon, 06 Sep 2010 00:01:00 +0200</pubDate><description>&lt;p&gt;hi&lt;script&gt;x()&lt;/script&gt;</description>
<category>c</category><category>d</category>
<enclosure url="https://example.org/x.mp3" type="audio/mpeg" length="1"/></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><id>urn:1</id><title>x</title>
<link href="https://example.org/1"/><updated>2020-01-01T00:00:00+01:00</updated><author><name>Me</name></author>
</entry></feed>"""
JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [{"id": 1, "url": "/1", "title": "x", "date_published": "2020-01-01T00:00:00Z", "tags": ["a", "b"]}],
    }
)
TABLE = """<table><tr><td>small</table><table class=t><caption>c</caption>
<thead><tr><th rowspan=2>Name<th colspan=2>Height<tr><th>m<th>ft (x)</thead>
<tr><td><a href=/x>A</a><td>1,000<td>3<tr><th>Part two<th><th>
<tr><td rowspan=2>B<td>5<td>6<tr><td colspan=2>7</table>"""
LD = """<script type="application/ld+json">//<![CDATA[
{"@context": "https://schema.org", "@graph": [{"@type": ["Product", "Thing"], "@id": "#p", "name": "X",
 "offers": {"@type": "Offer", "price": "12.50"}}]};
//]]></script><script type="Application/LD+JSON">{bad</script>
<script type="application/ld+json">[{"@type": "http://schema.org/ItemList", "itemListElement": [
 {"@type": "ListItem", "item": {"@type": "Product", "name": "Y"}}]}]</script>"""

TAKEN: list[tuple[str, str, str, str, list[dict[str, Any]]]] = [
    ("json: computed numbers that JSON has none for are no values",
     "format: json\nfields: {id: id, n: to_number(x), all: 'xs && sum(xs)'}",
     '[{"id": 1, "x": "NaN"}, {"id": 2, "x": "1e999"}, {"id": 3, "xs": [1e308, 1e308]}, {"id": 4, "x": "5"}]', "",
     [{"id": 1}, {"id": 2}, {"id": 3}, {"id": 4, "n": 5}]),
    ("json: fields by JMESPath keep their types",
     "format: json\nrecords: items\nfields: {id: , name: {select: info.name, type: text}, "
     "tags: {select: t, list: true}}",
     '{"items": [{"id": 1, "info": {"name": "a  b"}, "t": ["x", null, "y"]}, {"id": 2, "t": "z"}, {}]}', "",
     [{"id": 1, "name": "a b", "tags": ["x", "y"]}, {"id": 2, "tags": ["z"]}]),
    ("json: a list names its own fields", "format: json",
     '[{"a": 1, "_b": "x", "c.d": [1]}, {"a": "2", "e": null}]', "",
     [{"a": 1, "b": "x", "c.d": [1]}, {"a": "2"}]),
    ("json: an object is one record", "format: json", '{"a": {"b": null}}', "", [{"a": {"b": None}}]),
    ("json: objects inside are nested fields",
     "format: json\nfields: {cast: {select: cast, list: true, fields: {name: , age: {type: integer}}}}",
     '{"cast": [{"name": "A", "age": "5"}, {"name": "B", "age": "x"}, {"other": 1}]}', "",
     [{"cast": [{"name": "A", "age": 5}, {"name": "B"}]}]),
    ("json: by its content type", "records: data\nfields: {n: n}", '{"data": [{"n": "x"}]}', "application/vnd.api+json",
     [{"n": "x"}]),
    ("jsonld: a type wherever it stands",
     "format: jsonld\nrecords: Product\nfields: {name: , price: {select: offers.price, type: price, currency: EUR}}",
     LD, "",
     [{"name": "X", "price": {"amount": 12.5, "currency": "EUR"}}, {"name": "Y"}]),
    ("table: the header names the fields, cells that span stand in each place", "format: table", TABLE, "",
     [{"name": "A", "height_m": "1,000", "height_ft_x": "3"}, {"name": "B", "height_m": "5", "height_ft_x": "6"},
      {"name": "B", "height_m": "7", "height_ft_x": "7"}]),
    ("table: columns by their text, a link of a cell",
     "format: table\nlocale: en\nrecords: table.t\nfields: {n: Name, u: {select: 'Name::attr(href)', type: url}, "
     "m: {select: Height m, type: integer}, odd: 'Name::attr(a]b)'}", TABLE, "",
     [{"n": "A", "u": "https://example.org/x", "m": 1000}, {"n": "B", "m": 5}, {"n": "B", "m": 7}]),
    ("table: without th the first row is the header", "format: table",
     "<table><tr><td>A b<td>A b<tr><td>1<td>2</table>", "", [{"a_b": "1", "a_b_2": "2"}]),
    ("csv: columns by name, quotes, semicolons, an empty line",
     'format: csv\ndelimiter: ";"\nlocale: de\nfields: {name: , price: {select: "Preis €", type: number}}',
     'Name;Preis €\r\n"A;\nx";1,5\r\nB;\r\n\r\nC;2.000,00\r\n', "text/csv",
     [{"name": "A; x", "price": 1.5}, {"name": "B"}, {"name": "C", "price": 2000.0}]),
    ("csv: by its content type, with tabs", "format: csv", "a\tb c\n1\t2\n", "text/tab-separated-values",
     [{"a": "1", "b_c": "2"}]),
    ("csv: a file without header line", "format: csv\ncolumns: [x, y]", "1,2\n", "text/csv", [{"x": "1", "y": "2"}]),
    ("feed: RSS, its HTML cleaned, its date with its offset", "format: feed", RSS, "application/rss+xml",
     [{"id": "g1", "title": "A & b", "link": "https://example.org/1", "summary": "<p>hi",
       "published": "2010-09-06T00:01:00+02:00", "tags": ["c", "d"], "enclosure": "https://example.org/x.mp3"}]),
    ("feed: Atom", "format: feed", ATOM, "application/atom+xml",
     [{"id": "urn:1", "title": "x", "link": "https://example.org/1", "author": "Me",
       "updated": "2020-01-01T00:00:00+01:00"}]),
    ("feed: JSON Feed", "format: feed", JSON_FEED, "application/feed+json",
     [{"id": "1", "title": "x", "link": "https://example.org/1", "published": "2020-01-01T00:00:00+00:00",
       "tags": ["a", "b"]}]),
    ("feed: declared fields", "format: feed\nkey: day\nfields: {day: {select: published, type: date}}", RSS, "",
     [{"day": "2010-09-06"}]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("definition", "body", "media_type", "expected"), [row[1:] for row in TAKEN], ids=[row[0] for row in TAKEN]
)
def test_a_format_gives_its_records(
    definition: str, body: str, media_type: str, expected: list[dict[str, Any]]
) -> None:
    assert documents(definition, body, media_type or "text/html") == expected


UNREADABLE = [
    ("json: a page that is none", "format: json", "<p>", "https://example.org/shop/list is not JSON"),
    ("json: numbers beyond a double", "format: json", "[1e999]", "a number is too big"),
    ("json: nesting without end", "format: json", "[" * 100_000, "nested too deep"),
    ("table: a column that is gone", "format: table\nfields: {a: Price}", "<table><tr><th>Cost<tr><td>1</table>",
     "no column 'Price'; its columns are Cost"),
    ("table: a page without one", "format: table", "<p>", "the page has no table"),
    ("table: what is no table", "format: table\nrecords: div\nfields: {a: b}", "<div>", "elements that are no tables"),
    ("csv: a quote that is left open", "format: csv", 'a\n"b\n', "is not CSV"),
    ("csv: a column that is gone", "format: csv\nfields: {b: }", "a\n1\n", "no column 'b'; its columns are a"),
    ("feed: no feed", "format: feed", "<html><p>x", "is no RSS, Atom or JSON feed"),
    ("feed: JSON of another kind", "format: feed", "{}", "no JSON Feed"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("definition", "body", "reason"), [row[1:] for row in UNREADABLE], ids=[r[0] for r in UNREADABLE]
)
def test_a_page_that_is_not_of_its_format_says_why(definition: str, body: str, reason: str) -> None:
    with pytest.raises(Unreadable) as raised:
        read(definition, body)
    assert reason in str(raised.value)


NOTED = [
    ("jsonld: a block that is no JSON", "format: jsonld", LD,
     "1 of 3 blocks of JSON-LD are not JSON and were left out"),
    ("csv: lines longer than the header", "format: csv", "a\n1,2\n", "1 lines have more values than the 1 columns"),
    ("csv: more columns than a person oversees", "format: csv", ",".join(f"c{n}" for n in range(201)) + "\n",
     "201 columns; the first 200 are taken"),
    ("feed: XML that is not well-formed", "format: feed", RSS.replace("</channel>", ""),
     "https://example.org/shop/list is not well-formed XML; it was read as far as it can be"),
]  # fmt: skip


@pytest.mark.parametrize(("definition", "body", "warning"), [row[1:] for row in NOTED], ids=[row[0] for row in NOTED])
def test_what_a_person_should_look_at_is_a_warning(definition: str, body: str, warning: str) -> None:
    assert read(definition, body).warnings == (warning,)


NEXTS = [
    ("json: an address in the page", "format: json\nrecords: a\nnext: more", '{"a": [{"b": 1}], "more": "?p=2"}',
     "https://example.org/shop/list?p=2"),
    ("json: a cursor put together", "format: json\nrecords: a\nnext: \"c && join('', ['?c=', c])\"",
     '{"a": [{"b": 1}], "c": "x"}', "https://example.org/shop/list?c=x"),
    ("json: a cursor that is not there", "format: json\nrecords: a\nnext: \"join('', ['?c=', c])\"",
     '{"a": [{"b": 1}]}', None),
    ("page numbers from the first page", 'format: json\nnext: {page: "?p={n}", from: 2}', '[{"b": 1}]',
     "https://example.org/shop/list?p=2"),
    ("page numbers end where no records are", 'format: json\nnext: {page: "?p={n}", from: 2}', "[]", None),
    ("jsonld: the link of the page around it", "format: jsonld\nnext: a[rel=next]",
     f'{LD}<a rel=next href="?p=2">', "https://example.org/shop/list?p=2"),
]  # fmt: skip


@pytest.mark.parametrize(("definition", "body", "url"), [row[1:] for row in NEXTS], ids=[row[0] for row in NEXTS])
def test_the_next_page(definition: str, body: str, url: str | None) -> None:
    assert read(definition, body).next == url


def test_page_numbers_are_counted_from_the_address_that_was_asked_for() -> None:
    source = sources.parse(
        'url: https://a.example/l\nformat: json\nnext: {page: "/l/{n}/", from: 20, step: 20, to: 60}', "s"
    )
    walked, url = [], "https://a.example/l"
    for _ in range(9):
        found = extract.extract(page('[{"a": 1}]', url="https://a.example/moved"), source, list_url=url)
        if found.next is None:
            break
        url = found.next
        walked.append(url)
    assert walked == ["https://a.example/l/20/", "https://a.example/l/40/", "https://a.example/l/60/"]


def scripted(tmp_path: Path, code: str, definition: str = "") -> sources.Source:
    """A source with a script of its own."""
    (tmp_path / "x.py").write_text(code)
    (tmp_path / "shop.yaml").write_text(f"url: https://example.org/\nextract: x.py\n{definition}")
    return sources.load(tmp_path / "shop.yaml")


def test_a_script_yields_records_that_pass_the_same_checks(tmp_path: Path) -> None:
    code = "def extract(soup, url):\n    for a in soup.select('a'):\n        yield dict(u=a['href'], n=a.text, x={1})\n"
    definition = "key: u\nfields: {u: {type: url}, n: {type: integer, required: true}, x: }"
    found = extract.extract(
        page("<a href=/q>5</a><a href=/q>6</a><a href=/r>x</a>"), scripted(tmp_path, code, definition)
    )
    assert [row.document for row in found.rows] == [{"u": "https://example.org/q", "n": 5, "x": [1]}]
    assert [reject.reason for reject in found.rejects] == ["duplicate key", "n: not a number"]


SCRIPTS = [
    ("what it raises, with its line", "def extract(soup, url):\n    x = 1\n    return [{}['href']]\n",
     ":3: KeyError: 'href'"),
    ("what it exits with", "def extract(soup, url):\n    raise SystemExit(3)\n", ":2: SystemExit: 3"),
    ("that it has no function", "x = 1\n", " has no function extract(soup, url)"),
    ("that it yields no dicts", "def extract(soup, url):\n    return ['a']\n",
     ": extract must yield dicts with text as keys"),
    ("that it fails when it is loaded", "1/0\n", ":1: ZeroDivisionError: division by zero"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "reason"), [row[1:] for row in SCRIPTS], ids=[row[0] for row in SCRIPTS])
def test_a_script_that_fails_is_told(tmp_path: Path, code: str, reason: str) -> None:
    with pytest.raises(Unreadable) as raised:
        extract.extract(page("<p>"), scripted(tmp_path, code))
    assert str(raised.value).startswith(f"{tmp_path / 'x.py'}{reason}")


EVERY = pytest.mark.parametrize("row", [*PAGE_FORMATS.values(), SCRIPT], ids=lambda row: row.name)


@EVERY
def test_every_format_has_a_reader_that_is_opened_as_that_of_html_is(row: PageFormat) -> None:
    reader = importlib.import_module(f"kindling.extract.{row.reader}")
    assert inspect.signature(reader.opened) == inspect.signature(html.opened)


@EVERY
def test_a_key_that_belongs_to_a_format_is_a_key(row: PageFormat) -> None:
    assert row.keys - set(keys.SOURCE_KEYS) == set()


def test_a_content_type_means_one_format() -> None:
    words = [word for row in PAGE_FORMATS.values() for word in row.media_types]
    assert len(words) == len(set(words))


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=15,
)


@settings(max_examples=80)
@given(JSONS)
def test_any_json_gives_documents_of_json(value: Any) -> None:
    for row in read("format: json", json.dumps(value)).rows:
        assert json.loads(json.dumps(row.document, allow_nan=False)) == row.document


@pytest.mark.parametrize("format_", ["json", "jsonld", "table", "csv", "feed"])
def test_any_bytes_are_records_or_unreadable(format_: str) -> None:
    starts = {
        "json": b"[",
        "jsonld": b'<script type="application/ld+json">{',
        "table": b"<table><tr><td>",
        "csv": b"a,b\n",
    }

    @settings(max_examples=40)
    @given(st.binary(max_size=150))
    def law(body: bytes) -> None:
        for whole in (body, starts.get(format_, b"<rss><channel><item>") + body):
            try:
                found = read(f"format: {format_}", whole)
            except Unreadable:
                continue
            assert found.seen >= len(found.rows)

    law()


GROWING = (
    ("a list doubled again and again", "|".join(["[@, @][]"] * 10), "1,024 times"),
    ("parts of parts of parts", "{a: [@, @, @, @, @], b: [@, @, @, @, @]} | [@, @, @, @, @] | [@, @, @]", "150 times"),
    ("each element again and again in a function",
     "map(&[@, @, @, @, @], map(&[@, @, @, @, @], [@, @, @, @, @]))", "125 times"),
    ("a glue that the page gives", "join(title, items)", "the glue of join"),
    ("a long glue", f"join('{'-' * 21}', items)", "the glue of join"),
)  # fmt: skip


@pytest.mark.parametrize(("expression", "why"), [row[1:] for row in GROWING], ids=[row[0] for row in GROWING])
def test_an_expression_that_makes_much_of_little_is_refused(expression: str, why: str) -> None:
    with pytest.raises(SourceInvalid, match=why):
        read(f'format: json\nrecords: "{expression}"\nfields: {{a: a}}', b"[]", "application/json")


def test_an_honest_expression_of_many_parts_is_taken() -> None:
    parts = ", ".join(f"f{n}: f{n}.{{a: a, b: b, c: c}}" for n in range(20))
    body = b'{"items": [{"f1": {"a": 1}, "tags": ["x", "y"]}]}'
    text = """format: json\nrecords: items\nfields: {f1: f1.a, tags: "join(', ', tags[0:2])"}"""
    found = documents(text, body, "application/json")
    assert found == [{"f1": 1, "tags": "x, y"}]
    assert jmes.parse(f"items[].{{{parts}}}").search({"items": []}) == []
