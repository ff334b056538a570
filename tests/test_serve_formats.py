"""The formats of a page, read by the clients they are for; chosen by suffix, parameter or Accept."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import feedparser
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kindling.serve import csv_format, feeds
from kindling.serve.formats import FORMATS, choose
from kindling.serve.sent import Sent

from tests.api import ADMIN, BIG_NEW_MOVIE, SITE, TURN_IT_DOWN, Api, served


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """The endpoints on a database of their own, with the course's movies and a text of markup."""
    with served() as found:
        found.save("movies", [{**TURN_IT_DOWN, "id": "turn"}, {**BIG_NEW_MOVIE, "id": "big"}], query="?_key=id")
        found.save("news", [{"id": "a", "title": "One"}, {"id": "b", "title": "Two"}], query="?_key=id")
        found.save("odd", [{"title": "<script>alert(1)</script> & \x00\x1b", "url": "javascript:alert(1)", "n": None}])
        yield found


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_ours_a_suffix_that_is_no_format_is_told_which_there_are(api: Api) -> None:
    answer = api.get("/get_data/movies.cvs")
    assert answer.json is not None
    assert (answer.status_code, answer.json["type"], answer.json["detail"]) == (
        404,
        "urn:kindling:problem:no-format",
        f"There is no format 'cvs' here; did you mean 'csv'? There are: {', '.join(FORMATS)}",
    )


