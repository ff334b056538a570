"""Triggers: which writes set off which functions, and what the functions are told, judged by the SDK that reads it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from cloudevents.http import from_http
from firebase_functions import db_fn
from hypothesis import assume, given
from hypothesis import strategies as st

from emulators.database.delivery import MAX_EVENT_BYTES, MAX_WAITING, Delivery
from emulators.database.errors import BadRequest
from emulators.database.json_form import from_json
from emulators.database.tokens import Access
from emulators.database.tree import Tree
from emulators.database.triggers import MAX_EVENTS_PER_WRITE, Trigger, Triggers, parse_registration
from tests.emulators.database_server import TIMEOUT_S, DatabaseServer

pytestmark = pytest.mark.slow

OWNER = Access(admin=True)
NOW_MS = 1_763_828_521_123


def registration(path: str, kind: str = "written", **fields: Any) -> dict[str, Any]:
    return {
        "name": "projects/demo/locations/us-central1/triggers/us-central1-fn-0",
        "path": path,
        "event": f"google.firebase.database.ref.v1.{kind}",
        "topic": "projects/demo/topics/us-central1-fn-0",
        "namespacePattern": "*",
        **fields,
    }


def events_of(
    before: Any, path: str, value: Any, pattern: str, kind: str = "written", access: Access = OWNER
) -> list[Any]:
    """The events of one write, and then the tree is as the write says."""
    sent: list[Any] = []
    triggers = Triggers("db", lambda trigger, event: sent.append(event), print)
    triggers.register(parse_registration(registration(pattern, kind)))
    tree = Tree(from_json(before))
    place = tuple(key for key in path.split("/") if key)
    noticed = triggers.before(tree.view(), (place,))
    tree.put(place, from_json(value))
    triggers.after(tree.view(), noticed, access, NOW_MS)
    return sent


def told(events: list[Any]) -> list[Any]:
    return [(event["ref"], event["data"]["data"], event["data"]["delta"]) for event in events]


@pytest.mark.parametrize(
    ("before", "path", "value", "expected"),
    [
        (None, "pub/k1", {"a": 1}, [("pub/k1", None, {"a": 1})]),
        ({"pub": {"k1": {"a": 1}}}, "pub/k1", None, [("pub/k1", {"a": 1}, None)]),
        ({"pub": {"k1": {"a": 1, "b": 2}}}, "pub/k1/b", None, [("pub/k1", {"a": 1, "b": 2}, {"b": None})]),
        (
            {"pub": {"k1": {"a": 1, "b": 2}}},
            "pub/k1",
            {"a": 1, "c": 3},
            [("pub/k1", {"a": 1, "b": 2}, {"b": None, "c": 3})],
        ),
        ({"pub": {"k1": {"a": 1}}}, "pub/k1", {"a": 1}, []),
        ({"pub": {"k1": {"a": 1}}}, "pub/k1/a", True, [("pub/k1", {"a": 1}, {"a": True})]),
        ({"pub": {"k1": {"a": 1}}}, "pub/k1", "x", [("pub/k1", {"a": 1}, "x")]),
        (
            {"pub": {"k1": 1, "k2": 2}},
            "pub",
            {"k2": 3, "k3": 4},
            [("pub/k1", 1, None), ("pub/k2", 2, 3), ("pub/k3", None, 4)],
        ),
        ({"pub": {"k1": 1}}, "", None, [("pub/k1", 1, None)]),
        ({"pub": {"k1": 1}}, "other", 1, []),
        (None, "pub/k1", [1, 2], [("pub/k1", None, {"0": 1, "1": 2})]),
        ({"pub": {"k1": [1, 2]}}, "pub/k1/1", 3, [("pub/k1", {"0": 1, "1": 2}, {"1": 3})]),
        ({"pub": {"k1": {"a": 1}}}, "pub/k1/.priority", 5, []),
    ],
    ids=[
        "a new node has no value before",
        "a deleted node has no delta",
        "a removed child is an explicit null",
        "only what changed is in the delta",
        "a write that changes nothing is no event",
        "one is not true",
        "a scalar replaces children",
        "a write above tells every node below",
        "also at the root",
        "another place is none of its business",
        "an array is an object",
        "before and after",
        "a priority is no value",
    ],
)
def test_spec_what_a_write_tells(before: Any, path: str, value: Any, expected: list[Any]) -> None:
    assert told(events_of(before, path, value, "pub/{id}")) == expected


@pytest.mark.parametrize(
    ("kind", "fires"),
    [("created", "new"), ("updated", "changed"), ("deleted", "gone"), ("written", "changed gone new")],
)
def test_spec_each_kind_of_trigger_fires_for_its_changes(kind: str, fires: str) -> None:
    before = {"pub": {"changed": 1, "gone": 1, "same": 1}}
    events = events_of(before, "pub", {"changed": 2, "new": 1, "same": 1}, "/pub/{id}/", kind)
    assert [event["ref"].removeprefix("pub/") for event in events] == fires.split()
    assert {event["type"] for event in events} == {f"google.firebase.database.ref.v1.{kind}"}


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("a/{x}/c", "a/b/c", True),
        ("a/{x}/c", "a/b/d", False),
        ("a/{x=*}/c", "a/b/c/d/e", True),
        ("a/*/c", "a/b/c", True),
        ("a/b*", "a/bcd", True),
        ("a/b*", "a/cb", False),
        ("{x}", "a/b", True),
    ],
)
def test_spec_patterns(pattern: str, path: str, matches: bool) -> None:
    assert bool(events_of(None, path, 1, pattern)) is matches


@pytest.mark.parametrize(
    ("access", "kind", "uid"),
    [(OWNER, "admin", None), (Access(auth={"uid": "ann"}), "app_user", "ann"), (Access(), "unauthenticated", None)],
    ids=["the owner", "a user", "nobody"],
)
def test_spec_an_event_says_who_wrote(access: Access, kind: str, uid: str | None) -> None:
    (event,) = events_of(None, "a", 1, "a", access=access)
    assert (event["authtype"], event.get("authid")) == (kind, uid)


def test_spec_a_whole_event() -> None:
    (event,) = events_of(None, "pub/k1", 1, "pub/{id}")
    assert event.pop("id")
    assert event == {
        "specversion": "1.0",
        "source": "//firebasedatabase.googleapis.com/projects/_/locations/us-central1/instances/db",
        "type": "google.firebase.database.ref.v1.written",
        "subject": "refs/pub/k1",
        "time": "2025-11-22T16:22:01.123Z",
        "datacontenttype": "application/json",
        "instance": "db",
        "ref": "pub/k1",
        "firebasedatabasehost": "firebaseio.com",
        "location": "us-central1",
        "authtype": "admin",
        "data": {
            "@type": "type.googleapis.com/google.events.firebase.database.v1.ReferenceEventData",
            "data": None,
            "delta": 1,
        },
    }


json_values = st.recursive(
    st.sampled_from([True, False, 0, 1, "x", ""]),
    lambda inner: st.dictionaries(st.sampled_from(["a", "b", "0", "1"]), inner, min_size=1, max_size=3),
    max_leaves=6,
)


@given(json_values, json_values)
def test_spec_the_sdk_makes_the_value_after_from_the_one_before_and_the_delta(before: Any, after: Any) -> None:
    assume(not gains_children(before, after))
    events = events_of({"a": before}, "a", after, "a", "updated")
    same = json.dumps(before, sort_keys=True) == json.dumps(after, sort_keys=True)
    assert len(events) == (0 if same else 1)
    for event in events:
        seen = change(event, "a")
        assert (seen.before, seen.after) == (before, after)


def gains_children(before: Any, after: Any) -> bool:
    """Whether a scalar below the top becomes an object: the SDK fails on that, whoever sends it."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return False
    both = before.keys() & after.keys()
    changes = [(before[key], after[key]) for key in both]
    return any(gains_children(one, other) or isinstance(other, dict) > isinstance(one, dict) for one, other in changes)


