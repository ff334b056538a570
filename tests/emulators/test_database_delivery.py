"""Events on their way to the functions host: all of them, in order, and every failure reported."""

from __future__ import annotations

import asyncio
import contextlib
import json
import queue
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from typing import Any

import pytest

from emulators.database.delivery import MAX_EVENT_BYTES, MAX_WAITING, Delivery
from emulators.database.triggers import parse_registration
from tests.emulators.database_server import TIMEOUT_S, DatabaseServer
from tests.emulators.triggering import registration, told
from tests.live import http_server

pytestmark = pytest.mark.slow

Got = queue.Queue[tuple[str, str, dict[str, Any]]]
"""The requests that a functions host got: path, type, event."""


@contextlib.contextmanager
def functions(status: int = 200) -> Iterator[tuple[str, Got]]:
    """A functions host that notes what it gets: its HOST:PORT, and its notes."""
    got: Got = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.put((self.path, self.headers["Content-Type"], json.loads(body)))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    with http_server(Handler) as host:
        yield host, got


def test_spec_the_running_server_posts_events_in_order_to_the_functions_host() -> None:
    with functions() as (host, got), DatabaseServer("--functions", host) as server:
        body = registration("pub/{id}", namespacePattern="demo-*")
        assert server.call("POST", "/.settings/functionTriggers.json", body).status_code == 200
        server.put("/pub/k1.json", {"n": 0})
        server.put("/pub/k1.json", {"n": 9}, disableTriggers="true")
        for n in range(1, 20):
            server.put("/pub/k1/n.json", n)
        server.put("/pub/k3.json", 1, ns="another")
        server.call("PATCH", "/pub.json", {"k1/n": None, "k2": 5})
        posted = [got.get(timeout=TIMEOUT_S) for _ in range(22)]
        assert got.empty()
    assert {(path, kind) for path, kind, _ in posted} == {
        ("/functions/projects/demo/triggers/us-central1-fn-0", "application/cloudevents+json; charset=UTF-8")
    }
    steps = [9, *range(1, 20)]
    updates = [("pub/k1", {"n": one}, {"n": next_}) for one, next_ in pairwise(steps)]
    expected = [("pub/k1", None, {"n": 0}), *updates, ("pub/k1", {"n": 19}, None), ("pub/k2", None, 5)]
    assert told([event for _, _, event in posted]) == expected


def test_ours_a_list_of_triggers_is_all_there_are() -> None:
    address = "/.settings/functionTriggers.json"
    with functions() as (host, got), DatabaseServer("--functions", host) as server:
        assert server.call("POST", address, registration("a")).status_code == 200
        for n, listed in enumerate(([registration("a")], [], [registration("a")])):
            assert server.call("PUT", address, listed).status_code == 200
            server.put("/a.json", n)
            refused = server.call("PUT", address, [registration("a"), registration("**")])
            text = "us-central1-fn-0: a trigger's path may not contain '**'; here a wildcard matches one level"
            assert (refused.status_code, refused.json()) == (400, {"error": text})
        assert server.call("PUT", address, registration("a")).status_code == 400
        posted = [got.get(timeout=TIMEOUT_S) for _ in range(2)]
        assert got.empty()
    assert told([event for _, _, event in posted]) == [("a", None, 0), ("a", 1, 2)]


@pytest.mark.parametrize(("method", "body"), [("POST", registration("a")), ("PUT", [])], ids=["one", "a list"])
def test_ours_without_a_functions_host_a_trigger_is_refused(method: str, body: Any) -> None:
    with DatabaseServer() as server:
        answer = server.call(method, "/.settings/functionTriggers.json", body)
    text = "there is no functions host to send events to; start the database with --functions HOST:PORT"
    assert (answer.status_code, answer.json()) == (400, {"error": text})


def deliver(host: str, events: list[dict[str, Any]]) -> list[str]:
    """What is reported when these events are sent."""
    warnings: list[str] = []

    async def send() -> None:
        delivery = Delivery(host, warnings.append)
        for event in events:
            delivery.send(parse_registration(registration("a")), event)
        await asyncio.wait_for(delivery.drained(), TIMEOUT_S)
        await delivery.close()

    asyncio.run(send())
    return warnings


def test_ours_every_failure_of_delivery_is_reported_and_the_next_event_still_goes() -> None:
    with functions(status=500) as (host, got):
        assert deliver(host, [{"n": 1}, {"n": 2}]) == ["event for us-central1-fn-0: the function answered 500"] * 2
        assert [got.get_nowait()[2] for _ in range(2)] == [{"n": 1}, {"n": 2}]
    (gone,) = deliver(host, [{"n": 1}])
    assert gone.startswith(f"event for us-central1-fn-0 not delivered to http://{host}: ")


def test_ours_what_is_too_much_is_dropped_and_reported() -> None:
    with functions() as (host, _):
        (warning,) = deliver(host, [{"text": "x" * MAX_EVENT_BYTES}])
        assert warning.startswith("event for us-central1-fn-0 dropped: 524")
        warnings = deliver(host, [{"n": n} for n in range(MAX_WAITING + 2)])
        assert warnings == [f"event for us-central1-fn-0 dropped: {MAX_WAITING} are waiting for it already"] * 2
