"""The boundary: every error of every endpoint is a problem document; origins, keys, bodies, names."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import firebase_admin
import pytest
from kindling import jobs
from kindling.errors import ApiError, Contended, QueueUnavailable, TooBig, Unavailable
from kindling.firebase import application
from kindling.naming import VERBS, is_name
from kindling.serve import problems
from kindling.serve.callers import Scope
from kindling.serve.endpoints.data import told
from kindling.serve.formats import FORMATS
from kindling.serve.routing import Route
from kindling.serve.table import TABLE, _place
from kindling.store import Collection, store
from werkzeug.test import TestResponse

from tests.api import ADMIN, KEY, MOUNTS, USERS, Api, served

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
NAMES = {"collection": "users", "id": "x", "field": "name", "source": "nobody", "run": "none"}
SOURCE = {"url": "https://example.com/", "fields": {"title": "h1"}}
JSON_BODY = {**ADMIN, "Content-Type": "application/json"}


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """The endpoints on a database of their own, with the users of the course."""
    with served() as found:
        found.save("users", USERS)
        yield found


def url(route: Route) -> str:
    """A path of the route with names filled in."""
    return re.sub(r"\{(\w+)\}", lambda match: NAMES[match[1]], route.path)


def assert_problem(answer: TestResponse, status: int) -> dict[str, Any]:
    """Asserts everything that every error has, and returns the document."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    body: dict[str, Any] = json.loads(answer.data)
    assert body["status"] == status
    assert all(isinstance(body[name], str) and body[name] for name in ("type", "title", "detail"))
    for word in ("Traceback", 'File "', ".py"):
        assert word not in answer.text
    return body


def test_ours_a_function_is_not_taken_for_what_its_paths_name() -> None:
    varied = {route.function for route in TABLE if "{" in route.path}
    assert {name for name in varied if is_name(name)} == set()


def test_ours_the_table_tells_the_api_in_a_readers_order() -> None:
    told = "get_data get_changes get_sources save_data save_source delete_data scrape_now hello_world openapi".split()
    order = list(dict.fromkeys(route.function for route in TABLE))
    assert [name for name in order if name in told] == told


def test_ours_a_function_with_capitals_stands_in_the_table_as_one_without_a_verb() -> None:
    things = replace(TABLE[0], function="storeThings", path="/storeThings")
    assert max([*TABLE, things], key=_place) is things


def test_ours_each_method_and_path_stands_once_in_the_table() -> None:
    rows = [(route.method, route.path) for route in TABLE]
    assert len(rows) == len(set(rows))


ROUTES = pytest.mark.parametrize("route", TABLE, ids=lambda route: f"{route.method} {route.path}")


@ROUTES
def test_spec_a_wrong_method_is_405_with_allow(api: Api, route: Route) -> None:
    right = {one.method for one in TABLE if one.path == route.path}
    for method in set(METHODS) - right:
        answer = api.ask(method, url(route), headers=ADMIN)
        assert_problem(answer, 405)
        allowed = set(answer.headers["Allow"].split(", "))
        assert allowed == right | {"OPTIONS"} | ({"HEAD"} if "GET" in right else set())


@ROUTES
def test_spec_an_unknown_parameter_is_400_and_a_known_one_given_twice_too(api: Api, route: Route) -> None:
    wrong = {"_nope": "?_nope=1"} | {one.name: f"?{one.name}=1&{one.name}=1" for one in route.parameters}
    for name, query in wrong.items():
        body = assert_problem(api.ask(route.method, f"{url(route)}{query}", headers=ADMIN, json={}), 400)
        assert name in {error["where"] for error in body["errors"]}


@ROUTES
def test_spec_a_query_over_the_cap_is_400(api: Api, route: Route) -> None:
    assert_problem(api.ask(route.method, f"{url(route)}?_q={'x' * 4097}", headers=ADMIN, json={}), 400)


