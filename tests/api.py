"""The endpoints as functions-framework serves them, on a real database emulator, for tests to ask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from firebase_functions import params
from functions_framework import create_app
from kindling.naming import FUNCTIONS
from werkzeug.test import Client, TestResponse

from tests.live import ROOT, database

KEY = "key-of-the-tests"
ADMIN = {"X-API-Key": KEY}
SITE = "https://kindling.example"
MOUNTS = ("hosting", "function")

TURN_IT_DOWN: dict[str, Any] = {
    "year": 2013,
    "title": "Turn It Down, Or Else!",
    "info": {
        "directors": ["Alice Smith", "Bob Jones"],
        "release_date": "2013-01-18T00:00:00Z",
        "rating": 6.2,
        "genres": ["Comedy", "Drama"],
        "image_url": "http://ia.media-imdb.com/images/N/09ERWAU7FS797AJ7LU8HN09AMUP908RLlo5JF90EWR7LJKQ7@@._V1_SX400_.jpg",
        "plot": "A rock band plays their music at high volumes, annoying the neighbors.",
        "actors": ["David Matthewman", "Jonathan G. Neff"],
    },
}
BIG_NEW_MOVIE: dict[str, Any] = {
    "year": 2015,
    "title": "The Big New Movie",
    "info": {"plot": "Nothing happens at all.", "rating": 0},
}
USERS: list[dict[str, Any]] = [
    {"name": "Shawn", "email": "shawn@example.com", "age": 31},
    {"name": "Ben Bitdiddle", "email": "ben@example.com", "age": 24},
    {"name": "Shawn", "email": "other.shawn@example.com", "age": 58},
    {"name": "Alyssa", "email": "alyssa@example.com"},
]


class Api:
    """Every HTTP function under functions-framework, asked as through Hosting: with the whole path."""

    def __init__(self) -> None:
        self._apps: dict[str, Client] = {}

    def client(self, function: str) -> Client:
        """The framework's own app of one function."""
        if function not in self._apps:
            # the framework runs main.py anew for each app, and the SDK takes its parameters once a process
            params._params.clear()
            app = create_app(function, str(ROOT / "functions" / "main.py"), "http")  # type: ignore[no-untyped-call]  # untyped
            self._apps[function] = Client(app)
        return self._apps[function]

    def ask(self, method: str, url: str, *, mount: str = "hosting", **options: Any) -> TestResponse:
        """One request; `url` is the path behind Hosting with its query."""
        path, _, query = url.partition("?")
        first = path.split("/")[1].split("?")[0]
        function = first if first in FUNCTIONS else {"openapi.json": "openapi", "postman.json": "openapi"}.get(first)
        target = function or "hello_world"
        if mount == "function" and function and first in FUNCTIONS:
            path = path.removeprefix(f"/{first}") or "/"
        return self.client(target).open(path, query_string=query, method=method, **options)

    def get(self, url: str, **options: Any) -> TestResponse:
        """A GET."""
        return self.ask("GET", url, **options)

    def items(self, url: str, **options: Any) -> list[Any]:
        """The items of a GET that must succeed."""
        answer = self.get(url, **options)
        assert answer.status_code == 200, answer.text
        assert answer.json is not None
        return list(answer.json["items"])

    def save(self, collection: str, body: Any, *, public: bool = True, query: str = "") -> list[str]:
        """Saves documents, makes the collection public, and returns the ids."""
        answer = self.ask("POST", f"/save_data/{collection}{query}", json=body, headers=ADMIN)
        assert answer.status_code == 201, answer.text
        if public:
            made = self.ask("PATCH", f"/save_data/{collection}", json={"public": True}, headers=ADMIN)
            assert made.status_code == 200, made.text
        assert answer.json is not None
        return list(answer.json["ids"])


@contextmanager
def served() -> Iterator[Api]:
    """The endpoints on a database of their own; the process's one store is theirs meanwhile."""
    from kindling.store.store import store

    with database() as host, pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIREBASE_DATABASE_EMULATOR_HOST", host)
        patch.delenv("FIREBASE_CONFIG", raising=False)
        patch.setenv("ADMIN_KEY", KEY)
        patch.setenv("SITE_URL", SITE)
        store().database.close()  # what another test opened
        try:
            yield Api()
        finally:
            store().database.close()
