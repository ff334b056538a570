"""The requests that both suites are asked, and what of an answer must be the same.

What differs by its nature is made equal: origins, times, generated ids, and the ETag of a body that holds one of them.
What differs between the suites is listed: OFFICIAL_ALONE and CASELESS.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.api import BIG_NEW_MOVIE, FUNCTIONS, TURN_IT_DOWN
from tests.official.suites import KEY, PROJECT, START_S

ADMIN = {"X-API-Key": KEY}
MOUNTS = ("hosting", "function")

OFFICIAL_ALONE = frozenset({"X-Powered-By"})
"""Headers that only the official suite sends: it tells what it is built with."""

CASELESS = frozenset({"Vary", "Access-Control-Expose-Headers"})
"""Lists of header names, which the official Hosting spells in its own way."""

CONNECTION = frozenset({"Date", "Connection", "Keep-Alive", "Transfer-Encoding"})
"""Headers of one exchange, not of the answer."""

VARYING = (
    (re.compile(r"20[2-9]\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "TIME"),
    (re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"), "DATE"),
    (re.compile(r"-P[A-Za-z0-9_-]{18}\b"), "PUSH-ID"),
)


@dataclass(frozen=True)
class Ask:
    """One request; the path is the one behind Hosting."""

    method: str
    path: str
    json: Any = None
    data: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    admin: bool = False
    status: int = 200


def _movie(document: dict[str, Any]) -> Ask:
    return Ask("POST", "/save_data/films?_key=title", document, admin=True, status=201)


# In this order: the later ones stand on what the earlier ones wrote, and the last leave nothing.
ASKS: Mapping[str, Ask] = {
    "a server answers": Ask("GET", "/"),
    "a browser gets a page": Ask("GET", "/", headers={"Accept": "text/html"}),
    "a HEAD": Ask("HEAD", "/"),
    "what is nowhere is a JSON 404": Ask("GET", "/nothing", status=404),
    "the collections": Ask("GET", "/get_data"),
    "the email of every person named Shawn": Ask("GET", "/get_data/users?name=Shawn&_select=email"),
    "everyone, zipped": Ask("GET", "/get_data/users"),
    "as CSV": Ask("GET", "/get_data/users.csv"),
    "as lines": Ask("GET", "/get_data/users.ndjson?_limit=2"),
    "the first movie of the course": Ask("GET", "/get_data/movies?title=Turn%20It%20Down,%20Or%20Else!&_shape=array"),
    "the second movie of the course": Ask("GET", "/get_data/movies?title=The%20Big%20New%20Movie&_shape=array"),
    "a page with a cursor": Ask("GET", "/get_data/movies?_sort=-year,title&_limit=3&_count=1"),
    "the specification": Ask("GET", "/openapi.json"),
    "the sources": Ask("GET", "/get_sources"),
    "a reader from another origin": Ask("GET", "/get_data/users?_limit=1", headers={"Origin": "https://other.example"}),
    "a preflight of a write": Ask(
        "OPTIONS",
        "/save_data/films",
        headers={"Origin": "https://other.example", "Access-Control-Request-Method": "POST"},
        status=204,
    ),
    "an unknown collection": Ask("GET", "/get_data/nosuch", status=404),
    "an unknown field": Ask("GET", "/get_data/users?nosuch=1", status=400),
    "an unknown operator": Ask("GET", "/get_data/users?name__nosuch=1", status=400),
    "an unknown parameter": Ask("GET", "/get_data/users?_nosuch=1", status=400),
    "a wrong method": Ask("DELETE", "/get_data", status=405),
    "no key": Ask("POST", "/save_data/films", {"a": 1}, status=401),
    "a wrong key": Ask("POST", "/save_data/films", {"a": 1}, headers={"X-API-Key": "nosuch"}, status=401),
    "broken JSON": Ask(
        "POST", "/save_data/films", data=b"{", headers={"Content-Type": "application/json"}, admin=True, status=400
    ),
    "a reserved name": Ask("POST", "/save_data/films", {"_a": 1}, admin=True, status=400),
    "POST of the first movie": _movie(TURN_IT_DOWN),
    "POST of the second movie": _movie(BIG_NEW_MOVIE),
    "POST under an id of the database": Ask("POST", "/save_data/films", {"title": "third"}, admin=True, status=201),
    "POST of a list": Ask(
        "POST",
        "/save_data/films?_key=title",
        [{"title": "a"}, {"title": "b", "list": [], "none": None}],
        admin=True,
        status=201,
    ),
    "a private collection to a stranger": Ask("GET", "/get_data/films", status=404),
    "PATCH makes it public": Ask("PATCH", "/save_data/films", {"public": True}, admin=True),
    "the first movie comes out as it went in": Ask("GET", "/get_data/films?year=2013"),
    "a document": Ask("GET", "/get_data/films/b"),
    "PUT replaces": Ask("PUT", "/save_data/films/b", {"title": "b", "year": 1}, admin=True),
    "PUT makes": Ask(
        "PUT", "/save_data/films/c", {"title": "c"}, headers={"If-None-Match": "*"}, admin=True, status=201
    ),
    "PUT that must make": Ask(
        "PUT", "/save_data/films/c", {"title": "c"}, headers={"If-None-Match": "*"}, admin=True, status=412
    ),
    "PATCH of a document": Ask("PATCH", "/save_data/films/c", {"year": 2, "title": None}, admin=True),
    "what became of it": Ask("GET", "/get_data/films?_sort=title&_omit=_id&_shape=array"),
    "DELETE of a document": Ask("DELETE", "/delete_data/films/c", admin=True, status=204),
    "DELETE of nothing": Ask("DELETE", "/delete_data/films/c", admin=True, status=404),
    "DELETE of all, unsaid": Ask("DELETE", "/delete_data/films", admin=True, status=400),
    "DELETE of all": Ask("DELETE", "/delete_data/films?_confirm=films", admin=True, status=204),
}


@dataclass(frozen=True)
class Told:
    """What of an answer must be the same."""

    status: int
    headers: Mapping[str, str]
    body: str


def url(mount: str, hosting: str, functions: str, path: str) -> str:
    """Where a path is in a mounting."""
    if mount == "hosting":
        return hosting + path
    first = path.split("/")[1].partition("?")[0]
    function = FUNCTIONS.get(first, "hello_world")
    return f"{functions}/{PROJECT}/us-central1{path if first == function else f'/{function}{path}'}"


def play(mount: str, hosting: str, functions: str) -> dict[str, Told]:
    """Asks everything, in order."""
    return {name: told(send(mount, hosting, functions, ask), (hosting, functions)) for name, ask in ASKS.items()}


def send(mount: str, hosting: str, functions: str, ask: Ask) -> requests.Response:
    """Asks one thing."""
    return requests.request(
        ask.method,
        url(mount, hosting, functions, ask.path),
        headers={**ask.headers, **(ADMIN if ask.admin else {})},
        json=ask.json,
        data=ask.data,
        timeout=START_S,
    )


def told(answer: requests.Response, origins: tuple[str, ...]) -> Told:
    """What counts of an answer."""
    body = same(answer.text, origins)
    headers = {}
    for name, value in answer.headers.items():
        titled = "-".join(part.capitalize() for part in name.split("-"))
        if titled in CASELESS:
            headers[titled] = ", ".join(sorted(value.lower().split(", ")))
        elif titled not in OFFICIAL_ALONE | CONNECTION:
            headers[titled] = same(value, origins)
    if body != answer.text:
        for name in ("Etag", "Content-Length"):
            headers.pop(name, None)
    return Told(answer.status_code, headers, body)


def same(text: str, origins: tuple[str, ...]) -> str:
    """A text without what differs from run to run."""
    for origin in origins:
        text = text.replace(origin, "ORIGIN")
    for pattern, name in VARYING:
        text = pattern.sub(name, text)
    return text
