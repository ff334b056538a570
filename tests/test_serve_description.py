"""The specification, the Postman collection and docs/api.md: exactly the table's routes, and what really comes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from kindling.query.operators import OPERATORS
from kindling.serve import run_charts
from kindling.serve.callers import Scope
from kindling.serve.endpoints.describe import statuses
from kindling.serve.formats import FORMATS
from kindling.serve.table import TABLE

from tests.api import ADMIN, BIG_NEW_MOVIE, TURN_IT_DOWN, Api, served
from tests.live import ROOT

DOCS = ROOT / "docs" / "api.md"
README = ROOT / "README.md"
EXAMPLE = re.compile(r"```http\n(\w+) (\S+)\n(.*?)→ (\d+)\s*(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """The endpoints on a database of their own."""
    with served() as found:
        found.save("movies", [TURN_IT_DOWN, BIG_NEW_MOVIE])
        found.save("secrets", {"hidden_field": 1}, public=False)
        yield found


def document(api: Api, path: str) -> dict[str, Any]:
    answer = api.get(path)
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    found: dict[str, Any] = json.loads(answer.data)
    return found


def references(value: Any) -> Iterator[str]:
    """Every $ref anywhere in `value`."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_spec_the_specification_has_exactly_the_routes_and_the_public_collections(api: Api) -> None:
    found = document(api, "/openapi.json")
    assert found["openapi"] == "3.1.0"
    operations = {(method.upper(), path) for path, item in found["paths"].items() for method in item}
    assert operations == {(route.method, route.path) for route in TABLE} | {("GET", "/get_data/movies")}
    ids = [operation["operationId"] for item in found["paths"].values() for operation in item.values()]
    assert len(ids) == len(set(ids))


def test_spec_references_lead_somewhere_and_path_parameters_are_declared(api: Api) -> None:
    found = document(api, "/openapi.json")
    for reference in references(found):
        place: Any = found
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
    for path, item in found["paths"].items():
        for operation in item.values():
            named = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
            assert named == set(re.findall(r"\{(\w+)\}", path))


def test_spec_the_schema_of_a_collection_is_what_was_seen(api: Api) -> None:
    schema = document(api, "/openapi.json")["components"]["schemas"]["movies"]
    assert schema["properties"]["year"] == {"type": ["number"]}
    assert schema["properties"]["info"]["properties"]["genres"] == {"type": ["array"]}
    assert schema["properties"]["info"]["properties"]["rating"] == {"type": ["number"]}


@pytest.mark.parametrize(("path", "told"), [("/openapi.json", "hidden_field"), ("/postman.json", "Ask secrets")])
def test_spec_private_collections_are_described_to_those_who_may_read_them_only(api: Api, path: str, told: str) -> None:
    stranger, admin = api.get(path), api.get(path, headers=ADMIN)
    assert (told in stranger.text, "secrets" in stranger.text) == (False, False)
    assert told in admin.text
    assert admin.headers["Cache-Control"] == "no-store"


def test_spec_the_postman_collection_has_every_route(api: Api) -> None:
    found = document(api, "/postman.json")
    assert found["info"]["schema"].endswith("/v2.1.0/collection.json")
    requests = [one["request"] for folder in found["item"] for one in folder["item"]]
    asked = {(one["method"], "/" + "/".join(one["url"]["path"])) for one in requests}
    routes = {(route.method, re.sub(r"\{(\w+)\}", r"{{\1}}", route.path)) for route in TABLE}
    assert asked == routes | {("GET", "/get_data/movies")}
    variables = {one["key"] for one in found["variable"]}
    assert set(re.findall(r"\{\{(\w+)\}\}", json.dumps(found))) <= variables


def test_spec_the_docs_tell_every_route_parameter_and_status() -> None:
    text = DOCS.read_text()
    for route in TABLE:
        assert f"`{route.method} {route.path}`" in text, f"docs/api.md does not tell {route.method} {route.path}"
        for parameter in route.parameters:
            assert f"`{parameter.name}" in text, f"docs/api.md does not tell {parameter.name}"
        for status in statuses(route):
            assert str(status) in text, f"docs/api.md does not tell {status}"


WHO = {Scope.PUBLIC: "all", Scope.READ: "all*", Scope.WRITE: "write", Scope.ADMIN: "admin"}


def test_ours_the_docs_and_the_specification_tell_who_may(api: Api) -> None:
    rows = re.findall(r"^\| `([A-Z]+) ([^`]+)` \|.*\| (\S+) \|$", DOCS.read_text(), re.MULTILINE)
    assert {(method, path): who for method, path, who in rows} == {
        (route.method, route.path): WHO[route.needs] for route in TABLE
    }
    found = document(api, "/openapi.json")
    schemes = found["components"]["securitySchemes"].keys()
    for route in TABLE:
        ways = found["paths"][route.path][route.method.lower()].get("security", [])
        assert {name for way in ways for name in way} <= schemes
        assert (
            ways
            == {
                Scope.PUBLIC: [],
                Scope.READ: [{}, {"key": ["read"]}, {"user": ["admin"]}],
                Scope.WRITE: [{"key": ["write"]}, {"user": ["admin"]}],
                Scope.ADMIN: [{"key": ["admin"]}, {"user": ["admin"]}],
            }[route.needs]
        )


@pytest.mark.parametrize("name", sorted(OPERATORS))
def test_ours_the_docs_tell_every_operator(name: str) -> None:
    assert re.search(rf"__{name}\b", DOCS.read_text()), f"docs/api.md does not tell field__{name}"


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_ours_the_docs_tell_every_format(name: str) -> None:
    assert f"`{name}`" in DOCS.read_text(), f"docs/api.md does not tell the format {name}"
    assert f"`.{name}`" in README.read_text(), f"README.md does not tell .{name}, behind the name of a collection"


@pytest.mark.parametrize("name", run_charts.NAMES)
def test_ours_the_docs_tell_every_chart(name: str) -> None:
    told = DOCS.read_text().partition("`_chart` is ")[2].partition("\n\n")[0]
    assert f"`{name}`" in told, f"docs/api.md does not tell the chart {name} where it tells _chart"


def test_ours_the_docs_tell_every_word_of_a_problem() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "functions" / "kindling").rglob("*.py"))
    words = set(re.findall(r'(?:\bkind=|\b[45]\d\d, )"([a-z-]+)"', text))
    told = set(re.findall(r"`([a-z-]+)`", DOCS.read_text().partition("## Errors")[2]))
    assert {"contended", "unreadable"} <= words
    assert words - told == set()


@pytest.mark.inside
def test_spec_the_examples_of_the_docs_are_true() -> None:
    examples = EXAMPLE.findall(DOCS.read_text())
    assert len(examples) == DOCS.read_text().count("```http"), "an example is not written as method, body, → status"
    with served() as empty:
        for method, url, body, status, expected in examples:
            headers = {**ADMIN, "Content-Type": "application/json"} if method != "GET" else {}
            answer = empty.ask(method, url, data=body.encode() or None, headers=headers)
            assert answer.status_code == int(status), f"{method} {url}: {answer.text}"
            if expected.strip():
                told = answer.json if answer.content_type == "application/json" else answer.text.splitlines()
                known = (
                    json.loads(expected)
                    if isinstance(told, dict | list) and expected[0] in "[{"
                    else expected.splitlines()
                )
                assert told == known, f"{method} {url}"
