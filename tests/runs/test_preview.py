"""A look at what a definition would give: whole, with why something is missing, and nothing of it stored."""

from __future__ import annotations

import pytest
from kindling.preview import preview
from kindling.run import Tools
from kindling.sources import parse
from kindling.walk import absolute, relative

from tests.faultsite import FaultSite, page


def test_a_preview_shows_records_hits_and_rejects_and_stores_nothing(site: FaultSite, tools: Tools) -> None:
    site.handlers["/"] = page(
        b"<li><b>a</b><i>1</i><a href=/a>x</a><li><b>b</b><i>many</i><a href=/b>x</a><li><b>c</b><a href=/c>x</a>"
        b"<li><i>3</i>"
    )
    site.handlers["/a"] = page(b"<p>about \xe4</p>")
    site.handlers["/c"] = page(b"<b>" * 3_000)
    definition = (
        f"url: {site.url('/')}\nevery: 1h\nrecords: li\nkey: name\n"
        "fields: {name: b, n: {select: i, type: integer}, url: {select: 'a::attr(href)', type: url}}\n"
        "follow: {url: url, every: 1d, fields: {plot: p}}\n"
    )
    told = preview(parse(definition, "preview"), tools).as_json()
    assert told == {
        "records": [{"name": "a", "n": 1, "url": site.url("/a"), "plot": "about ä"}],
        "fields": {
            "name": {"hits": 3, "fill": 0.75, "examples": ["a"]},
            "n": {"hits": 1, "fill": 0.25, "examples": [1]},
            "url": {"hits": 3, "fill": 0.75, "examples": [site.url("/a")]},
            "plot": {"hits": 1, "fill": 1.0, "examples": ["about ä"]},
        },
        "rejects": [
            {"reason": "n: not a number", "count": 1, "example": "many"},
            {"reason": "name: missing", "count": 1, "example": ""},
            {"reason": "its own page: http-404", "count": 1, "example": site.url("/b")},
            {"reason": "its own page: unreadable", "count": 1, "example": site.url("/c")},
        ],
        "pages": 4,
        "warnings": [
            site.url("/a") + " names no encoding and is not UTF-8: read as windows-1252; say another with encoding:"
        ],
    }
    assert tools.store.collection("preview") is None


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<p>no list", "no record was found; `records:` may not fit the page"),
        (b"<title>Access denied</title>", "no record was found; the page looks like an access denial"),
    ],
    ids=["another layout", "a page that shuts out"],
)
def test_a_preview_that_finds_nothing_says_what_it_may_be(site: FaultSite, tools: Tools, body: bytes, why: str) -> None:
    site.handlers["/"] = page(body)
    told = preview(parse(f"url: {site.url('/')}\nrecords: li\nfields: {{name: b}}\n", "preview"), tools).as_json()
    assert (told["records"], told["warnings"]) == ([], [why])


def test_a_preview_shows_examples_of_fields_that_the_page_names_with_a_dot(site: FaultSite, tools: Tools) -> None:
    site.handlers["/"] = page(b'[{"a.b": 1, "c": {"d": 2}}]', Content_Type="application/json")
    told = preview(parse(f"url: {site.url('/')}\nformat: json\n", "preview"), tools).as_json()
    assert told["fields"] == {
        "a.b": {"hits": 1, "fill": 1.0, "examples": [1]},
        "c": {"hits": 1, "fill": 1.0, "examples": [{"d": 2}]},
    }


@pytest.mark.parametrize(
    ("url", "site", "said"),
    [
        pytest.param("https://a.example/b?c=1", "https://a.example", "/b?c=1", id="of the own site"),
        pytest.param("https://a.example/", "https://a.example/", "/", id="of a site that is written with its slash"),
        pytest.param("https://a.example.org/b", "https://a.example", "https://a.example.org/b", id="of another site"),
        pytest.param("http://a.example/b", "https://a.example", "http://a.example/b", id="of another scheme"),
        pytest.param("https://a.example/b", "", "https://a.example/b", id="where no site is known"),
    ],
)
def test_ours_an_offer_of_the_own_site_names_its_path(url: str, site: str, said: str) -> None:
    assert relative(url, site) == said
    assert absolute(said, site) == url
