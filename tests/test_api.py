"""What a client sees of reading and writing, under functions-framework on a real database, in every mounting."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api import ADMIN, BIG_NEW_MOVIE, MOUNTS, SITE, TURN_IT_DOWN, USERS, Api, served
from tests.cases import NAUGHTY

_names = (f"c{number}" for number in count())


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """The endpoints on a database of their own, with the course's movies and users."""
    with served() as found:
        found.save("movies", [TURN_IT_DOWN, BIG_NEW_MOVIE])
        found.save("users", USERS)
        found.save("secrets", {"name": "nobody's business"}, public=False)
        yield found


@pytest.fixture
def name() -> str:
    """A collection nobody used."""
    return next(_names)


def bare(item: dict[str, Any]) -> dict[str, Any]:
    """An item without what the API adds."""
    return {field: value for field, value in item.items() if not field.startswith("_")}


@pytest.mark.parametrize("mount", MOUNTS)
def test_spec_hello_world(api: Api, mount: str) -> None:
    answer = api.get("/", mount=mount)
    assert (answer.text, answer.content_type) == ("Hello World!", "text/plain; charset=utf-8")


def test_spec_a_browser_gets_a_page_that_links_on(api: Api) -> None:
    answer = api.get("/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert answer.content_type == "text/html; charset=utf-8"
    for part in ("<h1>Hello World!</h1>", 'href="/get_data"', 'href="/openapi.json"', 'href="/postman.json"'):
        assert part in answer.text


@pytest.mark.parametrize("mount", MOUNTS)
def test_spec_the_email_of_every_person_named_shawn(api: Api, mount: str) -> None:
    answer = api.get("/get_data/users?name=Shawn&_select=email", mount=mount)
    assert answer.json is not None
    assert [bare(item) for item in answer.json["items"]] == [
        {"email": "shawn@example.com"},
        {"email": "other.shawn@example.com"},
    ]
    assert answer.json["next"] is None


@pytest.mark.parametrize("mount", MOUNTS)
def test_spec_the_courses_two_movies_come_back_unchanged(api: Api, mount: str) -> None:
    found = api.items("/get_data/movies", mount=mount)
    assert [bare(item) for item in found] == [TURN_IT_DOWN, BIG_NEW_MOVIE]
    for item, movie in zip(found, (TURN_IT_DOWN, BIG_NEW_MOVIE), strict=True):
        assert api.get(f"/get_data/movies/{item['_id']}", mount=mount).json == movie


@pytest.mark.parametrize("mount", MOUNTS)
def test_spec_the_list_names_each_collection_with_fields_and_samples(api: Api, mount: str) -> None:
    answer = api.get("/get_data", mount=mount)
    assert answer.json is not None
    found = {one["name"]: one for one in answer.json["collections"]}
    assert "secrets" not in found
    users = found["users"]
    assert users["fields"] == {"age": "number", "email": "text", "name": "text"}
    assert (users["count"], users["public"], users["source"], users["freshness"], users["index"]) == (
        4,
        True,
        None,
        None,
        [],
    )
    assert [bare(item) for item in users["sample"]] == USERS[:3]
    assert users["links"]["csv"] == f"{SITE}/get_data/users.csv"


def test_spec_a_private_collection_is_an_unknown_one_to_the_byte(api: Api) -> None:
    for url in ("/get_data/{}", "/get_data/{}.csv", "/get_data/{}/x", "/get_changes/{}", "/get_series/{}/x/name"):
        private, unknown = api.get(url.format("secrets")), api.get(url.format("unknown"))
        assert private.status_code == 404
        assert private.data.replace(b"secrets", b"unknown") == unknown.data
        assert list(private.headers) == list(unknown.headers)  # also the length: both names have seven letters


def test_spec_the_admin_reads_private_collections_and_no_cache_keeps_them(api: Api) -> None:
    answer = api.get("/get_data/secrets", headers=ADMIN)
    assert answer.json is not None
    assert [bare(item) for item in answer.json["items"]] == [{"name": "nobody's business"}]
    assert answer.headers["Cache-Control"] == "no-store"
    listed = api.get("/get_data", headers=ADMIN)
    assert "secrets" in listed.text
    assert listed.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("mount", MOUNTS)
def test_spec_post_put_patch_delete(api: Api, name: str, mount: str) -> None:
    made = api.ask("POST", f"/save_data/{name}", json={"n": 1}, headers=ADMIN, mount=mount)
    assert made.status_code == 201
    assert made.json is not None
    key = made.json["ids"][0]
    assert made.json == {"ids": [key], "created": 1, "replaced": 0}
    assert made.headers["Location"] == f"{SITE}/get_data/{name}/{key}"
    put = api.ask("PUT", f"/save_data/{name}/{key}", json={"n": 2, "x": {"y": 1}}, headers=ADMIN, mount=mount)
    assert (put.status_code, put.json) == (200, {"n": 2, "x": {"y": 1}})
    patched = api.ask("PATCH", f"/save_data/{name}/{key}", json={"x": {"y": None, "z": []}}, headers=ADMIN, mount=mount)
    assert (patched.status_code, patched.json) == (200, {"n": 2, "x": {"z": []}})
    created = api.ask("PUT", f"/save_data/{name}/own.id", json={"n": 3}, headers=ADMIN, mount=mount)
    assert (created.status_code, created.headers["Location"]) == (201, f"{SITE}/get_data/{name}/own~2Eid")
    assert api.get(f"/get_data/{name}/own.id", headers=ADMIN, mount=mount).json == {"n": 3}
    assert api.ask("DELETE", f"/delete_data/{name}/own.id", headers=ADMIN, mount=mount).status_code == 204
    assert api.get(f"/get_data/{name}/own.id", headers=ADMIN, mount=mount).status_code == 404
    assert api.ask("DELETE", f"/delete_data/{name}?_confirm={name}", headers=ADMIN, mount=mount).status_code == 204
    assert api.get(f"/get_data/{name}", headers=ADMIN, mount=mount).status_code == 404


def test_spec_a_list_is_saved_whole_under_the_values_of_a_field(api: Api, name: str) -> None:
    assert api.save(name, [{"isbn": 1, "t": "a"}, {"isbn": "x/y"}], query="?_key=isbn") == ["~31", "x~2Fy"]
    again = api.ask("POST", f"/save_data/{name}?_key=isbn", json=[{"isbn": 1}, {"isbn": 2}], headers=ADMIN)
    assert again.json == {"ids": ["~31", "~32"], "created": 1, "replaced": 1}
    assert api.get(f"/get_data/{name}/1").json == {"isbn": 1}


def test_spec_a_list_with_one_bad_item_stores_nothing_and_names_it(api: Api, name: str) -> None:
    answer = api.ask("POST", f"/save_data/{name}", json=[{"a": 1}, {"_b": 1}, 3], headers=ADMIN)
    assert answer.status_code == 400
    assert answer.json is not None
    assert [error["where"] for error in answer.json["errors"]] == ["[1]._b", "[2]"]
    assert api.get(f"/get_data/{name}", headers=ADMIN).status_code == 404


KEYS: dict[str, tuple[list[Any], list[str]]] = {
    "missing": ([{"k": 1}, {"j": 1}], ["[1].k"]),
    "no single value": ([{"k": [1]}, {"k": {}}, {"k": None}, {"k": ""}], ["[0].k", "[1].k", "[2].k", "[3].k"]),
    "the same twice": ([{"k": 1}, {"k": 2}, {"k": 1}], ["[2].k"]),
}


@pytest.mark.parametrize(("items", "where"), KEYS.values(), ids=KEYS.keys())
def test_ours_a_key_that_is(api: Api, name: str, items: list[Any], where: list[str]) -> None:
    answer = api.ask("POST", f"/save_data/{name}?_key=k", json=items, headers=ADMIN)
    assert answer.status_code == 400
    assert answer.json is not None
    assert [error["where"] for error in answer.json["errors"]] == where


def test_spec_if_match_and_if_none_match_guard_writes(api: Api, name: str) -> None:
    url = f"/save_data/{name}/a"
    fresh = {**ADMIN, "If-None-Match": "*"}
    assert api.ask("PUT", url, json={"n": 1}, headers=fresh).status_code == 201
    assert api.ask("PUT", url, json={"n": 2}, headers=fresh).status_code == 412
    tag = api.get(f"/get_data/{name}/a", headers=ADMIN).headers["ETag"]
    put = api.ask("PUT", url, json={"n": 2}, headers={**ADMIN, "If-Match": tag})
    assert put.status_code == 200
    assert put.headers["ETag"] == api.get(f"/get_data/{name}/a", headers=ADMIN).headers["ETag"] != tag
    document = f"/delete_data/{name}/a"
    for method, path in (("PUT", url), ("PATCH", url), ("DELETE", document), ("DELETE", f"{document}?_forget=1")):
        stale = api.ask(method, path, json={"n": 3}, headers={**ADMIN, "If-Match": tag})
        assert stale.status_code == 412
    assert api.get(f"/get_data/{name}/a", headers=ADMIN).json == {"n": 2}


def test_spec_of_writers_at_once_with_one_etag_one_wins(api: Api, name: str) -> None:
    api.save(name, {"n": 0, "id": "a"}, query="?_key=id")
    tag = api.get(f"/get_data/{name}/a").headers["ETag"]

    def write(number: int) -> int:
        put = api.ask("PUT", f"/save_data/{name}/a", json={"n": number}, headers={**ADMIN, "If-Match": tag})
        return put.status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(write, range(1, 7))) == [200, 412, 412, 412, 412, 412]