def change(event: dict[str, Any], pattern: str) -> Any:
    """What a function written with the SDK sees of an event."""
    seen: list[Any] = []

    @db_fn.on_value_updated(reference=pattern)
    def function(received: Any) -> None:
        seen.append(received.data)

    headers = {"content-type": "application/cloudevents+json; charset=UTF-8"}
    function(from_http(headers, json.dumps(event)))  # type: ignore[arg-type]  # as the framework calls it
    return seen[0]


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"name": "projects/_/functions/fn"}, "first generation ones are not served"),
        ({"event": "providers/google.firebase.database/eventTypes/ref.write"}, "a trigger's event must be"),
        ({"event": "google.firebase.database.ref.v1.touched"}, "a trigger's event must be"),
        ({"path": "a/{x=**}"}, "may not contain '**'"),
    ],
    ids=["a first generation name", "a first generation event", "an unknown event", "a wildcard over several levels"],
)
def test_ours_what_cannot_be_served_is_refused(fields: dict[str, Any], text: str) -> None:
    with pytest.raises(BadRequest, match=text.replace("*", r"\*")):
        parse_registration({**registration("a"), **fields})
    with pytest.raises(BadRequest):
        parse_registration([1])


def test_ours_a_reloaded_function_replaces_itself() -> None:
    sent: list[Trigger] = []
    triggers = Triggers("db", lambda trigger, event: sent.append(trigger), print)
    name = "projects/demo/locations/us-central1/triggers/us-central1-fn-{}"
    for generation in range(3):
        triggers.register(parse_registration(registration("a", name=name.format(generation))))
    triggers.register(parse_registration(registration("a", name=name.format(9), namespacePattern="other-*")))
    tree = Tree()
    noticed = triggers.before(tree.view(), (("a",),))
    tree.put(("a",), 1)
    triggers.after(tree.view(), noticed, OWNER, NOW_MS)
    assert [trigger.key for trigger in sent] == ["us-central1-fn-2"]


