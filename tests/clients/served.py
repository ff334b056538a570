"""A served suite with the course's data in it, for clients that read and write as they like: one of the test's own, or
inside `firebase emulators:exec` the suite that runs there, emptied.

Its one source reads this project's own demo page, so that no client makes it reach outside this machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
import yaml

from tests.api import BIG_NEW_MOVIE, RUNNING, TURN_IT_DOWN, USERS, Api
from tests.running_suite import DEADLINE_S, RunningSuite

SOURCE = """\
url: /demo/users.html
every: 1d
records: li.person
key: email
fields:
  name: .name
  email: .email
collection: people
public: true
"""
NEWS = [
    {"id": "a", "title": "One", "url": "https://news.example/1", "at": "2026-01-01T00:00:00Z"},
    {"id": "b", "title": "Two <b>& more</b>", "url": "https://news.example/2", "at": "2026-01-02T00:00:00Z"},
]
COLLECTIONS: dict[str, list[dict[str, Any]]] = {
    "movies": [{"id": "turn", **TURN_IT_DOWN}, {"id": "big", **BIG_NEW_MOVIE}],
    "users": [{"id": user["email"].split("@")[0].replace(".", "-"), **user} for user in USERS],
    "news": NEWS,
}


class Asked:
    """A suite, asked through Hosting as a stranger or as the admin."""

    hosting: str
    key: str

    def get(self, path: str, **options: object) -> requests.Response:
        """A stranger's GET."""
        return requests.get(self.hosting + path, timeout=DEADLINE_S, **options)  # type: ignore[arg-type]  # passed on

    def ask(self, method: str, path: str, status: int, body: Any = None) -> requests.Response:
        """One request with the admin key, which must be answered with `status`."""
        answer = requests.request(
            method, self.hosting + path, json=body, headers={"X-API-Key": self.key}, timeout=DEADLINE_S
        )
        assert answer.status_code == status, answer.text
        return answer

    def save(self, collection: str, documents: list[dict[str, Any]], *, key: str = "id") -> None:
        """Saves documents in a public collection."""
        self.ask("POST", f"/save_data/{collection}?_key={key}", 201, documents)
        self.ask("PATCH", f"/save_data/{collection}", 200, {"public": True})


class Site(Asked, RunningSuite):
    """A suite of the test's own."""


class Standing(Asked):
    """The suite that runs already."""

    def __init__(self) -> None:
        assert RUNNING
        self.hosting, self.key = RUNNING.hosting, RUNNING.key


@contextmanager
def served(folder: Path) -> Iterator[Asked]:
    """The suite with COLLECTIONS in it, all public; its source is called members and has run once."""
    with started(folder) as site:
        for name, documents in COLLECTIONS.items():
            site.save(name, documents)
        site.ask("POST", "/scrape_now/members?_wait=50", 200)
        yield site


@contextmanager
def started(folder: Path) -> Iterator[Asked]:
    """The suite with the source, which is a file of the test's own suite and was saved in one that runs already."""
    if RUNNING:
        standing = Standing()
        with Api().emptied():
            standing.ask("PUT", "/save_source/members", 201, yaml.safe_load(SOURCE))
            yield standing
            standing.ask("DELETE", "/delete_source/members", 204)
        return
    sources = folder / "sources"
    sources.mkdir()
    (sources / "members.yaml").write_text(SOURCE)
    site = Site("--no-schedule", f"--sources={sources}", folder=folder)
    try:
        yield site
    finally:
        assert site.stop() == 0