def test_spec_settings_make_a_collection_public_and_index_it(api: Api, name: str) -> None:
    api.save(name, [{"year": 1}], public=False)
    assert api.get(f"/get_data/{name}").status_code == 404
    answer = api.ask("PATCH", f"/save_data/{name}", json={"public": True, "index": ["year"]}, headers=ADMIN)
    assert answer.json is not None
    assert (answer.status_code, answer.json["public"], answer.json["index"]) == (200, True, ["year"])
    assert [bare(item) for item in api.items(f"/get_data/{name}?year__gte=1")] == [{"year": 1}]


SETTINGS: dict[str, tuple[Any, str]] = {
    "no object": ([], ""),
    "nothing": ({}, ""),
    "another word": ({"publc": True}, "publc"),
    "a public that is no boolean": ({"public": "yes"}, "public"),
    "an index that is no list": ({"index": "year"}, "index"),
    "too many indexes": ({"index": list("abcdefghi")}, "index"),
}


@pytest.mark.parametrize(("body", "where"), SETTINGS.values(), ids=SETTINGS.keys())
def test_spec_settings_that_are(api: Api, name: str, body: Any, where: str) -> None:
    answer = api.ask("PATCH", f"/save_data/{name}", json=body, headers=ADMIN)
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["errors"][0]["where"] == where
    assert api.get(f"/get_data/{name}", headers=ADMIN).status_code == 404


