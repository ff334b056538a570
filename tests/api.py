"""The endpoints for tests to ask: as functions-framework serves them in this process, on a real database emulator, or,
inside `firebase emulators:exec`, as the suite that runs there serves them.

A test that reaches into the process that answers has the mark `inside`, and cannot be asked of a running suite.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from firebase_functions import params
from functions_framework import create_app
from kindling.serve.table import TABLE
from kindling.store.store import store
from werkzeug.test import Client, TestResponse

from tests import standing
from tests.live import ROOT, database

RUNNING = standing.find()
KEY = RUNNING.key if RUNNING else "key-of-the-tests"
ADMIN = {"X-API-Key": KEY}
SITE = RUNNING.hosting if RUNNING else "https://kindling.example"
MOUNTS = ("hosting", "function", "run") if RUNNING else ("hosting", "function")
"""Hosting, where a function sees the whole path; its own URL; its own server, as on Cloud Run. Without a suite the
last two are one: functions-framework is asked for what comes after the function's name."""

TURN_IT_DOWN: dict[str, Any] = {
    "year": 2013,
    "title": "Turn It Down, Or Else!",
    "info": {
        "directors": ["Alice Smith", "Bob Jones"],
        "release_date": "2013-01-18T00:00:00Z",
        "rating": 6.2,
        "genres": ["Comedy", "Drama"],
        "image_url": "http://ia.media-imdb.com/images/N/09ERWAU7FS797AJ7LU8HN09AMUP908RL1o5JF90EWR7LJKQ7@@._V1_SX400_.jpg",
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
TOLD = ("FUNCTION_TARGET", "FUNCTION_SIGNATURE_TYPE")  # what the platform tells an instance
FUNCTIONS = {route.path.split("/")[1]: route.function for route in TABLE}
"""First part of a path to the function that is meant."""


class Api:
    """Every HTTP function, asked as through Hosting unless another mount is said."""

    def __init__(self) -> None:
        self._apps: dict[str, Client] = {}

    def client(self, function: str) -> Client:
        """The framework's own app of one function, in this process."""
        if function not in self._apps:
            # the framework runs main.py anew for each app, and the SDK takes its parameters once a process
            params._params.clear()
            app = create_app(function, str(ROOT / "functions" / "main.py"), "http")  # type: ignore[no-untyped-call]  # untyped
            for name in TOLD:  # the framework leaves them: a suite started later would believe that it was told so
                os.environ.pop(name, None)
            self._apps[function] = Client(app)
        return self._apps[function]

    def ask(self, method: str, url: str, *, mount: str = "hosting", **options: Any) -> TestResponse:
        """One request; `url` is the path behind Hosting with its query."""
        path, _, query = url.partition("?")
        first = path.split("/")[1]
        function = FUNCTIONS.get(first, "hello_world")
        if RUNNING and mount == "hosting":
            return RUNNING.open(RUNNING.hosting, path, query, method, **options)
        if mount != "hosting" and first == function:
            path = path.removeprefix(f"/{first}") or "/"
        if RUNNING and mount == "function":
            return RUNNING.open(f"{RUNNING.functions}/{function}", path, query, method, **options)
        return self.client(function).open(path, query_string=query, method=method, **options)

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

    def collections(self) -> list[str]:
        """The names of all collections."""
        found = self.get("/get_data", headers=ADMIN).json
        assert found is not None
        return [one["name"] for one in found["collections"]]

    @contextmanager
    def emptied(self) -> Iterator[None]:
        """Deletes every collection afterwards; a suite with data in it is left alone, and the test fails."""
        assert self.collections() == [], "this suite holds data: start it with an empty folder as --data"
        try:
            yield
        finally:
            self._clear()

    def _clear(self) -> None:
        for name in self.collections():
            gone = self.ask("DELETE", f"/delete_data/{name}?_confirm={name}", headers=ADMIN)
            assert gone.status_code == 204, gone.text


@contextmanager
def served() -> Iterator[Api]:
    """The endpoints on an empty database; this process's one store is theirs meanwhile."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        if not RUNNING:
            patch.setenv("FIREBASE_DATABASE_EMULATOR_HOST", stack.enter_context(database()))
        patch.delenv("FIREBASE_CONFIG", raising=False)
        patch.setenv("ADMIN_KEY", KEY)
        patch.setenv("SITE_URL", SITE)
        store().database.close()  # what another test opened
        stack.callback(store().database.close)
        api = Api()
        if RUNNING:
            stack.enter_context(api.emptied())
        yield api
