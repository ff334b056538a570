"""The demo site, and the sources that come with the project: the course's data comes out as it stands in the course."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from kindling import extract
from kindling.flow import Page
from kindling.sources import Source, load, load_folder

from tests.api import BIG_NEW_MOVIE, TURN_IT_DOWN
from tests.live import ROOT

PUBLIC = ROOT / "public"
DEMO = PUBLIC / "demo"
SOURCES = ROOT / "functions" / "sources"
SITE = "http://127.0.0.1:5000"
MOVIES = [TURN_IT_DOWN, BIG_NEW_MOVIE]


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


def demo_page(url: str) -> Page:
    return Page(url, 200, "text/html", "utf-8", (PUBLIC / urlsplit(url).path.removeprefix("/")).read_bytes(), 0)


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
    titles = {movie["title"] for movie in MOVIES}
    assert [record for record in records if record["title"] in titles] == MOVIES


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