def test_spec_pages_hold_while_another_client_writes(api: Api, name: str) -> None:
    api.save(name, [{"id": f"k{number:02}", "n": number // 2} for number in range(0, 40, 2)], query="?_key=id")
    url = f"/get_data/{name}?_sort=-n&_limit=3"
    seen: list[str] = []
    answer = api.get(url)
    for step in range(20):
        assert answer.json is not None
        seen += [item["id"] for item in answer.json["items"]]
        if answer.json["next"] is None:
            break
        api.save(name, [{"id": f"k{2 * step + 1:02}", "n": step}], query="?_key=id")
        link = answer.headers["Link"]
        assert link.startswith("<?")
        assert link.endswith('>; rel="next"')
        answer = api.get(f"/get_data/{name}{link[1:].partition('>')[0]}")
    assert len(seen) == len(set(seen))
    assert {f"k{number:02}" for number in range(0, 40, 2)} <= set(seen)


def test_spec_count_shape_meta_and_omit(api: Api) -> None:
    answer = api.get("/get_data/users?age__exists=1&_count=1&_limit=2")
    assert answer.json is not None
    assert (answer.json["total"], len(answer.json["items"]), answer.headers["Kindling-Total"]) == (3, 2, "3")
    bare_list = api.get("/get_data/users?_shape=array&_omit=_id,email,age").json
    assert bare_list == [{"name": one["name"]} for one in USERS]
    item = api.items("/get_data/users?_meta=1&_limit=1")[0]
    assert set(item["_meta"]) == {"first_seen", "last_seen", "changed_at", "gone_at", "key"}
    assert (item["_meta"]["gone_at"], item["_meta"]["key"]) == (None, item["_id"])
    picked = api.items("/get_data/movies?_select=info.rating,title&_limit=1")[0]
    assert bare(picked) == {"title": TURN_IT_DOWN["title"], "info": {"rating": 6.2}}


def test_spec_distinct(api: Api) -> None:
    assert api.get("/get_data/users?_distinct=name").json == {
        "values": [
            {"value": "Alyssa", "count": 1},
            {"value": "Ben Bitdiddle", "count": 1},
            {"value": "Shawn", "count": 2},
        ]
    }


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
field_names = st.text(max_size=12).filter(lambda text: not text.startswith("_"))


# the fixture is one server for all examples on purpose; each example saves under an id of its own
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(field_names, json_values, max_size=4), st.text(min_size=1, max_size=60))
def test_spec_any_document_comes_back_equal_under_any_id(api: Api, document: dict[str, Any], key: str) -> None:
    made = api.ask("POST", "/save_data/anything?_key=k", json={**document, "k": key}, headers=ADMIN)
    assert made.status_code == 201, made.text
    assert made.json is not None
    found = api.get(f"/get_data/anything/{made.json['ids'][0]}", headers=ADMIN)
    assert found.json == {**document, "k": key}


def test_spec_every_naughty_string_is_kept_as_value_name_and_id(api: Api, name: str) -> None:
    texts = [text for text in dict.fromkeys(NAUGHTY) if text]
    ids = api.save(name, [{"text": text, "in": {text: text}} for text in texts], query="?_key=text")
    assert len(set(ids)) == len(texts)
    found = {item["_id"]: item for item in api.items(f"/get_data/{name}?_limit=1000")}
    assert [found[key]["text"] for key in ids] == texts
    assert [found[key]["in"] for key in ids] == [{text: text} for text in texts]
    for key, text in list(zip(ids, texts, strict=True))[:40]:
        for mount in MOUNTS:
            answer = api.get(f"/get_data/{name}/{key}", mount=mount)
            assert answer.json is not None
            assert answer.json["text"] == text


def test_spec_health_says_that_the_database_answers(api: Api) -> None:
    answer = api.get("/health")
    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "database": "ok", "late": 0}
    assert answer.headers["Cache-Control"] == "no-store"
