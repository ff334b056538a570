"""Server-sent events: what a reader gets, what ends it, and that one which does not read stalls nobody."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.emulators.database_server import TIMEOUT_S, DatabaseServer
from tests.tokens import unsigned

pytestmark = pytest.mark.slow

READ = "root.child('open').val() === true"
RULES = {"rules": {"items": {".read": READ, ".indexOn": ["n"]}}}
STREAM = {"Accept": "text/event-stream"}


@pytest.fixture
def server() -> Iterator[DatabaseServer]:
    with DatabaseServer(rules=RULES) as server:
        yield server


class Reader:
    """One reader of a stream, with a plain socket: nothing is buffered that it did not ask for."""

    def __init__(
        self, server: DatabaseServer, address: str, *, owner: bool = True, receive_bytes: int | None = None
    ) -> None:
        host, _, port = server.host.partition(":")
        self.socket = socket.socket()
        if receive_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        self.socket.settimeout(TIMEOUT_S)
        self.socket.connect((host, int(port)))
        who = "Authorization: Bearer owner\r\n" if owner else ""
        self.socket.sendall(
            f"GET {address} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n{who}\r\n".encode()
        )
        self._lines = self.socket.makefile("rb")
        self._rest = b""
        self.status = int(self._lines.readline().split()[1])
        self.headers = dict(line.decode().strip().split(": ", 1) for line in iter(self._lines.readline, b"\r\n"))

    def event(self) -> tuple[str, Any]:
        """The next event: its name and its data."""
        name = self._line().removeprefix("event: ")
        data = json.loads(self._line().removeprefix("data: "))
        assert self._line() == ""
        return name, data

    def ended(self) -> bool:
        """Whether the stream ends here."""
        return self._lines.readline() == b"0\r\n"

    def _line(self) -> str:
        """One line of the stream; the lengths of chunks stand between, also within a line."""
        parts = []
        while b"\n" not in self._rest:
            parts.append(self._rest)
            size = int(self._lines.readline(), 16)
            self._rest = self._lines.read(size)
            assert self._lines.readline() == b"\r\n"
        end, _, self._rest = self._rest.partition(b"\n")
        return b"".join([*parts, end]).decode()

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *error: object) -> None:
        self._lines.close()
        self.socket.close()


def test_spec_a_stream_tells_everything_then_every_change(server: DatabaseServer) -> None:
    server.put("/a.json", {"b": 1})
    with Reader(server, "/a.json") as reader:
        assert reader.status == 200
        assert reader.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert reader.event() == ("put", {"path": "/", "data": {"b": 1}})
        server.put("/a/c/d.json", "ü")
        server.call("PATCH", "/a.json", {"e": [1, 2], "b": None})
        server.call("PATCH", "/.json", {"a/c/f": 1, "other": 1})
        server.put("/other.json", 2)
        server.call("DELETE", "/a.json")
        assert [reader.event() for _ in range(4)] == [
            ("put", {"path": "/c/d", "data": "ü"}),
            ("patch", {"path": "/", "data": {"e": [1, 2], "b": None}}),
            ("patch", {"path": "/", "data": {"c/f": 1}}),
            ("put", {"path": "/", "data": None}),
        ]


def test_spec_a_stream_may_follow_a_query(server: DatabaseServer) -> None:
    server.put("/items.json", {"a": {"n": 1}, "b": {"n": 2}})
    with Reader(server, "/items.json?orderBy=%22n%22&limitToFirst=1") as reader:
        assert reader.event() == ("put", {"path": "/", "data": {"a": {"n": 1}}})
        server.put("/items/c.json", {"n": 0})
        assert reader.event() == ("patch", {"path": "/", "data": {"a": None, "c": {"n": 0}}})


def test_spec_a_stream_may_be_in_export_form(server: DatabaseServer) -> None:
    with Reader(server, "/a.json?format=export") as reader:
        assert reader.event() == ("put", {"path": "/", "data": None})
        server.put("/a.json", {".value": 1, ".priority": 2})
        assert reader.event() == ("put", {"path": "/", "data": {".value": 1, ".priority": 2}})


@pytest.mark.parametrize(
    ("address", "status", "text"),
    [
        ("/secret.json", 401, "Permission denied"),
        ("/items.json", 401, "Permission denied"),
        ("/items.json?print=pretty", 400, "a stream takes a query and format=export, no other parameter"),
        ("/items.json?orderBy=%22zip%22", 401, "Permission denied"),
    ],
)
def test_spec_a_stream_that_is_not_allowed_never_starts(
    server: DatabaseServer, address: str, status: int, text: str
) -> None:
    answer = server.call("GET", address, headers=STREAM, owner=False)
    assert (answer.status_code, answer.json()) == (status, {"error": text})


def test_spec_a_stream_without_its_index_is_refused(server: DatabaseServer) -> None:
    answer = server.call("GET", "/items.json?orderBy=%22zip%22", headers=STREAM)
    assert (answer.status_code, answer.json()["error"].startswith("Index not defined")) == (400, True)


@pytest.mark.parametrize(
    "revoke",
    [
        lambda server: server.put("/open.json", False),
        lambda server: server.call("PUT", "/.settings/rules.json", {"rules": {".read": False}}),
    ],
    ids=["by data the rules look at", "by new rules"],
)
def test_spec_a_stream_is_cancelled_when_the_rules_revoke_it(server: DatabaseServer, revoke: Any) -> None:
    server.put("/open.json", True)
    server.put("/items.json", {"a": 1})
    with Reader(server, "/items.json", owner=False) as reader:
        assert reader.event() == ("put", {"path": "/", "data": {"a": 1}})
        server.put("/items/a.json", 2)
        revoke(server)
        server.put("/items/a.json", 3)
        assert reader.event() == ("put", {"path": "/a", "data": 2})
        assert reader.event() == ("cancel", None)
        assert reader.ended()


def test_spec_a_test_token_that_expired_long_ago_stays_valid(server: DatabaseServer) -> None:
    server.put("/open.json", True)
    with Reader(server, f"/items.json?auth={unsigned({'sub': 'ann', 'iat': 0, 'exp': 3600})}", owner=False) as reader:
        assert reader.event() == ("put", {"path": "/", "data": None})
        server.put("/items.json", 1)
        assert reader.event() == ("put", {"path": "/", "data": 1})


def test_ours_a_reader_that_does_not_read_stalls_no_writer_and_then_gets_the_present(server: DatabaseServer) -> None:
    text = "x" * 100_000
    with Reader(server, "/a.json", receive_bytes=4096) as slow, Reader(server, "/a.json") as quick:
        for n in range(200):
            server.put("/a.json", {"n": n, "text": text})
            while quick.event()[1]["data"] != {"n": n, "text": text}:
                pass
        server.put("/a.json", {"n": "last"})
        name, data, told = "", None, 0
        while data != {"path": "/", "data": {"n": "last"}}:
            name, data = slow.event()
            told += 1
        assert name == "put"
        assert told < 150


def test_ours_a_stop_ends_streams_at_once(server: DatabaseServer) -> None:
    with Reader(server, "/a.json") as reader:
        assert reader.event() == ("put", {"path": "/", "data": None})
        assert server.stop() == 0
        assert reader.ended()
    assert server.errors == ""