def test_spec_csv_has_dotted_columns_lists_as_json_and_numbers_alone(api: Api) -> None:
    answer = api.get("/get_data/movies.csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="movies.csv"'
    big, turn = rows(answer.text)
    assert list(turn) == [
        "_id",
        "id",
        "info.actors",
        "info.directors",
        "info.genres",
        "info.image_url",
        "info.plot",
        "info.rating",
        "info.release_date",
        "title",
        "year",
    ]
    assert (turn["info.rating"], turn["info.genres"], turn["year"]) == ("6.2", '["Comedy","Drama"]', "2013")
    assert (big["info.rating"], big["info.genres"], big["title"]) == ("0", "", "The Big New Movie")


def test_spec_columns_do_not_depend_on_the_page(api: Api) -> None:
    heads = {api.get(f"/get_data/movies.csv?_limit=1&title={title}").text.splitlines()[0] for title in ("x", "y")}
    assert heads == {api.get("/get_data/movies.csv").text.splitlines()[0]}


def test_spec_csv_columns_follow_select_and_omit(api: Api) -> None:
    head = api.get("/get_data/movies.csv?_select=title,info.rating&_meta=1&_omit=_id").text.splitlines()[0]
    meta = '"_meta.first_seen","_meta.last_seen","_meta.changed_at","_meta.gone_at","_meta.key"'
    assert head == f'"title","info.rating",{meta}'


cells = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()


@given(st.lists(st.lists(cells, min_size=3, max_size=3), max_size=5))
def test_spec_any_cells_keep_their_places(table: list[list[Any]]) -> None:
    text = csv_format.written(["=a", "b,c", 'd"e'], table).decode()
    head, *others = csv.reader(io.StringIO(text, newline=""))
    assert (head, [len(row) for row in others]) == (["'=a", "b,c", 'd"e'], [3] * len(table))


def test_spec_pandas_reads_csv_ndjson_and_json(api: Api) -> None:
    by_csv = pandas.read_csv(io.BytesIO(api.get("/get_data/movies.csv").data))
    assert list(by_csv["year"]) == [2015, 2013]
    assert list(by_csv["info.rating"]) == [0.0, 6.2]
    by_lines = pandas.read_json(io.BytesIO(api.get("/get_data/movies.ndjson").data), lines=True)
    assert list(by_lines["title"]) == ["The Big New Movie", "Turn It Down, Or Else!"]
    by_array = pandas.read_json(io.BytesIO(api.get("/get_data/movies?_shape=array").data))
    assert list(by_array["_id"]) == ["big", "turn"]


def test_spec_ndjson_is_one_document_a_line(api: Api) -> None:
    lines = api.get("/get_data/movies.ndjson").text.splitlines()
    assert [json.loads(line)["_id"] for line in lines] == ["big", "turn"]


@pytest.mark.parametrize("suffix", ["rss", "atom"])
def test_spec_feedparser_finds_feeds_well_formed_with_stable_ids(api: Api, suffix: str) -> None:
    first = feedparser.parse(api.get(f"/get_data/news.{suffix}").data)
    assert first.bozo is False
    assert first.feed.title == "news"
    by_title = {entry.title: (entry.id, entry.link) for entry in first.entries}
    assert by_title == {
        "One": (feeds.stable_id("news", "a"), f"{SITE}/get_data/news/a"),
        "Two": (feeds.stable_id("news", "b"), f"{SITE}/get_data/news/b"),
    }
    for last in ("a", "b"):
        api.ask("PATCH", f"/save_data/news/{last}", json={"for": suffix}, headers=ADMIN)
        again = feedparser.parse(api.get(f"/get_data/news.{suffix}").data)
        assert {entry.title: (entry.id, entry.link) for entry in again.entries} == by_title
    assert again.entries[0].title == "Two", "the latest change comes first"


def test_spec_a_json_feed_has_absolute_links_and_dates(api: Api) -> None:
    answer = api.get("/get_data/movies.jsonfeed")
    body = json.loads(answer.data)
    assert answer.content_type == "application/feed+json"
    assert (body["version"], body["feed_url"]) == (
        "https://jsonfeed.org/version/1.1",
        f"{SITE}/get_data/movies.jsonfeed",
    )
    kept = {item["_id"]: item["_meta"] for item in api.items("/get_data/movies?_meta=1")}
    assert {(item["url"], item["date_published"], item["date_modified"]) for item in body["items"]} == {
        (f"{SITE}/get_data/movies/{key}", kept[key]["first_seen"], kept[key]["changed_at"]) for key in ("big", "turn")
    }


@pytest.mark.parametrize("suffix", ["rss", "atom"])
def test_spec_scraped_markup_and_control_characters_are_text_in_feeds(api: Api, suffix: str) -> None:
    answer = api.get(f"/get_data/odd.{suffix}")
    found = feedparser.parse(answer.data)
    assert found.bozo is False
    [entry] = found.entries
    assert entry.link.startswith(f"{SITE}/get_data/odd/"), "a link that is no web address is not taken"
    assert "<script" not in answer.text
    assert entry.title == "<script>alert(1)</script> &", "as text, which a reader shows as it is"


@pytest.mark.parametrize("suffix", sorted(FORMATS))
def test_spec_changes_come_in_every_format(api: Api, suffix: str) -> None:
    answer = api.get(f"/get_changes/movies.{suffix}")
    assert (answer.status_code, answer.content_type) == (200, FORMATS[suffix].media_type)
    assert "The Big New Movie" in answer.text


ACCEPTED: dict[str, tuple[str, str, str]] = {
    "nothing said": ("", "", "json"),
    "anything": ("", "*/*", "json"),
    "a browser": ("", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "json"),
    "csv by Accept": ("", "text/csv", "csv"),
    "csv rather than json": ("", "application/json;q=0.5, text/csv", "csv"),
    "another name for ndjson": ("", "application/jsonl", "ndjson"),
    "atom by Accept": ("", "application/atom+xml", "atom"),
    "a suffix beats Accept": (".csv", "application/json", "csv"),
    "a parameter beats Accept": ("?_format=rss", "application/json", "rss"),
}


@pytest.mark.parametrize(("how", "accept", "name"), ACCEPTED.values(), ids=ACCEPTED.keys())
def test_spec_the_format_is_chosen_by_suffix_parameter_or_accept(api: Api, how: str, accept: str, name: str) -> None:
    answer = api.get(f"/get_data/movies{how}", headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.content_type) == (200, FORMATS[name].media_type)


@pytest.mark.parametrize("accept", ["", "*/*"])
def test_ours_no_order_of_a_table_decides_what_is_usual(accept: str) -> None:
    headers = Sent({"HTTP_ACCEPT": accept} if accept else {})
    assert choose(None, None, headers, ("csv", "svg", "json")) == "json"


WRONG: dict[str, tuple[str, str, int]] = {
    "a type that is not served": ("/get_data/movies", "image/png", 406),
    "an unknown format": ("/get_data/movies?_format=xml", "", 400),
    "two formats": ("/get_data/movies.csv?_format=rss", "", 400),
    "a format given twice": ("/get_data/movies?_format=csv&_format=csv", "", 400),
    "an unknown suffix": ("/get_data/movies.xml", "", 404),
    "distinct values as csv": ("/get_data/movies.csv?_distinct=year", "", 400),
    "a chart of a query": ("/get_data/movies?_format=svg", "", 400),
    "a chart of texts": ("/get_series/movies/big/title?_format=svg", "", 422),
    "a series of a field that never was": ("/get_series/movies/big/nope", "", 404),
    "a series of a document that never was": ("/get_series/movies/nope/title", "", 404),
}


@pytest.mark.parametrize(("url", "accept", "status"), WRONG.values(), ids=WRONG.keys())
def test_spec_a_format_that_cannot_be_had(api: Api, url: str, accept: str, status: int) -> None:
    answer = api.get(url, headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
