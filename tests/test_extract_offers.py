"""What a page offers: each kind of thing once, and that what is offered works when it is saved as it stands."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kindling import extract, sources
from kindling.extract import Offer

from tests.extracting import URL, page

CARDS = "".join(
    f'<div class="card n{n}"><h2>Book {n}</h2><a class=more href="/b/{n}">more</a> <i>£{n}.50</i></div>'
    for n in range(5)
)
TABLE = "<table id=t><tr><th>Name<th>Size<tr><td>a<td>1<tr><td>b<td>2<tr><td>c<td>3</table>"
LD = '<script type="application/ld+json">[{"@type": "Event", "name": "a"}, {"@type": "Event", "name": "b"}]</script>'
PLAIN = "<ul>" + "".join(f'<li><b>Book {n}</b> <a href="/b/{n}">more</a>' for n in range(3)) + "</ul>"
LINKED = '<link rel="alternate" type="application/atom+xml" href="/feed.xml">'

KINDS = [
    ("blocks that repeat", CARDS, "text/html",
     Offer("repeated",
           {"url": URL, "every": "1d", "records": "div.card", "key": "url",
            "fields": {"title": "h2", "url": {"select": "a.more::attr(href)", "type": "url"}, "i": "i"}},
           5, ({"title": "Book 0", "url": "https://example.org/b/0", "i": "£0.50"},
               {"title": "Book 1", "url": "https://example.org/b/1", "i": "£1.50"},
               {"title": "Book 2", "url": "https://example.org/b/2", "i": "£2.50"}))),
    ("a list without any class", PLAIN, "text/html",
     Offer("repeated",
           {"url": URL, "every": "1d", "records": "ul > li", "key": "url",
            "fields": {"b": "b", "url": {"select": "a::attr(href)", "type": "url"}}},
           3, tuple({"b": f"Book {n}", "url": f"https://example.org/b/{n}"} for n in range(3)))),
    ("a table", TABLE, "text/html",
     Offer("table", {"url": URL, "every": "1d", "format": "table", "records": "#t"}, 3,
           ({"name": "a", "size": "1"}, {"name": "b", "size": "2"}, {"name": "c", "size": "3"}))),
    ("JSON-LD", LD, "text/html",
     Offer("jsonld", {"url": URL, "every": "1d", "format": "jsonld", "records": "Event"}, 2,
           ({"type": "Event", "name": "a"}, {"type": "Event", "name": "b"}))),
    ("a feed that the page links to", LINKED, "text/html",
     Offer("feed", {"url": "https://example.org/feed.xml", "every": "1h", "format": "feed"}, None)),
    ("a list in JSON", '{"meta": {"n": 2}, "data": {"odd name": [{"id": 1}, {"id": 2}]}}', "application/json",
     Offer("json", {"url": URL, "every": "1d", "format": "json", "records": 'data."odd name"'}, 2,
           ({"id": 1}, {"id": 2}))),
    ("a list in JSON whose name has a backslash", r'{"a\\b": [{"id": 1}, {"id": 2}]}', "application/json",
     Offer("json", {"url": URL, "every": "1d", "format": "json", "records": r'"a\\b"'}, 2, ({"id": 1}, {"id": 2}))),
    ("a table deeper than Python calls", "<div>" * 5_000 + TABLE.replace(" id=t", ""), "text/html",
     Offer("table", {"url": URL, "every": "1d", "format": "table", "records": "div > " * 99 + "table"}, 3,
           ({"name": "a", "size": "1"}, {"name": "b", "size": "2"}, {"name": "c", "size": "3"}))),
    ("CSV", "a,b\n1,2\n", "text/csv",
     Offer("csv", {"url": URL, "every": "1d", "format": "csv"}, 1, ({"a": "1", "b": "2"},))),
]  # fmt: skip


@pytest.mark.parametrize(("body", "media_type", "offer"), [row[1:] for row in KINDS], ids=[row[0] for row in KINDS])
def test_the_best_offer_of_a_page(body: str, media_type: str, offer: Offer) -> None:
    assert extract.offers(page(body, media_type))[0] == offer


def test_an_offer_is_a_source_that_gives_its_sample_again() -> None:
    whole = page(CARDS + TABLE + LD + LINKED)
    found = extract.offers(whole)
    assert {offer.kind for offer in found} == {"repeated", "feed", "table", "jsonld"}
    for offer in found:
        source = sources.parse(json.dumps(offer.definition), "offer", saved=True)
        if offer.count is not None:
            rows = extract.extract(whole, source).rows
            assert (len(rows), tuple(row.document for row in rows[:3])) == (offer.count, offer.sample)


@pytest.mark.parametrize(
    ("body", "media_type"),
    [("<p>x", "text/html"), ("{", "application/json"), ("5", "application/json"), ("", "text/csv")],
)
def test_a_page_without_records_offers_nothing(body: str, media_type: str) -> None:
    assert extract.offers(page(body, media_type)) == []


@settings(max_examples=60)
@given(
    st.binary(max_size=200) | st.text("<>/=\"' abdivtrlclass{}[]:,1", max_size=200).map(str.encode),
    st.sampled_from(["text/html", "application/json", "text/csv", "application/rss+xml", "application/x+json"]),
)
def test_any_bytes_offer_something_or_nothing(body: bytes, media_type: str) -> None:
    assert len(extract.offers(page(body, media_type))) <= 12
