"""Conditions over REST: ETags, and writes that hold only over the value that they name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulators.database_server import DatabaseServer


def test_spec_the_etag_of_a_value(server: DatabaseServer, place: str) -> None:
    asked = {"X-Firebase-ETag": "true"}
    assert "ETag" not in server.call("GET", f"{place}.json").headers
    missing = server.call("GET", f"{place}.json", headers=asked)
    assert (missing.text, missing.headers["ETag"]) == ("null", "null_etag")
    put = server.call("PUT", f"{place}.json", {"a": 1}, headers=asked)
    got = server.call("GET", f"{place}.json", headers=asked)
    assert put.headers["ETag"] == got.headers["ETag"] != "null_etag"
    server.put(f"{place}/.priority.json", 1)
    assert server.call("GET", f"{place}.json", headers=asked).headers["ETag"] != got.headers["ETag"]


def test_spec_if_none_match_alone_gives_304_or_the_value_with_its_etag(server: DatabaseServer, place: str) -> None:
    server.put(f"{place}.json", {"a": 1})
    first = server.call("GET", f"{place}.json", headers={"If-None-Match": "other"})
    assert (first.status_code, first.json()) == (200, {"a": 1})
    again = server.call("GET", f"{place}.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])


@pytest.mark.parametrize(("method", "body"), [("PUT", {"b": 2}), ("DELETE", None)])
def test_spec_if_match_writes_only_over_the_value_it_names(
    server: DatabaseServer, place: str, method: str, body: Any
) -> None:
    server.put(f"{place}.json", {"a": 1})
    failed = server.call(method, f"{place}.json", body, headers={"if-match": "null_etag"})
    assert (failed.status_code, failed.json()) == (412, {"a": 1})
    done = server.call(method, f"{place}.json", body, headers={"if-match": failed.headers["ETag"]})
    assert (done.status_code, done.json(), "ETag" in done.headers) == (200, body, True)
    assert server.get(f"{place}.json") == body


def test_spec_a_value_is_made_only_where_there_is_none(server: DatabaseServer, place: str) -> None:
    make = {"if-match": "null_etag"}
    assert server.call("PUT", f"{place}.json", 1, headers=make).status_code == 200
    assert server.call("PUT", f"{place}.json", 2, headers=make).status_code == 412
    assert server.get(f"{place}.json") == 1


@pytest.mark.parametrize("method", ["PATCH", "POST"])
def test_spec_patch_and_post_take_no_condition(server: DatabaseServer, place: str, method: str) -> None:
    answer = server.call(method, f"{place}.json", {"a": 1}, headers={"if-match": "null_etag"})
    text = f"if-match is supported for PUT and DELETE, not for {method}"
    assert (answer.status_code, answer.json()) == (400, {"error": text})
    assert server.get(f"{place}.json") is None


def test_ours_a_condition_shows_nothing_to_one_who_may_not_read(server: DatabaseServer, place: str) -> None:
    server.put(f"{place}/secret.json", "x")
    answer = server.call("PUT", f"{place}/secret.json", 1, headers={"if-match": "x"}, owner=False)
    assert (answer.status_code, answer.json()) == (401, {"error": "Permission denied"})


@pytest.mark.parametrize("asked", [{"shallow": "true"}, {"orderBy": '"$key"'}], ids=["shallow", "a query"])
def test_ours_an_etag_of_part_of_a_value_is_refused(server: DatabaseServer, place: str, asked: dict[str, Any]) -> None:
    answer = server.call("GET", f"{place}.json", headers={"X-Firebase-ETag": "true"}, **asked)
    text = "an ETag is of a whole value; it can't be combined with a query or shallow"
    assert (answer.status_code, answer.json()) == (400, {"error": text})
