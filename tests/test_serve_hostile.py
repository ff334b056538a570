"""Requests made to harm: what a client sends changes no header but its own answer's, reaches nothing outside a
collection, and costs no more than a stated bound."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from kindling.query.plan import WORDS_MAX

from tests.api import ADMIN, SITE, Api, served

MARKUP = '"><script>alert(1)<!--'
BREAK = "x\r\nSet-Cookie: owned=1\r\n\r\n<html>"


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    with served() as found:
        found.save("pages", [{"title": f"page {n}", "text": "many words " * 50} for n in range(30)])
        found.save("hidden", {"a": 1}, public=False)
        yield found


DISGUISES = {
    "another host": {"Host": "evil.example"},
    "a proxy's word for the host": {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"},
    "a path of another proxy": {"X-Original-URL": "/get_data/hidden", "X-Rewrite-URL": "/get_data/hidden"},
    "a method in a header": {"X-HTTP-Method-Override": "DELETE", "X-HTTP-Method": "DELETE"},
    "an address of the house": {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1", "Via": "1.1 localhost"},
    "a cookie": {"Cookie": "__session=admin; admin=true"},
}


@pytest.mark.parametrize("headers", DISGUISES.values(), ids=DISGUISES.keys())
@pytest.mark.parametrize("path", ["/get_data/pages?_limit=2", "/get_data/pages.atom?_limit=1", "/get_data/hidden", "/"])
def test_ours_a_header_changes_neither_the_answer_nor_what_a_cache_keeps(
    api: Api, path: str, headers: dict[str, str]
) -> None:
    plain, disguised = api.get(path), api.get(path, headers=headers)
    assert (disguised.status_code, disguised.data) == (plain.status_code, plain.data)
    assert b"evil.example" not in disguised.data + repr(list(disguised.headers)).encode()
    for header in ("Cache-Control", "Vary", "ETag", "Location"):
        assert disguised.headers.get(header) == plain.headers.get(header)


def test_ours_a_line_break_in_an_id_or_a_value_reaches_no_header(api: Api) -> None:
    made = api.ask("POST", "/save_data/broken?_key=k", json={"k": BREAK, "v": BREAK}, headers=ADMIN)
    assert made.status_code == 201
    assert re.fullmatch(re.escape(SITE) + r"/get_data/broken/[A-Za-z0-9_~-]+", made.headers["Location"])
    for path in (
        "/get_data/broken",
        f"/get_data/broken?k={BREAK}",
        f"/get_data/{BREAK}",
        f"/get_data/pages?_sort={BREAK}",
    ):
        answer = api.get(path, headers=ADMIN)
        assert "Set-Cookie" not in answer.headers
        assert all("owned" not in value for name, value in answer.headers if name != "Link")
    api.ask("DELETE", "/delete_data/broken?_confirm=broken", headers=ADMIN)


@pytest.mark.parametrize(
    "path",
    [
        "/get_data/../sources", "/get_data/..%2Fkeys", "/get_data/%2e%2e/%2e%2e/keys", "/get_data/pages/../../keys",
        "/get_data/pages%00", "/get_data/.info", "/get_data/pages/.settings%2Frules", "/get_data/pages.json?auth=owner",
        "/get_data/keys", "/get_data/sources", "/get_data/pages/%2Fkeys", "/get_data//keys", "/get_data/" + "a" * 3000,
    ],
)  # fmt: skip
def test_ours_a_path_leads_nowhere_but_to_a_collection(api: Api, path: str) -> None:
    answer = api.get(path)
    assert answer.status_code in (400, 404), answer.text
    assert answer.content_type == "application/problem+json"


NO_TEXT = {
    "a byte of no character, encoded": ("title=%ff", "%FF"),
    "half a character, encoded": ("title=a%C3", "%C3"),
    "in a name": ("%E9=1", "%E9"),
    "a raw byte": ("title=\xff", "%FF"),
    "a raw byte among what is encoded": ("title=%20\xe9", "%E9"),
}


@pytest.mark.parametrize(("query", "wrong"), NO_TEXT.values(), ids=NO_TEXT.keys())
@pytest.mark.parametrize("path", ["/get_data/pages", "/get_data", "/get_changes/pages"])
def test_ours_a_query_that_is_no_utf_8_is_a_mistake_and_no_empty_list(
    api: Api, path: str, query: str, wrong: str
) -> None:
    answer = api.get(path, environ_overrides={"QUERY_STRING": query})
    detail = f"The query is not UTF-8: {wrong} is part of no character; write é as %C3%A9."
    problem = {"type": "urn:kindling:problem:bad-query", "title": "Bad Request", "status": 400, "detail": detail}
    assert answer.json == problem


def test_ours_more_words_than_twenty_are_refused_and_the_same_word_counts_once(api: Api) -> None:
    many = "+".join(f"w{n}" for n in range(WORDS_MAX + 1))
    answer = api.get(f"/get_data/pages?_q={many}")
    assert answer.status_code == 400
    assert f"at most {WORDS_MAX}" in answer.text
    assert len(api.items(f"/get_data/pages?_q={'+'.join(['many'] * 100)}")) == 30


def test_ours_a_field_that_is_named_again_and_again_is_answered_once_or_refused(api: Api) -> None:
    again = ",".join(["title"] * 600)
    assert api.items(f"/get_data/pages?_select={again}&_limit=2") == api.items("/get_data/pages?_select=title&_limit=2")
    assert api.get(f"/get_data/pages?_sort={again}").status_code == 400


def test_ours_markup_in_names_and_values_is_text_in_a_chart(api: Api) -> None:
    key = api.save("charted", {MARKUP: 1})[0]
    api.ask("PATCH", f"/save_data/charted/{key}", json={MARKUP: 2}, headers=ADMIN)
    chart = api.get(f"/get_series/charted/{key}/{quote(MARKUP)}?_format=svg", headers=ADMIN)
    assert chart.status_code == 200
    assert b"<script" not in chart.data
    tags = {one.tag.rpartition("}")[2] for one in ElementTree.fromstring(chart.data).iter()}
    assert "svg" in tags
    assert "script" not in tags
    assert MARKUP in "".join(ElementTree.fromstring(chart.data).itertext())


HUGE = (("a", 10**400), ("b", 1), ("c", -(10**400)))


def test_ours_numbers_that_no_double_can_hold_are_sorted_and_not_drawn(api: Api) -> None:
    ids = api.save("huge", [{"id": one, "n": n} for one, n in HUGE], query="?_key=id")
    assert [item["_id"] for item in api.items("/get_data/huge?_sort=n")] == ["c", "b", "a"]
    for n in (1.5e308, -1.5e308, 5e-324):
        api.ask("PUT", "/save_data/huge/b", json={"n": n}, headers=ADMIN)
    charts = [api.get(f"/get_series/huge/{one}/n?_format=svg", headers=ADMIN).status_code for one in ids]
    assert charts == [422, 200, 422]
