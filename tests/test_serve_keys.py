"""Further keys: the whole table of routes, asked with each kind of key, and what none of them may see or do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from kindling.serve.callers import Scope
from kindling.serve.routing import Route
from kindling.serve.table import TABLE
from kindling.store import store
from kindling.store.client import Database
from kindling.store.keys import Key, Keys
from werkzeug.test import TestResponse

from tests.api import ADMIN, Api, served

DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """The endpoints on a database of their own."""
    with served() as found:
        yield found


@pytest.fixture(scope="module")
def callers(api: Api) -> dict[str, dict[str, str]]:
    """The headers of each caller, by its name: nobody, a key of each kind, keys that are no good, the admin key."""
    now_ms = time.time_ns() // 1_000_000
    mine, other = frozenset({"mine"}), frozenset({"other"})
    made = {
        "read-mine": Key("read-mine", "read", mine, now_ms),
        "read-other": Key("read-other", "read", other, now_ms),
        "read-all": Key("read-all", "read", None, now_ms, expires_ms=now_ms + DAY_MS),
        "write-mine": Key("write-mine", "write", mine, now_ms),
        "write-other": Key("write-other", "write", other, now_ms),
        "admin": Key("admin", "admin", None, now_ms),
        "expired": Key("expired", "admin", None, now_ms - 2 * DAY_MS, expires_ms=now_ms - DAY_MS),
        "revoked": Key("revoked", "admin", None, now_ms),
    }
    keys = Keys(store().database)
    texts = {name: keys.add(key) for name, key in made.items()}
    keys.revoke("revoked", now_ms=now_ms)
    unknown = {"unknown": texts["admin"][:-1] + ("0" if texts["admin"][-1] != "0" else "1")}
    headers = {name: {"X-API-Key": text} for name, text in (texts | unknown).items()}
    return {"nobody": {}, **headers, "ADMIN_KEY": ADMIN}


@pytest.fixture(autouse=True)
def documents(api: Api) -> None:
    """Two private collections and a public one, with a document each."""
    for name in ("mine", "other", "open"):
        assert api.ask("PUT", f"/save_data/{name}/a", json={"n": 1}, headers=ADMIN).status_code in (200, 201)
    assert api.ask("PATCH", "/save_data/open", json={"public": True}, headers=ADMIN).status_code == 200


THROUGH: dict[tuple[str, str], tuple[Any, set[int]]] = {
    ("GET", "/"): (None, {200}),
    ("GET", "/get_data"): (None, {200}),
    ("GET", "/get_data/{collection}"): (None, {200}),
    ("GET", "/get_data/{collection}/{id}"): (None, {200}),
    ("GET", "/get_changes/{collection}"): (None, {200}),
    ("GET", "/get_series/{collection}/{id}/{field}"): (None, {200}),
    ("POST", "/save_data/{collection}"): ({"n": 2}, {201}),
    ("PUT", "/save_data/{collection}/{id}"): ({"n": 2}, {200}),
    ("PATCH", "/save_data/{collection}/{id}"): ({"m": 2}, {200}),
    ("PATCH", "/save_data/{collection}"): ({"public": False}, {200}),
    ("DELETE", "/delete_data/{collection}/{id}"): (None, {204}),
    ("DELETE", "/delete_data/{collection}"): (None, {400}),
    ("GET", "/health"): (None, {200}),
    ("GET", "/openapi.json"): (None, {200}),
    ("GET", "/postman.json"): (None, {200}),
    ("GET", "/get_sources"): (None, {200}),
    ("GET", "/get_sources/{source}"): (None, {404}),
    ("POST", "/preview_source"): ({}, {400}),
    ("PUT", "/save_source/{source}"): ({}, {400}),
    ("PATCH", "/save_source/{source}"): ({"paused": True}, {404}),
    ("DELETE", "/delete_source/{source}"): (None, {404}),
    ("GET", "/get_runs"): (None, {200}),
    ("GET", "/get_runs/{source}"): (None, {404}),
    ("GET", "/get_runs/{source}/{run}"): (None, {404}),
    ("POST", "/scrape_now/{source}"): (None, {404}),
}
"""What each route is sent, and how it answers a caller whom it lets through."""

OK = 0  # let through
NEVER = {"expired": 401, "revoked": 401, "unknown": 401}
SCOPED = {"read-mine": 403, "read-other": 403, "read-all": 403}
EXPECTED: dict[str, dict[str, int]] = {
    "for all": {**NEVER, "nobody": OK, **dict.fromkeys(("read-mine", "read-other", "read-all"), OK)}
    | dict.fromkeys(("write-mine", "write-other", "admin", "ADMIN_KEY"), OK),
    "reads mine": {**NEVER, "nobody": 404, "read-mine": OK, "read-other": 404, "read-all": OK}
    | {"write-mine": OK, "write-other": 404, "admin": OK, "ADMIN_KEY": OK},
    "writes mine": {**NEVER, **SCOPED, "nobody": 401, "write-mine": OK, "write-other": 403, "admin": OK}
    | {"ADMIN_KEY": OK},
    "administers": {**NEVER, **SCOPED, "nobody": 401, "write-mine": 403, "write-other": 403, "admin": OK}
    | {"ADMIN_KEY": OK},
}
"""The status each caller gets from routes of one kind."""


def kind(route: Route) -> str:
    """Which row of EXPECTED a route is."""
    if route.needs is Scope.READ and "{collection}" in route.path:
        return "reads mine"
    return {Scope.WRITE: "writes mine", Scope.ADMIN: "administers"}.get(route.needs, "for all")


def ask(api: Api, route: Route, headers: dict[str, str]) -> TestResponse:
    """The route, asked about the collection `mine`."""
    parts = {"collection": "mine", "id": "a", "field": "n", "source": "nosuch", "run": "nosuch"}
    url = route.path
    for name, value in parts.items():
        url = url.replace(f"{{{name}}}", value)
    body = THROUGH[route.method, route.path][0]
    options = {} if body is None else {"json": body}
    return api.ask(route.method, url, headers=headers, **options)


def test_ours_every_route_is_asked() -> None:
    routes = {(route.method, route.path) for route in TABLE}
    assert routes - THROUGH.keys() == set(), "add to THROUGH what each of these is sent and answers"
    assert THROUGH.keys() - routes == set(), "THROUGH has routes that are none"


@pytest.mark.parametrize("route", TABLE, ids=lambda route: f"{route.method} {route.path}")
def test_spec_each_caller_gets_from_each_route_what_its_scope_says(
    api: Api, callers: dict[str, dict[str, str]], route: Route
) -> None:
    through = THROUGH[route.method, route.path][1]
    found, wanted = {}, EXPECTED[kind(route)]
    for name, headers in callers.items():
        api.ask("PUT", "/save_data/mine/a", json={"n": 1}, headers=ADMIN)
        status = ask(api, route, headers).status_code
        found[name] = OK if status in through and wanted[name] == OK else status
    assert found == wanted, "a route that READ guards answers through access.current, which hides what is private"


READINGS = (
    "/get_data/{}.csv",
    "/get_data/{}.ndjson",
    "/get_data/{}.rss",
    "/get_data/{}.atom",
    "/get_data/{}.jsonfeed",
    "/get_data/{}?n=1&_count=1",
    "/get_data/{}?_distinct=n",
    "/get_data/{}?_as_of=2100-01-01",
    "/get_data/{}/a?_as_of=2100-01-01",
    "/get_data/{}/a?_meta=1",
    "/get_changes/{}.csv",
    "/get_changes/{}.rss",
    "/get_changes/{}?_limit=1",
    "/get_series/{}/a/n?_format=csv",
    "/get_series/{}/a/n?_format=svg",
)


@pytest.mark.parametrize("url", READINGS)
def test_spec_every_way_of_reading_honours_the_key_and_no_cache_keeps_it(
    api: Api, callers: dict[str, dict[str, str]], url: str
) -> None:
    for name in ("read-mine", "read-all", "write-mine"):
        answer = api.get(url.format("mine"), headers=callers[name])
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    for name in ("nobody", "read-other", "write-other"):
        hidden = api.get(url.format("mine"), headers=callers[name])
        unknown = api.get(url.format("nope"), headers=callers[name])
        assert hidden.status_code == 404
        assert hidden.data == unknown.data.replace(b"nope", b"mine")
        assert sorted(hidden.headers) == sorted(unknown.headers)


VISIBLE = {
    "nobody": {"open"},
    "read-mine": {"open", "mine"},
    "write-other": {"open", "other"},
    "read-all": {"open", "mine", "other"},
    "ADMIN_KEY": {"open", "mine", "other"},
}


@pytest.mark.parametrize("name", VISIBLE)
def test_spec_lists_show_exactly_what_the_caller_may_read(
    api: Api, callers: dict[str, dict[str, str]], name: str
) -> None:
    headers, three = callers[name], {"open", "mine", "other"}
    listed = api.get("/get_data", headers=headers)
    specified, postman = api.get("/openapi.json", headers=headers), api.get("/postman.json", headers=headers)
    assert listed.json is not None
    assert specified.json is not None
    assert {one["name"] for one in listed.json["collections"]} == VISIBLE[name]
    assert three & specified.json["components"]["schemas"].keys() == VISIBLE[name]
    assert {one for one in three if f"Ask {one}" in postman.text} == VISIBLE[name]
    kept = {one.headers["Cache-Control"] == "no-store" for one in (listed, specified, postman)}
    assert kept == {bool(headers)}


SOURCE = {"url": "https://example.com/", "records": "li", "fields": {"n": "b"}, "collection": "mine"}


def test_spec_the_health_of_a_source_is_told_to_those_who_may_read_its_collection(
    api: Api, callers: dict[str, dict[str, str]]
) -> None:
    assert api.ask("PUT", "/save_source/feeding", json=SOURCE, headers=ADMIN).status_code == 201
    told: dict[str, tuple[bool, int, bool]] = {}
    for name in ("nobody", "read-mine", "read-other", "ADMIN_KEY"):
        listed, one = (api.get(url, headers=callers[name]) for url in ("/get_sources", "/get_sources/feeding"))
        assert listed.json is not None
        assert one.json is not None
        names = {source["name"] for source in listed.json["sources"]}
        told[name] = ("feeding" in names, one.status_code, "definition" in one.json)
    assert api.ask("DELETE", "/delete_source/feeding", headers=ADMIN).status_code == 204
    assert told == {
        "nobody": (False, 404, False),
        "read-mine": (True, 200, False),
        "read-other": (False, 404, False),
        "ADMIN_KEY": (True, 200, True),
    }


def test_spec_keys_that_are_no_good_are_told_the_same(api: Api, callers: dict[str, dict[str, str]]) -> None:
    bad = [callers[name] for name in NEVER] + [{"X-API-Key": "kindling_"}, {"X-API-Key": "kindling_admin_" + "g" * 64}]
    answers = [api.get("/get_data", headers=headers) for headers in bad]
    assert {(one.status_code, one.data, tuple(sorted(one.headers))) for one in answers} == {
        (401, answers[0].data, tuple(sorted(answers[0].headers)))
    }


TOO_LITTLE: dict[str, tuple[str, str, list[str] | None]] = {
    "read-mine": ("read for mine", "read", ["mine"]),
    "read-all": ("read", "read", None),
    "write-other": ("write for other", "write", ["other"]),
}


@pytest.mark.parametrize("name", TOO_LITTLE)
def test_spec_a_key_with_too_little_is_told_what_would_do(
    api: Api, callers: dict[str, dict[str, str]], name: str
) -> None:
    answer = api.ask("PUT", "/save_data/mine/a", json={}, headers=callers[name])
    told, scope, collections = TOO_LITTLE[name]
    needed = "This needs the scope write for mine, or an ID token with the claim admin"
    assert answer.json == {
        "type": "urn:kindling:problem:forbidden",
        "title": "Forbidden",
        "status": 403,
        "detail": f"{needed}; key:{name} has {told}.",
        "scope": scope,
        "collections": collections,
    }


def test_spec_what_may_not_be_written_does_not_say_whether_it_exists(
    api: Api, callers: dict[str, dict[str, str]]
) -> None:
    bodies = [
        api.ask("DELETE", f"/delete_data/{name}/a", headers=callers["write-other"]).data.replace(name.encode(), b"X")
        for name in ("mine", "nope")
    ]
    assert bodies[0] == bodies[1]


def test_spec_the_change_log_says_which_key_wrote(api: Api) -> None:
    headers = {"X-API-Key": Keys(store().database).add(Key("journalist", "write", frozenset({"logged"}), 1))}
    assert api.ask("PUT", "/save_data/logged/a", json={"n": 1}, headers=headers).status_code == 201
    writers = [item["by"] for item in api.items("/get_changes/logged", headers=headers)]
    assert api.ask("DELETE", "/delete_data/logged?_confirm=logged", headers=ADMIN).status_code == 204
    assert writers == ["key:journalist"]


def test_spec_a_key_that_is_taken_back_stops_at_once(api: Api) -> None:
    keys = Keys(store().database)
    headers = {"X-API-Key": keys.add(Key("short", "read", None, 1))}
    before = api.get("/get_data/mine", headers=headers).status_code
    keys.revoke("short", now_ms=2)
    assert (before, api.get("/get_data/mine", headers=headers).status_code) == (200, 401)


@pytest.mark.inside
def test_ours_a_key_costs_one_narrow_read_and_what_is_none_costs_nothing(
    api: Api, callers: dict[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    real = Database.get

    def get(self: Database, path: str) -> Any:
        read.append(path)
        return real(self, path)

    monkeypatch.setattr(Database, "get", get)
    for headers in (callers["read-mine"], ADMIN, {"X-API-Key": "kindling_x"}, {"X-API-Key": "../keys"}, {}):
        api.get("/", headers=headers)
    assert read == ["keys/read-mine"]
