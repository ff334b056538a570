"""What a client or a shared cache may keep: HEAD, conditions, lifetimes, compressed bodies."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest
from kindling.errors import ApiError
from kindling.serve import http_cache
from kindling.serve.sent import Sent
from kindling.times import from_http_date
from werkzeug.test import create_environ

from tests.api import ADMIN, USERS, Api, served


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """The endpoints on a database of their own, with a public collection and a private one."""
    with served() as found:
        found.save("users", USERS)
        found.save("hidden", {"a": 1}, public=False)
        yield found


def test_spec_head_is_get_without_the_body(api: Api) -> None:
    got, head = api.get("/get_data/users"), api.ask("HEAD", "/get_data/users")
    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Length", "Content-Type", "ETag", "Last-Modified", "Cache-Control", "Vary"):
        assert head.headers[name] == got.headers[name]


def test_spec_an_etag_spares_the_body_and_refreshes_the_headers(api: Api) -> None:
    got = api.get("/get_data/users")
    tag = got.headers["ETag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*", tag[:-1] + '-gzip"'):
        answer = api.get("/get_data/users", headers={"If-None-Match": known})
        assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", tag)
        assert answer.headers["Cache-Control"] == "public, s-maxage=60, max-age=0"
    assert api.get("/get_data/users", headers={"If-None-Match": '"other"'}).status_code == 200


def test_spec_last_modified_spares_the_body_where_no_etag_is_sent(api: Api) -> None:
    modified = api.get("/get_data/users").headers["Last-Modified"]
    assert api.get("/get_data/users", headers={"If-Modified-Since": modified}).status_code == 304
    old = "Mon, 01 Jan 2024 00:00:00 GMT"
    assert api.get("/get_data/users", headers={"If-Modified-Since": old}).status_code == 200
    both = {"If-Modified-Since": modified, "If-None-Match": '"other"'}
    assert api.get("/get_data/users", headers=both).status_code == 200


def test_spec_caches_keep_public_data_asked_for_without_credentials_and_nothing_else(api: Api) -> None:
    public = {
        path: api.get(path).headers["Cache-Control"] for path in ("/", "/get_data", "/get_data/users", "/openapi.json")
    }
    assert set(public.values()) == {"public, s-maxage=60, max-age=0"}
    for path in ("/", "/get_data", "/get_data/users", "/get_changes/users"):
        assert api.get(path, headers=ADMIN).headers["Cache-Control"] == "no-store"
    for path in ("/health", "/get_sources", "/get_data/hidden", "/nope"):
        assert api.get(path).headers["Cache-Control"] == "no-store"
    for path in (*public, "/nope"):
        assert api.get(path).headers["Vary"].lower().startswith("accept, authorization, x-api-key, origin")


FRESH: dict[str, tuple[int | None, int]] = {
    "no next run": (None, 60),
    "a next run far away": (10_000_000, 60),
    "a next run soon": (31_000, 30),
    "a next run that is overdue": (500, 60),
}


@pytest.mark.parametrize(("next_run_ms", "seconds"), FRESH.values(), ids=FRESH.keys())
def test_spec_shared_caches_keep_an_answer_until(next_run_ms: int | None, seconds: int) -> None:
    assert http_cache.shared_seconds(1_000, next_run_ms) == seconds


def test_spec_a_body_is_compressed_where_it_pays_and_is_wanted(api: Api) -> None:
    api.save("long", [{"text": "x" * 5000}])
    plain = api.get("/get_data/long")
    packed = api.get("/get_data/long", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert "Accept-Encoding" in packed.headers["Vary"]
    for headers in ({}, {"Accept-Encoding": "gzip;q=0"}, {"Accept-Encoding": "br"}):
        assert "Content-Encoding" not in api.get("/get_data/long", headers=headers).headers


def test_spec_a_compressed_etag_still_guards_a_write(api: Api) -> None:
    api.ask("PUT", "/save_data/guarded/a", json={"text": "x" * 5000}, headers=ADMIN)
    tag = api.get("/get_data/guarded/a", headers={**ADMIN, "Accept-Encoding": "gzip"}).headers["ETag"]
    assert tag.endswith('-gzip"')
    put = api.ask("PUT", "/save_data/guarded/a", json={"n": 1}, headers={**ADMIN, "If-Match": tag})
    assert put.status_code == 200


CONDITIONS: dict[str, tuple[dict[str, str], str | None, int | None]] = {
    "nothing asked": ({}, '"a"', None),
    "the right tag": ({"If-Match": '"a"'}, '"a"', None),
    "one of several": ({"If-Match": '"b", "a"'}, '"a"', None),
    "anything that is there": ({"If-Match": "*"}, '"a"', None),
    "another tag": ({"If-Match": '"b"'}, '"a"', 412),
    "a tag where nothing is": ({"If-Match": '"a"'}, None, 412),
    "anything where nothing is": ({"If-Match": "*"}, None, 412),
    "nothing may be there, and nothing is": ({"If-None-Match": "*"}, None, None),
    "nothing may be there, and something is": ({"If-None-Match": "*"}, '"a"', 412),
    "not this one, and it is another": ({"If-None-Match": '"b"'}, '"a"', None),
}


@pytest.mark.parametrize(("headers", "tag", "status"), CONDITIONS.values(), ids=CONDITIONS.keys())
def test_spec_conditions_of_writes(headers: dict[str, str], tag: str | None, status: int | None) -> None:
    if status is None:
        http_cache.demand_match(Sent(create_environ(headers=headers)), tag)
        return
    with pytest.raises(ApiError) as caught:
        http_cache.demand_match(Sent(create_environ(headers=headers)), tag)
    assert caught.value.status == status


@pytest.mark.parametrize("text", ["", "yesterday", "Mon, 99 Jan 2024 00:00:00 GMT"])
def test_spec_a_date_that_is_none_is_no_condition(text: str) -> None:
    assert from_http_date(text) is None
