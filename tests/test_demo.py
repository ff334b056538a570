"""The demo site, and the sources that come with the project: the course's data comes out as it stands in the course."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from kindling import extract
from kindling.flow import Extraction, Page
from kindling.sources import Source, load, load_folder

from tests.cases import PAGES

ROOT = Path(__file__).parents[1]
PUBLIC = ROOT / "public"
DEMO = PUBLIC / "demo"
SOURCES = ROOT / "functions" / "sources"
SITE = "http://127.0.0.1:5000"

COURSE_MOVIES: list[dict[str, Any]] = [
    {
        "year": 2013,
        "title": "Turn It Down, Or Else!",
        "info": {
            "directors": ["Alice Smith", "Bob Jones"],
            "release_date": "2013-01-18T00:00:00Z",
            "rating": 6.2,
            "genres": ["Comedy", "Drama"],
            "image_url": "http://ia.media-imdb.com/images/N/09ERWAU7FS797AJ7LU8HN09AMUP908RL1o5JF90EWR7LJKQ7@@._V1_SX400_.jpg",
            "plot": "A rock band plays their music at high volumes, annoying the neighbors.",
            "actors": ["David Matthewman", "Jonathan G. Neff"],
        },
    },
    {"year": 2015, "title": "The Big New Movie", "info": {"plot": "Nothing happens at all.", "rating": 0}},
]

GUESTS = {
    "books": ("books_toscrape", ("title", "url", "rating")),
    "quotes": ("quotes_toscrape", ("text", "author", "tags")),
    "trending": ("github_trending", ("name", "url", "description", "language", "stars", "forks", "stars_today")),
    "volcanoes": ("wikipedia_volcanoes", ("name", "metres", "feet", "notes", "url")),
    "hackernews": ("hackernews_2020", ("id", "rank", "title", "url", "site")),
}
"""Source to saved page, and the fields that both name alike."""


class Seen(HTMLParser):
    """The tags of a page, and every address in it."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value for name, value in attrs if name in ("href", "src") and value]
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def see(path: Path) -> Seen:
    seen = Seen()
    seen.feed(path.read_text(encoding="utf-8"))
    seen.close()
    return seen


def fetched(path: Path, url: str, media_type: str = "text/html") -> Page:
    return Page(url, 200, media_type, "utf-8", path.read_bytes(), 0)


def demo_page(url: str) -> Page:
    return fetched(PUBLIC / urlsplit(url).path.removeprefix("/"), url)


def read_all(source: Source) -> list[dict[str, Any]]:
    """The records of a demo source, its next pages and the records' own pages read, as they will be stored."""
    url: str | None = SITE + source.urls[0]
    records = []
    while url:
        found = extract.extract(demo_page(url), source)
        assert found.rejects == ()
        for row in found.rows:
            document = row.document
            if row.follow:
                details = extract.extract_details(demo_page(row.follow), source)
                document = {**document, **(details.document or {})}
            records.append(document)
        url = found.next
    return records


demo_pages = pytest.mark.parametrize("page", sorted(DEMO.rglob("*.html")), ids=lambda path: path.name)


@demo_pages
def test_every_element_of_a_demo_page_is_closed_where_it_should_be(page: Path) -> None:
    assert see(page).open == []


@demo_pages
def test_every_local_link_of_a_demo_page_leads_to_a_page(page: Path) -> None:
    here = "/" + page.relative_to(PUBLIC).as_posix()
    paths = {urlsplit(urljoin(SITE + here, link)) for link in see(page).links}
    local = {parts.path for parts in paths if parts.netloc == urlsplit(SITE).netloc and parts.path.startswith("/demo")}
    files = {PUBLIC / (path + "index.html" if path.endswith("/") else path).removeprefix("/") for path in local}
    assert {file for file in files if not file.is_file()} == set()


@demo_pages
def test_a_demo_page_has_nothing_that_the_security_policy_forbids(page: Path) -> None:
    seen = see(page)
    assert (seen.tags & {"script", "style", "iframe", "img", "form"}, seen.attributes & {"style", "onclick"}) == (
        set(),
        set(),
    )


