"""The demo site scraped and served by the whole suite; what the database holds then is what docs/data.md shows."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler
from typing import Any

import pytest
import requests
from kindling.store import paths

from tests.api import BIG_NEW_MOVIE, TURN_IT_DOWN
from tests.live import ROOT, http_server
from tests.running_suite import DEADLINE_S, RunningSuite
from tests.typed import typed

MOVIES = [TURN_IT_DOWN, BIG_NEW_MOVIE]
DATA_PAGE = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"^`([^`\n]+)`\n\n```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = EXAMPLE.findall(DATA_PAGE)

pytestmark = pytest.mark.suite


class Quiet(SimpleHTTPRequestHandler):
    """Static files, told to nobody."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's name
        """Nothing."""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """The demo site on another host than the project's own; its HOST:PORT."""
    with http_server(partial(Quiet, directory=str(ROOT / "public"))) as host:
        yield host


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, elsewhere: str) -> Iterator[RunningSuite]:
    """A suite whose sources ran once: users, movies, and the users on another host. In `notes` something was saved, and
    a key was made beside it."""
    folder = tmp_path_factory.mktemp("served")
    sources = folder / "sources"
    sources.mkdir()
    for name in ("users", "movies"):
        shutil.copy(ROOT / "functions" / "sources" / f"{name}.yaml", sources)
    (sources / "guests.yaml").write_text(
        f"url: http://{elsewhere}/demo/users.html\nrecords: li.person\nfields: {{name: .name}}\n", encoding="utf-8"
    )
    running = RunningSuite("--no-schedule", f"--sources={sources}", f"--allow={elsewhere}", folder=folder)
    try:
        for name in ("users", "movies", "guests"):
            assert send(running, "POST", f"/scrape_now/{name}?_wait=50").json()["status"] == "ok"
        send(running, "PUT", "/save_data/notes/shawn", json={"text": "write to Shawn"})
        send(running, "PATCH", "/save_data/notes/shawn", json={"done": True})
        add_key(running, "pandas", "--scope=read", "--collections=movies,users", "--expires=365d")
        yield running
    finally:
        assert running.stop() == 0


def send(suite: RunningSuite, method: str, path: str, **options: Any) -> requests.Response:
    """A request with the admin key."""
    headers = {"X-API-Key": suite.key}
    answer = requests.request(method, suite.hosting + path, headers=headers, timeout=DEADLINE_S, **options)
    assert answer.ok, answer.text
    return answer


def add_key(suite: RunningSuite, *arguments: str) -> str:
    """A new key, made by the command as a person runs it beside the suite."""
    done = typed("keys", "add", *arguments, f"--data={suite.folder / 'data'}")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def stored(suite: RunningSuite, path: str) -> Any:
    """What the database holds at a path; `{page}` and the like stand for the first that leads on."""
    whole = requests.get(
        f"{suite.database}/.json?ns=demo-kindling-default-rtdb",
        headers={"Authorization": "Bearer owner"},
        timeout=DEADLINE_S,
    ).json()
    return _reached(whole, path.split("/"))


def _reached(node: Any, parts: list[str]) -> Any:
    if not parts or node is None:
        return node
    names = sorted(node) if parts[0].startswith("{") else [parts[0]]
    return next((found for name in names if (found := _reached(node.get(name), parts[1:])) is not None), None)


def unlike(shown: Any, real: Any, where: str = "") -> Iterator[str]:
    """Where an example differs from what is there: `…` in a text stands for anything, also for a number."""
    if isinstance(shown, dict) and isinstance(real, dict):
        for name in sorted(shown.keys() | real.keys()):
            yield from unlike(shown.get(name), real.get(name), f"{where}/{name}")
    elif isinstance(shown, str) and "…" in shown:
        pattern = ".+".join(map(re.escape, shown.split("…")))
        if real is None or not re.fullmatch(pattern, str(real)):
            yield f"{where}: {real!r}"
    elif shown != real:
        yield f"{where}: {real!r}"


def test_the_courses_movies_are_served_as_they_stand_there(served: RunningSuite) -> None:
    titles = ",".join(movie["title"].replace(",", "\\,") for movie in MOVIES)
    answer = served.get("/get_data/movies", params={"title__in": titles, "_sort": "year", "_omit": "_id"})
    assert answer.json() == {"items": MOVIES, "next": None}


@pytest.mark.parametrize(("path", "text"), EXAMPLES, ids=[path.replace("/", " ") for path, _ in EXAMPLES])
def test_an_example_of_the_data_page_is_what_the_database_holds(served: RunningSuite, path: str, text: str) -> None:
    assert list(unlike(json.loads(text), stored(served, path))) == []


@pytest.mark.parametrize(("path", "text"), EXAMPLE.findall((ROOT / "docs" / "api.md").read_text(encoding="utf-8")))
def test_an_example_of_the_api_page_is_what_is_answered(served: RunningSuite, path: str, text: str) -> None:
    """A source as a stranger sees it, all else as the administrator does; of the collections the one that is shown."""
    shown = json.loads(text)
    asked = path.replace("{run}", send(served, "GET", "/get_sources/users").json()["run"])
    told = (served.get(asked) if path.startswith("/get_sources/") else send(served, "GET", asked)).json()
    real = next(one for one in told["collections"] if one["name"] == shown["name"]) if "collections" in told else told
    assert list(unlike(shown, real)) == []


def test_a_record_that_is_forgotten_is_not_taken_again(served: RunningSuite) -> None:
    found = send(served, "GET", "/get_data/guests?name=Zoë").json()["items"]
    send(served, "DELETE", f"/delete_data/guests/{found[0]['_id']}?_forget=1")
    assert send(served, "POST", "/scrape_now/guests?_wait=50").json()["records"] == 9
    assert send(served, "GET", "/get_data/guests?name=Zoë").json() == {"items": [], "next": None}
    assert list(stored(served, "forgotten/guests")) == [found[0]["_id"]]


def test_the_data_page_draws_every_node_of_the_database() -> None:
    tree = re.split(r"^```\n", DATA_PAGE, flags=re.MULTILINE)[1]
    drawn = set(re.findall(r"^[├└]── (\w+)", tree, re.MULTILINE))
    named = {value for name, value in vars(paths).items() if name.isupper() and isinstance(value, str)}
    assert drawn == {name.split("/")[0] for name in named - {paths.STAMPS}}


def test_a_key_made_beside_the_suite_opens_what_it_is_for_through_every_mounting(served: RunningSuite) -> None:
    headers = {"X-API-Key": add_key(served, "notes", "--scope=read", "--collections=notes")}
    for origin in (served.hosting, f"{served.functions}/demo-kindling/us-central1"):
        asked = [
            requests.get(f"{origin}/get_data/notes", headers=given, timeout=DEADLINE_S).status_code
            for given in (headers, {})
        ]
        assert asked == [200, 404]
    told = requests.put(f"{served.hosting}/save_data/notes/b", json={}, headers=headers, timeout=DEADLINE_S)
    assert told.status_code == 403
