"""Sources, runs and previews over HTTP, as an administrator and as a stranger, on the served suite."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
import requests
from kindling import sources
from kindling.fieldtypes import FIELD_TYPES
from kindling.serve import run_charts

from tests.faultsite import Exchange, FaultSite, page
from tests.running_suite import DEADLINE_S, ROOT, RunningSuite, eventually

pytestmark = pytest.mark.suite
LIST = b"<ul><li><b>a</b><i>1</i><li><b>b</b><i>2</i></ul>"


@pytest.fixture(scope="module")
def site() -> Iterator[FaultSite]:
    with FaultSite({"/": page(LIST)}) as made:
        yield made


@pytest.fixture(scope="module")
def api(site: FaultSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    running = RunningSuite("--no-schedule", f"--allow={site.door}", folder=tmp_path_factory.mktemp("api"))
    yield Api(running)
    assert running.stop() == 0


class Api:
    """The served suite, asked as administrator unless said otherwise."""

    def __init__(self, running: RunningSuite) -> None:
        self.running = running

    def ask(self, method: str, path: str, *, key: str | None = "", **options: Any) -> requests.Response:
        headers = {**options.pop("headers", {})}
        if key is not None:
            headers["X-API-Key"] = key or self.running.key
        return requests.request(method, self.running.hosting + path, headers=headers, timeout=DEADLINE_S, **options)

    def save(self, name: str, definition: Any) -> requests.Response:
        return self.ask("PUT", f"/save_source/{name}", json=definition)


def definition(site: FaultSite, **more: Any) -> dict[str, Any]:
    fields = {"name": "b", "n": {"select": "i", "type": "integer"}}
    return {
        "url": site.url("/"),
        "every": "30d",
        "records": "li",
        "key": "name",
        "fields": fields,
        "public": True,
    } | more


def definition_of(text: str) -> dict[str, Any]:
    return sources.definition(sources.parse(text, "x"))


def test_a_source_lives_without_a_deploy_from_definition_to_data_to_deletion(api: Api, site: FaultSite) -> None:
    saved = api.save("lists", definition(site))
    assert (saved.status_code, saved.json()["status"]) == (201, "new")
    run = api.ask("POST", "/scrape_now/lists?_wait=30")
    assert run.status_code == 200
    told = run.json()
    assert {k: told[k] for k in ("source", "status", "pages", "records", "added", "error")} == {
        "source": "lists",
        "status": "ok",
        "pages": 1,
        "records": 2,
        "added": 2,
        "error": None,
    }
    assert api.ask("GET", f"/get_runs/lists/{told['run']}").json() == told
    assert api.ask("GET", "/get_runs/lists").json()["runs"] == [told]
    items = api.ask("GET", "/get_data/lists?_shape=array", key=None)
    assert items.json() == [{"_id": "a", "n": 1, "name": "a"}, {"_id": "b", "n": 2, "name": "b"}]
    assert items.headers["Kindling-Status"] == "ok"
    refused = api.ask("POST", "/save_data/lists", json={"x": 1})
    assert refused.status_code == 409
    again = api.save("lists", definition(site))
    assert (again.status_code, again.json()["count"]) == (200, 2)
    assert api.ask("DELETE", "/delete_source/lists").status_code == 204
    assert api.ask("GET", "/get_sources/lists").status_code == 404
    assert api.ask("GET", "/get_data/lists/a", key=None).json()["n"] == 1
    assert api.ask("PUT", "/save_data/lists/c", json={"n": 3}).status_code == 201


def test_a_definition_as_yaml_is_checked_as_a_file_is_with_lines(api: Api, site: FaultSite) -> None:
    text = f"url: {site.url('/')}\nevery: 1h\nfields:\n  a: {{select: b, type: numbr}}\nextract: x.py\n"
    answer = api.ask("PUT", "/save_source/broken", data=text, headers={"Content-Type": "application/yaml"})
    assert answer.status_code == 400
    told = answer.json()
    assert told["lines"] == [4, 5]
    assert [error["where"] for error in told["errors"]] == ["fields.a.type", "extract"]
    assert "did you mean 'number'?" in told["errors"][0]["what"]
    assert api.ask("GET", "/get_sources/broken").status_code == 404


def test_a_preview_stores_nothing_and_an_address_alone_gives_offers_that_work(api: Api, site: FaultSite) -> None:
    shown = api.ask("POST", "/preview_source", json=definition(site))
    assert shown.status_code == 200
    assert shown.json()["records"] == [{"name": "a", "n": 1}, {"name": "b", "n": 2}]
    assert shown.json()["fields"]["n"] == {"hits": 2, "fill": 1.0, "examples": [1, 2]}
    told = api.ask("POST", "/preview_source", json={"url": f"{api.running.hosting}/demo/users.html"}).json()
    assert list(told["types"].items()) == [(name, row.words) for name, row in FIELD_TYPES.items()]
    offers = told["offers"]
    assert (offers[0]["count"], offers[0]["typed"]) == (10, False)
    of_json = api.ask("POST", "/preview_source", json={"url": f"{api.running.hosting}/openapi.json"}).json()["offers"]
    assert (of_json[0]["kind"], of_json[0]["typed"]) == ("json", True)
    again = api.ask("POST", "/preview_source", json=offers[0]["definition"])
    assert len(again.json()["records"]) == 10
    assert definition_of(again.json()["yaml"]) == definition_of(json.dumps(offers[0]["definition"]))
    assert api.ask("GET", "/get_data/preview").status_code == 404


def test_the_text_that_declares_a_source_is_told_to_be_edited(api: Api, site: FaultSite) -> None:
    text = f"# a comment stays\nurl: {site.url('/')}\nrecords: li\nfields: {{name: b}}\n"
    api.ask("PUT", "/save_source/texts", data=text, headers={"Content-Type": "application/yaml"})
    assert api.ask("GET", "/get_sources/texts").json()["yaml"] == text
    api.save("texts", definition(site))
    as_yaml = api.ask("GET", "/get_sources/texts").json()["yaml"]
    assert (as_yaml[:4], definition_of(as_yaml)) == ("url:", definition_of(json.dumps(definition(site))))
    file = (ROOT / "functions" / "sources" / "users.yaml").read_text()
    assert api.ask("GET", "/get_sources/users").json()["yaml"] == file
    assert "yaml" not in api.ask("GET", "/get_sources/users", key=None).json()
    assert "yaml" not in api.ask("GET", "/get_sources").json()["sources"][0]


@pytest.mark.parametrize("chart", ["", *run_charts.NAMES])
def test_the_runs_of_a_source_are_drawn(api: Api, site: FaultSite, chart: str) -> None:
    name = f"drawn-{chart or 'unsaid'}"
    api.save(name, definition(site))
    empty = api.ask("GET", f"/get_runs/{name}?_format=svg&_chart={chart or 'bytes'}")
    assert empty.status_code == 200
    assert api.ask("POST", f"/scrape_now/{name}?_wait=30").status_code == 200
    answer = api.ask("GET", f"/get_runs/{name}?_format=svg" + (f"&_chart={chart}" if chart else ""))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/svg+xml")
    root = ElementTree.fromstring(answer.content)
    assert [one.tag for one in root.iter() if one.tag.endswith("script")] == []
    assert chart != "fill" or {"name", "n"} <= {one.text for one in root.iter()}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        pytest.param("GET", "/get_runs/users?_format=svg&_chart=pie", None, 400, id="a chart that is none"),
        pytest.param("GET", "/get_runs/users?_format=csv", None, 400, id="a format that is none"),
        pytest.param("PUT", "/save_source/users", {}, 400, id="an empty definition"),
        pytest.param("PUT", "/save_source/Bad Name", {"url": "x"}, 400, id="a name that is none"),
        pytest.param("PUT", "/save_source/get_data", {"url": "x"}, 400, id="a function's name"),
        pytest.param("DELETE", "/delete_source/users", None, 409, id="a file is not deleted"),
        pytest.param("DELETE", "/delete_source/nobody", None, 404, id="nobody is not deleted"),
        pytest.param("POST", "/scrape_now/nobody", None, 404, id="nobody is not run"),
        pytest.param("POST", "/scrape_now/users?_wait=99", None, 400, id="too long a wait"),
        pytest.param("POST", "/scrape_now/users?_accept=yes", None, 400, id="neither accepted nor not"),
        pytest.param("POST", "/scrape_now/users?_wiat=9", None, 400, id="a mistyped parameter"),
        pytest.param("POST", "/preview_source", {"url": "http://169.254.169.254/"}, 422, id="a refused address"),
        pytest.param("POST", "/preview_source", {"url": "http://127.0.0.1:1/"}, 422, id="a loopback address"),
        pytest.param("PATCH", "/save_source/users", {"paused": "yes"}, 400, id="a pause that is no boolean"),
        pytest.param("GET", "/get_runs/nobody", None, 404, id="runs of nobody"),
        pytest.param("GET", "/get_runs/users/none", None, 404, id="a run that never was"),
        pytest.param("POST", "/get_runs", None, 405, id="a wrong method"),
    ],
)
def test_bad_requests_get_the_right_status_as_problem_json(
    api: Api, method: str, path: str, body: Any, status: int
) -> None:
    answer = api.ask(method, path, json=body) if body is not None else api.ask(method, path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_file_wins_over_a_saved_source(api: Api, site: FaultSite) -> None:
    answer = api.save("users", definition(site))
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:kindling:problem:is-a-file")


def test_strangers_see_health_and_neither_reasons_definitions_nor_private_sources(api: Api, site: FaultSite) -> None:
    api.save("hidden", definition(site, public=False))
    listed = api.ask("GET", "/get_sources", key=None)
    assert listed.headers["Cache-Control"] == "no-store"
    told = {source["name"]: source for source in listed.json()["sources"]}
    assert "hidden" not in told
    shown = {"name", "status", "last_run", "last_success", "next_run", "collection", "count", "recent"}
    assert set(told["users"]) == shown
    unknown, hidden = (api.ask("GET", f"/get_sources/{name}", key=None) for name in ("unknown", "hidden"))
    assert (unknown.status_code, unknown.content) == (404, hidden.content)
    assert "definition" in api.ask("GET", "/get_sources/hidden").json()


def test_a_run_that_is_going_on_answers_202_then_409_and_then_its_end(api: Api, site: FaultSite) -> None:
    go_on = threading.Event()

    def slow(exchange: Exchange) -> None:
        go_on.wait(DEADLINE_S)
        page(LIST)(exchange)

    site.handlers["/slow"] = slow
    api.save("slow", definition(site, url=site.url("/slow")))
    try:
        started = api.ask("POST", "/scrape_now/slow")
        assert started.status_code == 202
        place = started.headers["Location"].removeprefix(api.running.hosting)
        assert place == f"/get_runs/slow/{started.json()['run']}"
        eventually(lambda: api.ask("GET", place).json()["status"] == "running")
        busy = api.ask("POST", "/scrape_now/slow")
        assert (busy.status_code, busy.json()["run"]) == (409, started.json()["run"])
    finally:
        go_on.set()
    eventually(lambda: api.ask("GET", place).json()["status"] != "running")
    assert api.ask("GET", place).json()["status"] == "ok"


def test_a_suspect_result_is_accepted_on_request(api: Api, site: FaultSite) -> None:
    site.handlers["/many"] = page(b"".join(b"<li><b>k%d</b>" % n for n in range(30)))
    api.save("many", definition(site, url=site.url("/many")))
    assert api.ask("POST", "/scrape_now/many?_wait=30").json()["records"] == 30
    site.handlers["/many"] = page(b"<li><b>k0</b>")
    doubtful = api.ask("POST", "/scrape_now/many?_wait=30").json()
    assert (doubtful["status"], doubtful["error"]["message"]) == ("suspect", "only 1 records were found, usually 30")
    assert len(api.ask("GET", "/get_data/many?_shape=array", key=None).json()) == 30
    assert api.ask("GET", "/get_sources/many").json()["reason"] == doubtful["error"]["message"]
    accepted = api.ask("POST", "/scrape_now/many?_wait=30&_accept=1").json()
    assert (accepted["status"], accepted["removed"]) == ("ok", 29)
    assert len(api.ask("GET", "/get_data/many?_shape=array", key=None).json()) == 1


def test_a_source_rests_and_goes_on(api: Api, site: FaultSite) -> None:
    api.save("resting", definition(site))
    for paused, status in ((True, "paused"), (False, "new")):
        answer = api.ask("PATCH", "/save_source/resting", json={"paused": paused})
        assert (answer.status_code, answer.json()["status"]) == (200, status)


def test_the_definition_an_administrator_reads_back_is_the_one_that_was_saved(api: Api, site: FaultSite) -> None:
    wanted = definition(site, next="a.next::attr(href)")
    api.save("back", wanted)
    told = api.ask("GET", "/get_sources/back").json()["definition"]
    assert json.dumps(told["fields"]) == json.dumps(wanted["fields"])
    assert (told["url"], told["next"]) == (wanted["url"], wanted["next"])