def test_nothing_hides_the_functions_answer_at_the_root() -> None:
    assert not (PUBLIC / "index.html").exists()


def test_the_courses_two_movies_come_out_as_they_stand_there() -> None:
    records = read_all(load(SOURCES / "movies.yaml"))
    titles = {movie["title"] for movie in COURSE_MOVIES}
    assert [record for record in records if record["title"] in titles] == COURSE_MOVIES


def test_fourteen_movies_are_read_over_two_pages_and_no_helper_field_is_kept() -> None:
    records = read_all(load(SOURCES / "movies.yaml"))
    assert len({(record["title"], record["year"]) for record in records}) == 14
    assert {name for record in records for name in record} == {"title", "year", "info"}


def test_one_of_ten_users_is_named_shawn() -> None:
    records = read_all(load(SOURCES / "users.yaml"))
    assert len(records) == 10
    assert [record for record in records if record["name"] == "Shawn"] == [
        {
            "name": "Shawn",
            "surname": "Abernathy",
            "email": "shawn@example.com",
            "city": "Leeds",
            "joined": "2021-07-09",
            "languages": ["English"],
        }
    ]


def test_every_shipped_source_is_valid_and_public() -> None:
    sources, invalid = load_folder(SOURCES)
    assert (invalid, {name for name, source in sources.items() if not source.public}) == ([], set())


def test_sources_of_other_sites_are_small_guests() -> None:
    sources, _ = load_folder(SOURCES)
    guests = {name: source for name, source in sources.items() if not source.urls[0].startswith("/")}
    assert {name for name, source in guests.items() if source.limits.pages > 3 or source.every_s != 7 * 86_400} == set()
    assert GUESTS.keys() <= guests.keys()


def saved(name: str) -> tuple[Extraction, dict[str, Any]]:
    """What a shipped source finds on the saved page of its site, and what is known to be there."""
    source = load(SOURCES / f"{name}.yaml")
    file, _ = GUESTS[name]
    facts = json.loads((PAGES / f"{file}.json").read_text(encoding="utf-8"))
    return extract.extract(fetched(PAGES / f"{file}.html", facts["base"]), source), facts


@pytest.mark.parametrize("name", sorted(GUESTS))
def test_a_shipped_source_takes_every_record_of_its_saved_page(name: str) -> None:
    found, facts = saved(name)
    shared = GUESTS[name][1]
    expected = [{field: record[field] for field in shared if record[field] is not None} for record in facts["expected"]]
    assert [{field: row.document[field] for field in shared if field in row.document} for row in found.rows] == expected


def test_books_have_prices_in_pounds() -> None:
    found, facts = saved("books")
    assert [row.document["price"] for row in found.rows] == [
        {"amount": record["price"], "currency": "GBP"} for record in facts["expected"]
    ]


def test_stories_have_the_points_and_author_of_the_row_below() -> None:
    found, facts = saved("hackernews")
    assert [(row.document.get("points"), row.document.get("author")) for row in found.rows] == [
        (record["_points"], record["_author"]) for record in facts["expected"]
    ]


def test_earthquakes_are_read_from_json() -> None:
    body = {
        "type": "FeatureCollection",
        "features": [
            {
                "id": "zz1",
                "properties": {
                    "mag": 5.1,
                    "place": "10 km W of Nowhere",
                    "time": 1795000000000,
                    "url": "https://q.example/zz1",
                },
                "geometry": {"type": "Point", "coordinates": [4.5, 52.25, 10]},
            }
        ],
    }
    source = load(SOURCES / "earthquakes.yaml")
    page = Page(source.urls[0], 200, "application/json", None, json.dumps(body).encode(), 0)
    assert [row.document for row in extract.extract(page, source).rows] == [
        {
            "id": "zz1",
            "place": "10 km W of Nowhere",
            "magnitude": 5.1,
            "at_ms": 1795000000000,
            "position": {"longitude": 4.5, "latitude": 52.25, "depth_km": 10},
            "url": "https://q.example/zz1",
        }
    ]
