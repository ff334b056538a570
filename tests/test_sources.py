"""Definitions: what is read, what is normalised, what is meant where nothing is said; the schema."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from kindling import sources
from kindling.sources import UNSET, Field, Follow, Limits, Paging, Source, css

ROOT = Path(__file__).parents[1]

EVERYTHING = """\
url: https://books.toscrape.com/
every: 6h
records: article.product_pod
key: url
fields:
  title: h3 a::attr(title)
  url: {select: "h3 a::attr(href)", type: url}
  price: {select: .price_color, type: price, required: true}
  rating: {select: ".star-rating::attr(class)", match: "star-rating (\\\\w+)", map: {One: 1, Two: 2}}
  points: {select: "& + tr .score", type: integer, default: null}
  tags: {select: .tag, list: true}
  author: {select: .author, fields: {name: .name, born: {select: .born, type: date, locale: nl}}}
next: li.next a::attr(href)
follow:
  url: url
  fields: {description: "#product_description + p"}
  every: 14d
limits: {pages: 60, records: 5000}
collection: library
public: true
missing: keep
history: 90d
index: [price.amount, title]
enabled: false
headers: {Accept-Language: en, Authorization: "Bearer {shop}"}
"""

MINIMAL = "url: https://a.example/\nfields: {title: h1}\n"


def test_a_definition_with_every_key_is_read_whole() -> None:
    assert sources.parse(EVERYTHING, "books") == Source(
        name="books",
        urls=("https://books.toscrape.com/",),
        every_s=21_600,
        cron=None,
        timezone=None,
        format=None,
        records="article.product_pod",
        key=("url",),
        fields={
            "title": Field("h3 a::attr(title)"),
            "url": Field("h3 a::attr(href)", "url"),
            "price": Field(".price_color", "price", required=True),
            "rating": Field(".star-rating::attr(class)", match="star-rating (\\w+)", mapping={"One": 1, "Two": 2}),
            "points": Field("& + tr .score", "integer", default=None),
            "tags": Field(".tag", many=True),
            "author": Field(".author", fields={"name": Field(".name"), "born": Field(".born", "date", locale="nl")}),
        },
        next="li.next a::attr(href)",
        follow=Follow("url", {"description": Field("#product_description + p")}, 14 * 86_400),
        limits=Limits(pages=60, records=5000),
        collection="library",
        public=True,
        missing="keep",
        history_s=90 * 86_400,
        index=("price.amount", "title"),
        enabled=False,
        headers={"Accept-Language": "en", "Authorization": "Bearer {shop}"},
        extract=None,
        locale=None,
        encoding=None,
        delimiter=None,
        columns=(),
    )


def test_what_is_unsaid_has_these_values() -> None:
    source = sources.parse(MINIMAL, "books")
    assert (source.every_s, source.collection, source.public, source.missing) == (86_400, "books", False, "mark")
    assert (source.limits, source.key, source.enabled, source.history_s) == (Limits(), (), True, None)
    assert source.fields == {"title": Field("h1", "text", default=UNSET)}


ACCEPTED = [
    (
        "several addresses",
        "url: [https://a.example/, /demo/movies.html]",
        "urls",
        ("https://a.example/", "/demo/movies.html"),
    ),
    ("a cron line in a zone", "url: /\ncron: 0 6 * * 1-5\ntimezone: Europe/Amsterdam", "cron", "0 6 * * 1-5"),
    ("a locale in any spelling", "url: /\nlocale: DE_ch", "locale", "de-CH"),
    ("page numbers", 'url: /\nnext: {page: "?p={n}", from: 2, to: 9}', "next", Paging("?p={n}", 2, 1, 9)),
    ("a key of two fields", "url: /\nkey: [a, b]", "key", ("a", "b")),
    ("an encoding by any of its labels", "url: /\nencoding: Latin1", "encoding", "windows-1252"),
    ("words that older YAML takes for booleans", "url: /\nrecords: on", "records", "on"),
    (
        "texts that look like numbers",
        "url: /\nheaders: {X-Version: 1.10, X-Account: 00123, X-Id: 12345678901234567890}",
        "headers",
        {"X-Version": "1.10", "X-Account": "00123", "X-Id": "12345678901234567890"},
    ),
]


@pytest.mark.parametrize(("text", "name", "value"), [row[1:] for row in ACCEPTED], ids=[row[0] for row in ACCEPTED])
def test_a_key_is_normalised(text: str, name: str, value: object) -> None:
    assert getattr(sources.parse(f"{text}\nfields: {{a: b, b: c}}\n", "books"), name) == value


def test_a_byte_order_mark_before_a_definition_is_no_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "books.yaml").write_text("\ufeff" + MINIMAL, encoding="utf-8")
    assert sources.load(tmp_path / "books.yaml") == sources.parse(MINIMAL, "books")


def test_json_with_tabs_is_a_definition_too() -> None:
    text = json.dumps({"url": "https://a.example/", "fields": {"title": "h1"}}, indent="\t")
    assert sources.parse(text, "books") == sources.parse(MINIMAL, "books")


def test_the_types_of_nested_and_followed_fields_are_told_by_path() -> None:
    assert sources.parse(EVERYTHING, "books").types() == {
        "title": "text",
        "url": "url",
        "price": "price",
        "rating": "text",
        "points": "integer",
        "tags": "text",
        "author.name": "text",
        "author.born": "date",
        "description": "text",
    }


def test_the_published_schema_is_the_one_made_from_the_tables() -> None:
    published = json.loads((ROOT / "docs" / "source.schema.json").read_text(encoding="utf-8"))
    assert published == sources.schema(), "python3 dev.py check --write"


def test_every_pseudo_class_taken_is_one_that_the_parser_knows() -> None:
    argument = {"contains": '("x")', "has": "(a)", "is": "(a)", "not": "(a)", "where": "(a)"}
    for word in css.PSEUDO:
        counted = "(2n+1 of a)" if word in ("nth-child", "nth-last-child") else "(2)" if word.startswith("nth") else ""
        assert css.parse(f"a:{word}{argument.get(word, counted)}").css


def test_a_library_is_loaded_when_a_definition_or_a_page_wants_it() -> None:
    code = (
        "import sys\n"
        "late = {'feedparser', 'dateparser', 'price_parser', 'bs4', 'jmespath', 're2', 'croniter', 'selectolax'}\n"
        "import kindling.sources; print(sorted(late & set(sys.modules)))\n"
        "import kindling.extract; print(sorted(late & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "functions", capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n['selectolax']\n"
