"""The main job, whole: real saved pages on a plain file server, a source file each, `preview` and `serve` as a user has
them, the same records from the API; then the page is edited, and exactly that is written."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import yaml

from tests.cases import PAGES
from tests.live import ROOT, http_server
from tests.running_suite import DEADLINE_S, RunningSuite
from tests.typed import typed

NAMES = ("books_toscrape", "quotes_toscrape", "github_trending", "wikipedia_volcanoes", "iens_reviews")

pytestmark = pytest.mark.suite


class Files(SimpleHTTPRequestHandler):
    """A plain file server that calls a file without an ending HTML and does not chatter."""

    extensions_map = {"": "text/html", ".html": "text/html"}  # noqa: RUF012 - the library declares it so

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Served:
    """Saved pages under the paths they were saved from, a source file for each, and what is expected of each."""

    def __init__(self, folder: Path, door: str) -> None:
        self.folder, self.door = folder, door
        self.sources = folder / "sources"
        self.sources.mkdir()
        self.expected: dict[str, list[dict[str, Any]]] = {}
        for name in NAMES:
            self._add(name)

    def _add(self, name: str) -> None:
        told = json.loads((PAGES / f"{name}.json").read_text())
        address = urlsplit(told["url"])
        self.file(name).parent.mkdir(parents=True, exist_ok=True)
        self.file(name).write_bytes((PAGES / f"{name}.html").read_bytes())
        definition = yaml.safe_load((ROOT / "tests" / "pages" / f"{name}.yaml").read_text())
        definition |= {"url": f"http://{self.door}{address.path}", "public": True, "every": "30d"}
        definition.pop("next", None)
        (self.sources / f"{name}.yaml").write_text(yaml.safe_dump(definition, sort_keys=False))
        here = json.dumps(told["expected"]).replace(f"{address.scheme}://{address.netloc}/", f"http://{self.door}/")
        self.expected[name] = json.loads(here)

    def file(self, name: str) -> Path:
        """Where the page lies."""
        path: str = urlsplit(json.loads((PAGES / f"{name}.json").read_text())["url"]).path
        return self.folder / "site" / path.lstrip("/") / ("index.html" if path.endswith("/") else "")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("pages")
    (folder / "site").mkdir()
    with http_server(partial(Files, directory=str(folder / "site"))) as door:
        yield Served(folder, door)


@pytest.fixture(scope="module")
def running(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSuite]:
    made = RunningSuite(
        "--no-schedule",
        f"--sources={served.sources}",
        f"--allow={served.door}",
        folder=tmp_path_factory.mktemp("suite"),
    )
    yield made
    assert made.stop() == 0


def scrape(running: RunningSuite, name: str) -> dict[str, Any]:
    answer = requests.post(
        f"{running.hosting}/scrape_now/{name}?_wait=50", headers={"X-API-Key": running.key}, timeout=DEADLINE_S
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def items(running: RunningSuite, name: str) -> list[dict[str, Any]]:
    found = running.get(f"/get_data/{name}?_limit=1000&_shape=array").json()
    return sorted(
        ({k: v for k, v in item.items() if k != "_id"} for item in found), key=partial(json.dumps, sort_keys=True)
    )


@pytest.mark.parametrize("name", NAMES)
def test_preview_gives_exactly_the_expected_records(served: Served, name: str) -> None:
    done = typed("preview", str(served.sources / f"{name}.yaml"), "--json", "--allow", served.door)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["records"] == served.expected[name]


@pytest.mark.parametrize("name", NAMES)
def test_the_served_suite_ends_with_the_same_records(served: Served, running: RunningSuite, name: str) -> None:
    run = scrape(running, name)
    assert run["status"] in ("ok", "unchanged")
    assert items(running, name) == sorted(served.expected[name], key=partial(json.dumps, sort_keys=True))


def write(file: Path, text: str) -> None:
    """Edits a page so that a reader notices: its Last-Modified counts seconds, and two edits may fall into one."""
    second = file.stat().st_mtime + 1
    file.write_text(text)
    os.utime(file, (second, second))


def test_an_edited_page_is_written_exactly_and_the_run_says_so(served: Served, running: RunningSuite) -> None:
    name = "quotes_toscrape"
    scrape(running, name)
    before = items(running, name)
    file = served.file(name)
    original = file.read_text()
    quotes = original.split('<div class="quote"')
    assert len(quotes) == 11
    changed = quotes[2].replace("J.K. Rowling", "Joanne Rowling")
    added = quotes[1].replace("The world as we have created it", "A page as we have edited it")
    write(file, '<div class="quote"'.join([*quotes[:1], added, changed, quotes[1], *quotes[4:]]))
    try:
        run = scrape(running, name)
        assert {k: run[k] for k in ("status", "records", "added", "changed", "removed")} == {
            "status": "ok",
            "records": 10,
            "added": 1,
            "changed": 1,
            "removed": 1,
        }
        after = items(running, name)
        assert len([item for item in after if item in before]) == 8
    finally:
        write(file, original)
