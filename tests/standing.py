"""A suite that runs already, asked as a stranger asks it: where it is, and how a test's request gets there.

Facts relied on: the Firebase CLI tells a command in `emulators:exec` where its hub is, and the hub where each emulator
is; it runs the command in the project's folder, where the secrets lie. The path of a request is sent as it is given.
Now and then the CLI sends a request over a kept connection that a function's process has just closed, and answers RESET
itself: no function saw that request.
"""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, TestResponse

from emulators.functions import dotenv

HUB = "FIREBASE_EMULATOR_HUB"
REGION = "us-central1"
PATIENCE_S = 120  # a function that nobody asked yet is a new process, and a busy machine starts several
SAFE = "/%:@!$&'()*+,;=~-._?[]|{}"  # what of a path or query is sent as it is
RESET = (500, b'{"code":"ECONNRESET"}')  # the CLI's own words
TRIES = 3  # a connection that is made anew is not one that was closed while it was kept
FROM_HERE = ("Host", "Content-Length")  # headers of which the request that is sent has its own


@dataclass(frozen=True)
class Standing:
    """Where a suite answers, and the key that may write."""

    hosting: str
    functions: str
    key: str

    def open(self, origin: str, path: str, query: str, method: str, **options: Any) -> TestResponse:
        """One request, made of werkzeug's options as its own test client makes it; the answer as that one gives it."""
        for _ in range(TRIES):
            answer = self._sent(origin, path, query, method, **options)
            if (answer.status_code, answer.data) != RESET:
                break
        return answer

    def _sent(self, origin: str, path: str, query: str, method: str, **options: Any) -> TestResponse:
        with (
            closing(EnvironBuilder(path="/", method=method, **options)) as builder,
            closing(HTTPConnection(urlsplit(origin).netloc, timeout=PATIENCE_S)) as connection,
        ):
            request = builder.get_request()
            body = request.get_data()
            target = urlsplit(origin).path + path + (f"?{query}" if query else "")
            connection.putrequest(method, quote(target, safe=SAFE), skip_accept_encoding=True)
            for name, value in request.headers.items():
                if name not in FROM_HERE:
                    connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            headers = Headers(answer.getheaders())
            headers.remove("Date")  # of the exchange, not of the answer: no two need have the same
            return TestResponse([answer.read()], f"{answer.status} {answer.reason}", headers, request)


def find() -> Standing | None:
    """The suite in which this process is a command; None where there is none, or it serves no functions and pages."""
    hub = os.environ.get(HUB)
    if hub is None:
        return None
    running = requests.get(f"http://{hub}/emulators", timeout=PATIENCE_S).json()
    at = {name: f"http://{one['host']}:{one['port']}" for name, one in running.items()}
    if not at.keys() >= {"hosting", "functions"}:
        return None
    project = os.environ["GCLOUD_PROJECT"]
    key = dotenv.read_files([Path("functions", ".secret.local")])["ADMIN_KEY"]
    return Standing(at["hosting"], f"{at['functions']}/{project}/{REGION}", key)