@pytest.mark.parametrize("path", ["/get_data/users", "/get_data/users/x", "/get_sources"])
def test_ours_of_too_many_parameters_none_is_told(api: Api, path: str) -> None:
    for count in (64, 65):
        query = "&".join(f"_no{n}" for n in range(count))
        body = assert_problem(api.get(f"{path}?{query}", headers=ADMIN), 400)
        told = (len(body.get("errors", [])), body["detail"])
        assert told == ((64, "64 parameters are wrong.") if count == 64 else (0, "65 parameters; at most 64."))


@ROUTES
def test_spec_wrong_credentials_are_401_everywhere(api: Api, route: Route) -> None:
    for headers in ({"X-API-Key": "no"}, {"X-API-Key": ""}, {"Authorization": "Basic x"}, {"Authorization": "Bearer "}):
        answer = api.ask(route.method, url(route), headers=headers)
        assert_problem(answer, 401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "route", [r for r in TABLE if r.needs > Scope.READ], ids=lambda route: f"{route.method} {route.path}"
)
def test_spec_a_stranger_may_not_write(api: Api, route: Route) -> None:
    assert_problem(api.ask(route.method, url(route), json={}), 401)


@pytest.mark.inside
def test_spec_an_unset_key_admits_nobody(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_KEY", "")
    for key in ("", KEY):
        assert_problem(api.ask("POST", "/save_data/users", json={}, headers={"X-API-Key": key}), 401)


@pytest.mark.parametrize("route", [r for r in TABLE if r.body], ids=lambda route: f"{route.method} {route.path}")
def test_spec_a_body_that_is_none_is_415_or_400_or_413_and_stores_nothing(api: Api, route: Route) -> None:
    if route.path == "/save_source/{source}" and route.method == "PATCH":
        api.ask("PUT", "/save_source/nobody", json=SOURCE, headers=ADMIN)
    before = api.get("/get_data", headers=ADMIN).data
    ask = (route.method, url(route))
    assert_problem(api.ask(*ask, data=b"{}", headers={**ADMIN, "Content-Type": "text/plain"}), 415)
    assert_problem(api.ask(*ask, data=b"{}", headers=ADMIN), 415)
    bad = (
        b"",
        b"{",
        b"\xff",
        b'{"a":NaN}',
        b'{"a":1e999}',
        b'{"a":1,"a":2}',
        b"[" * 100_000,
        b'{"a":' * 40 + b"1" + b"}" * 40,
    )
    for data in bad:
        assert_problem(api.ask(*ask, data=data, headers=JSON_BODY), 400)
    too_big = b'{"a":"' + b"x" * 10 * 2**20 + b'"}'
    assert_problem(api.ask(*ask, data=too_big, headers=JSON_BODY), 413)
    assert api.get("/get_data", headers=ADMIN).data == before


CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": "", "wsgi.input_terminated": True}
TOO_BIG: dict[str, tuple[dict[str, Any], int]] = {
    "its length is told": ({"CONTENT_LENGTH": str(12 * 2**20)}, 12),
    "it is more than the platform lets through": ({"CONTENT_LENGTH": str(40 * 2**20)}, 32),
    "it comes in chunks": (CHUNKED, 40),
}


@pytest.mark.inside
@pytest.mark.parametrize(("environ", "read_mb"), TOO_BIG.values(), ids=TOO_BIG.keys())
def test_spec_a_body_that_is_too_big_is_413_and_read_so_far(api: Api, environ: dict[str, Any], read_mb: int) -> None:
    body = io.BytesIO(b" " * 40 * 2**20)
    answer = api.ask("POST", "/save_data/users", headers=JSON_BODY, input_stream=body, environ_overrides=environ)
    assert_problem(answer, 413)
    assert body.tell() == read_mb * 2**20


UNREAD = {"an endpoint": ("/get_data", 200), "no endpoint": ("/nothing", 404), "the probe": ("/__/health", 200)}


@pytest.mark.inside
@pytest.mark.parametrize(("path", "status"), UNREAD.values(), ids=UNREAD.keys())
def test_ours_of_a_body_in_chunks_that_nobody_wants_32_mb_are_read(api: Api, path: str, status: int) -> None:
    body = io.BytesIO(b" " * 40 * 2**20)
    answer = api.ask("GET", path, input_stream=body, environ_overrides=CHUNKED)
    assert (answer.status_code, body.tell()) == (status, 32 * 2**20)


def test_spec_more_than_a_thousand_items_are_413(api: Api) -> None:
    assert_problem(api.ask("POST", "/save_data/users", json=[{}] * 1001, headers=ADMIN), 413)
    assert_problem(api.ask("POST", "/save_data/users", json=[], headers=ADMIN), 400)


def test_spec_28_levels_are_kept_and_29_refused(api: Api) -> None:
    def nested(levels: int) -> dict[str, Any]:
        return {"a": nested(levels - 1)} if levels > 1 else {"a": 1}

    assert api.ask("PUT", "/save_data/deep/a", json=nested(28), headers=ADMIN).status_code == 201
    body = assert_problem(api.ask("PUT", "/save_data/deep/a", json=nested(29), headers=ADMIN), 400)
    assert "28 levels" in body["detail"]


NAMES_REFUSED = ("Users", "1st", "a.b", "x" * 64, "-a", *(f"{verb}_data" for verb in VERBS))


@pytest.mark.parametrize("name", NAMES_REFUSED)
def test_spec_a_bad_name_of_a_collection_is_400(api: Api, name: str) -> None:
    assert_problem(api.ask("PUT", f"/save_data/{name}/x", json={}, headers=ADMIN), 400)


@pytest.mark.parametrize("name", ["health", "prune", "getaways", "get", "get-data"])
def test_ours_a_name_like_a_functions_is_no_functions_and_found_in_every_mount(api: Api, name: str) -> None:
    api.save(name, [{"n": 1}])
    for mount in MOUNTS:
        assert [item["n"] for item in api.items(f"/get_data/{name}", mount=mount)] == [1]


def test_spec_paths_of_nobody_are_a_json_404(api: Api) -> None:
    for path in (
        "/nope",
        "/get_datas",
        "/get_data/a/b/c",
        "/get_data//x",
        "/openapi.yaml",
        "/get_data/%2e%2e/x",
    ):
        assert_problem(api.get(path), 404)


@pytest.mark.inside
def test_spec_a_path_with_a_dot_is_a_json_404_where_it_reaches_a_function(api: Api) -> None:
    """The official Hosting emulator answers such a path by itself."""
    assert_problem(api.get("/.env"), 404)


@pytest.mark.inside
def test_spec_the_probe_is_answered_at_once_in_every_function(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIREBASE_DATABASE_EMULATOR_HOST", "127.0.0.1:1")
    store().database.close()  # so that it would be looked for there
    assert api.get("/get_data/users").status_code == 503
    for function in {route.function for route in TABLE}:
        answer = api.client(function).get("/__/health")
        assert (answer.status_code, answer.data) == (200, b"")
    store().database.close()


def test_spec_reads_are_open_to_pages_of_every_origin(api: Api) -> None:
    for path in ("/get_data/users", "/nope", "/get_data/users?_bad=1"):
        answer = api.get(path, headers={"Origin": "https://other.example"})
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        exposed = set(answer.headers["Access-Control-Expose-Headers"].split(", "))
        assert {"ETag", "Link", "Location", "Retry-After", "Kindling-Fetched-At", "Kindling-Status"} <= exposed
    preflight = api.ask("OPTIONS", "/get_data/users", headers={"Origin": "https://other.example"})
    assert (preflight.status_code, preflight.data) == (204, b"")
    assert "X-API-Key" in preflight.headers["Access-Control-Allow-Headers"]
    assert preflight.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"


@pytest.mark.inside
def test_spec_writes_are_open_to_pages_of_named_origins_only(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_ORIGINS", "https://mine.example, https://also.example")
    for origin, allowed in (("https://mine.example", "https://mine.example"), ("https://other.example", None)):
        for method in ("OPTIONS", "POST"):
            answer = api.ask(method, "/save_data/users", headers={"Origin": origin})
            assert answer.headers.get("Access-Control-Allow-Origin") == allowed
    assert "PUT" in api.ask("OPTIONS", "/save_data/users/a").headers["Allow"]


def test_spec_a_database_that_is_down_is_503_with_retry_after() -> None:
    answer = problems.from_exception(Unavailable("host 10.0.0.1 refused"), "get_data")
    assert (answer.status, answer.headers) == (503, {"Retry-After": "5"})
    assert b"10.0.0.1" not in answer.body


@pytest.mark.inside
def test_ours_a_queue_that_is_down_is_503_logged_and_leaves_the_source_as_it_was(
    api: Api, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CLOUD_TASKS_EMULATOR_HOST", "127.0.0.1:1")
    answer = api.ask("POST", "/scrape_now/users", headers=ADMIN)
    firebase_admin.delete_app(application())  # it keeps where the queue is
    jobs.tools.cache_clear()
    body = assert_problem(answer, 503)
    assert (body["type"], answer.headers["Retry-After"]) == ("urn:kindling:problem:queue-unavailable", "5")
    told = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [(line["event"], line["source"], line["error"]) for line in told] == [
        ("queue-failed", "users", "UnavailableError")
    ]
    source = api.get("/get_sources/users", headers=ADMIN).json
    assert source is not None
    assert (source["queued"], source["next_run"]) == (None, None)
    runs = api.get("/get_runs/users", headers=ADMIN).json
    assert runs is not None
    assert [(run["status"], run["error"]) for run in runs["runs"]] == [
        ("failed", {"code": "queue", "message": "the queue did not take it"})
    ]


FORESEEN: dict[str, tuple[Exception, int]] = {
    "too many writers": (Contended("x"), 503),
    "a queue that is down": (QueueUnavailable("x"), 503),
    "too much to read": (TooBig("x"), 422),
    "an answer of an endpoint": (ApiError(418, "tea"), 418),
}


@pytest.mark.parametrize(("error", "status"), FORESEEN.values(), ids=FORESEEN.keys())
def test_ours_errors_become_answers(error: Exception, status: int) -> None:
    assert problems.from_exception(error, "get_data").status == status


@pytest.mark.inside
def test_spec_a_bug_is_logged_under_the_id_that_the_client_gets(
    api: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "the secret" + " of the house"

    def broken() -> None:
        raise RuntimeError(words)

    monkeypatch.setattr("kindling.serve.endpoints.data.store", broken)
    body = assert_problem(api.get("/get_data"), 500)
    assert "secret" not in json.dumps(body)
    logged = capsys.readouterr().out
    assert "secret" not in logged
    line = json.loads(logged)
    assert (line["severity"], line["event"], line["where"], line["id"]) == ("ERROR", "bug", "get_data", body["id"])
    assert "in broken" in line["stack_trace"]
    assert line["stack_trace"].endswith("RuntimeError\n")


def test_ours_a_collection_tells_which_of_its_formats_are_feeds_and_links_to_all() -> None:
    one = told(Collection("c", 1, 0, 0, public=True, source=None, updated_ms=0))
    assert one["feeds"] == {"rss": "RSS", "atom": "Atom", "jsonfeed": "JSON Feed"}
    assert set(one["links"]) == {*FORMATS, "items", "changes"}


def test_ours_a_collection_tells_as_what_its_declared_fields_are_filtered() -> None:
    declared = {
        "at": "datetime",
        "n": "integer",
        "page": "url",
        "cost": "price",
        "any": "json",
        "old": "isbn",
    }
    seen: dict[str, tuple[str, ...]] = {"at": ("text",), "b": ("list", "number"), "n": ("number",)}
    one = Collection("c", 1, 0, 0, public=True, source="s", updated_ms=0, fields=seen, declared=declared)
    assert told(one)["fields"] == {**declared, "b": "list|number"}
    assert told(one)["kinds"] == {"at": "date", "cost": "object", "n": "number", "page": "text"}
