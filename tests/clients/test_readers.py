"""pandas, feedparser and curl's habits against the served suite, by URL."""

from __future__ import annotations

import gzip
import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pandas
import pytest

from tests.api import TURN_IT_DOWN
from tests.clients.served import NEWS, Asked
from tests.running_suite import DEADLINE_S

pytestmark = pytest.mark.suite

EXPOSED = {
    "ETag", "Link", "Location", "Retry-After", "Kindling-Fetched-At", "Kindling-Status", "Kindling-Next-Run",
}  # fmt: skip


class Plain:
    """An answer as http.client gives it: nothing decoded, nothing followed."""

    def __init__(self, site: Asked, method: str, path: str, headers: Mapping[str, str]) -> None:
        """Asks and reads the whole answer."""
        connection = http.client.HTTPConnection(urlsplit(site.hosting).netloc, timeout=DEADLINE_S)
        try:
            connection.request(method, path, headers=dict(headers))
            answer = connection.getresponse()
            self.status = answer.status
            self.headers = answer.headers
            self.body = answer.read()
        finally:
            connection.close()


def plain(site: Asked, path: str, *, method: str = "GET", **headers: str) -> Plain:
    """One request; `If_None_Match` is the header If-None-Match."""
    return Plain(site, method, path, {name.replace("_", "-"): value for name, value in headers.items()})


def test_spec_the_courses_question_is_one_url(site: Asked) -> None:
    answer = plain(site, "/get_data/users?name=Shawn&_select=email")
    assert json.loads(answer.body) == {
        "items": [
            {"_id": "other-shawn", "email": "other.shawn@example.com"},
            {"_id": "shawn", "email": "shawn@example.com"},
        ],
        "next": None,
    }


def test_spec_the_courses_document_is_read_as_it_was_saved(site: Asked) -> None:
    assert json.loads(plain(site, "/get_data/movies/turn").body) == {"id": "turn", **TURN_IT_DOWN}


READERS: dict[str, tuple[str, Any]] = {
    "JSON as a bare list": ("/get_data/users?_shape=array", pandas.read_json),
    "NDJSON": ("/get_data/users.ndjson", lambda url: pandas.read_json(url, lines=True)),
    "CSV": ("/get_data/users.csv", pandas.read_csv),
}


@pytest.mark.parametrize(("path", "read"), READERS.values(), ids=READERS.keys())
def test_spec_pandas_reads_by_url_with_the_right_types(site: Asked, path: str, read: Any) -> None:
    frame = read(site.hosting + path).sort_values("email", ignore_index=True)
    assert list(frame["name"]) == ["Alyssa", "Ben Bitdiddle", "Shawn", "Shawn"]
    assert frame["age"].dtype == "float64", "a number, with a gap where a document has none"
    assert list(frame["age"].dropna()) == [24.0, 58.0, 31.0]
    assert list(frame[frame["name"] == "Shawn"]["email"]) == ["other.shawn@example.com", "shawn@example.com"]


@pytest.mark.parametrize("suffix", ["rss", "atom"])
def test_spec_feedparser_finds_a_well_formed_feed_with_stable_ids(site: Asked, suffix: str) -> None:
    def fetched() -> Any:
        found = feedparser.parse(f"{site.hosting}/get_data/news.{suffix}")
        assert (found.bozo, found.status) == (False, 200)
        return found

    first = fetched()
    assert {entry.title: entry.link for entry in first.entries} == {one["title"]: one["url"] for one in NEWS}
    again = fetched()
    assert [(entry.id, entry.title) for entry in again.entries] == [(entry.id, entry.title) for entry in first.entries]
    assert len({entry.id for entry in first.entries}) == len(NEWS)


def test_spec_a_json_feed_has_stable_ids(site: Asked) -> None:
    first, again = (json.loads(plain(site, "/get_data/news.jsonfeed").body) for _ in range(2))
    assert first == again
    assert first["version"] == "https://jsonfeed.org/version/1.1"
    assert {item["title"] for item in first["items"]} == {one["title"] for one in NEWS}


def test_spec_an_unchanged_answer_is_304_with_its_freshness_and_no_body(site: Asked) -> None:
    first = plain(site, "/get_data/people")
    assert first.status == 200
    again = plain(site, "/get_data/people", If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    for name in ("ETag", "Cache-Control", "Vary", "Kindling-Fetched-At", "Kindling-Status"):
        assert again.headers[name] == first.headers[name], name
    since = plain(site, "/get_data/people", If_Modified_Since=first.headers["Last-Modified"])
    assert (since.status, since.body) == (304, b"")


def test_spec_head_has_the_headers_of_get_and_no_body(site: Asked) -> None:
    got, head = plain(site, "/get_data/movies"), plain(site, "/get_data/movies", method="HEAD")
    assert (head.status, head.body) == (200, b"")
    same = ("Content-Type", "Content-Length", "ETag", "Last-Modified", "Cache-Control", "Vary")
    assert {name: head.headers[name] for name in same} == {name: got.headers[name] for name in same}


def test_spec_options_allows_a_page_of_another_site_to_read(site: Asked) -> None:
    answer = plain(
        site,
        "/get_data/movies",
        method="OPTIONS",
        Origin="https://elsewhere.example",
        Access_Control_Request_Method="GET",
        Access_Control_Request_Headers="X-API-Key",
    )
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "GET" in answer.headers["Access-Control-Allow-Methods"]


def test_spec_a_page_of_another_site_may_read_the_headers_it_needs(site: Asked) -> None:
    answer = plain(site, "/get_data/movies", Origin="https://elsewhere.example")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert set(answer.headers["Access-Control-Expose-Headers"].split(", ")) >= EXPOSED


def test_spec_a_page_of_another_site_may_not_write(site: Asked) -> None:
    answer = plain(
        site,
        "/save_data/movies",
        method="OPTIONS",
        Origin="https://elsewhere.example",
        Access_Control_Request_Method="POST",
    )
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_spec_an_answer_is_compressed_only_where_that_is_wanted(site: Asked) -> None:
    wanted = plain(site, "/openapi.json", Accept_Encoding="gzip")
    bare = plain(site, "/openapi.json", Accept_Encoding="identity")
    assert (wanted.headers["Content-Encoding"], bare.headers["Content-Encoding"]) == ("gzip", None)
    assert gzip.decompress(wanted.body) == bare.body
    assert wanted.headers["ETag"] != bare.headers["ETag"]
    again = plain(site, "/openapi.json", Accept_Encoding="gzip", If_None_Match=wanted.headers["ETag"])
    assert again.status == 304


def test_spec_public_data_may_be_kept_by_caches_only_when_asked_for_without_credentials(site: Asked) -> None:
    stranger, admin = plain(site, "/get_data/movies"), plain(site, "/get_data/movies", X_API_Key=site.key)
    assert stranger.headers["Cache-Control"].startswith("public, s-maxage=")
    assert admin.headers["Cache-Control"] == "no-store"
    assert admin.body == stranger.body