def test_spec_one_write_sets_off_at_most_a_thousand_functions_and_says_so() -> None:
    sent: list[Any] = []
    warnings: list[str] = []
    triggers = Triggers("db", lambda trigger, event: sent.append(event), warnings.append)
    triggers.register(parse_registration(registration("a/{id}")))
    tree = Tree()
    noticed = triggers.before(tree.view(), (("a",),))
    tree.put(("a",), from_json({f"k{n}": n for n in range(MAX_EVENTS_PER_WRITE + 5)}))
    triggers.after(tree.view(), noticed, OWNER, NOW_MS)
    assert len(sent) == MAX_EVENTS_PER_WRITE
    assert warnings == ["a write set off 1005 functions; the service's limit is 1000: 5 not told"]


class Functions(ThreadingHTTPServer):
    """A functions host that notes what it gets."""

    def __init__(self, status: int = 200) -> None:
        self.got: queue.Queue[tuple[str, str, dict[str, Any]]] = queue.Queue()
        got, answer = self.got, status

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                got.put((self.path, self.headers["Content-Type"], json.loads(body)))
                self.send_response(answer)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments: Any) -> None:
                """Say nothing."""

        super().__init__(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server_address[1]}"


@contextlib.contextmanager
def functions(status: int = 200) -> Iterator[Functions]:
    with Functions(status) as host:
        thread = threading.Thread(target=host.serve_forever)
        thread.start()
        try:
            yield host
        finally:
            host.shutdown()
            thread.join()


def test_spec_the_running_server_posts_events_in_order_to_the_functions_host(tmp_path: Path) -> None:
    with functions() as host, DatabaseServer("--functions", host.host) as server:
        body = registration("pub/{id}", namespacePattern="demo-*")
        assert server.call("POST", "/.settings/functionTriggers.json", body).status_code == 200
        server.put("/pub/k1.json", {"n": 0})
        server.put("/pub/k1.json", {"n": 9}, disableTriggers="true")
        for n in range(1, 20):
            server.put("/pub/k1/n.json", n)
        server.call("PATCH", "/pub.json", {"k1/n": None, "k2": 5})
        server.put("/pub/k3.json", 1, ns="another")
        got = [host.got.get(timeout=TIMEOUT_S) for _ in range(22)]
        assert host.got.empty()
    assert {(path, kind) for path, kind, _ in got} == {
        ("/functions/projects/demo/triggers/us-central1-fn-0", "application/cloudevents+json; charset=UTF-8")
    }
    steps = [9, *range(1, 20)]
    updates = [("pub/k1", {"n": one}, {"n": next_}) for one, next_ in pairwise(steps)]
    expected = [("pub/k1", None, {"n": 0}), *updates, ("pub/k1", {"n": 19}, None), ("pub/k2", None, 5)]
    assert told([event for _, _, event in got]) == expected


def test_ours_a_list_of_triggers_is_all_there_are() -> None:
    address = "/.settings/functionTriggers.json"
    with functions() as host, DatabaseServer("--functions", host.host) as server:
        assert server.call("POST", address, registration("a")).status_code == 200
        for n, listed in enumerate(([registration("a")], [], [registration("a")])):
            assert server.call("PUT", address, listed).status_code == 200
            server.put("/a.json", n)
            refused = server.call("PUT", address, [registration("a"), registration("**")])
            assert (refused.status_code, "us-central1-fn-0: " in refused.json()["error"]) == (400, True)
        assert server.call("PUT", address, registration("a")).status_code == 400
        got = [host.got.get(timeout=TIMEOUT_S) for _ in range(2)]
        assert host.got.empty()
    assert told([event for _, _, event in got]) == [("a", None, 0), ("a", 1, 2)]


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
    with functions(status=500) as host:
        assert deliver(host.host, [{"n": 1}, {"n": 2}]) == ["event for us-central1-fn-0: the function answered 500"] * 2
        assert [host.got.get_nowait()[2] for _ in range(2)] == [{"n": 1}, {"n": 2}]
    (gone,) = deliver(host.host, [{"n": 1}])
    assert gone.startswith(f"event for us-central1-fn-0 not delivered to http://{host.host}: ")


def test_ours_what_is_too_much_is_dropped_and_reported() -> None:
    with functions() as host:
        (warning,) = deliver(host.host, [{"text": "x" * MAX_EVENT_BYTES}])
        assert warning.startswith("event for us-central1-fn-0 dropped: 524")
        warnings = deliver(host.host, [{"n": n} for n in range(MAX_WAITING + 2)])
        assert warnings == [f"event for us-central1-fn-0 dropped: {MAX_WAITING} are waiting for it already"] * 2
