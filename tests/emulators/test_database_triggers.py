"""Triggers: which writes set off which functions, and what the functions are told, judged by the SDK that reads it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from cloudevents.http import from_http
from firebase_functions import db_fn
from hypothesis import assume, given
from hypothesis import strategies as st

from emulators.database.errors import BadRequest
from emulators.database.json_form import from_json
from emulators.database.tokens import Access
from emulators.database.tree import Tree
from emulators.database.triggers import MAX_EVENTS_PER_WRITE, Trigger, Triggers, parse_registration
from tests.emulators.triggering import registration, told

OWNER = Access(admin=True)
NOW_MS = 1_763_828_521_123


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
    ("body", "text"),
    [
        (registration("a", name="projects/_/functions/fn"), "first generation ones are not served"),
        ([1], "a trigger's name must be projects/P/locations/L/triggers/KEY"),
        (registration("a", "touched"), "a trigger's event must be"),
        (
            registration("a", event="providers/google.firebase.database/eventTypes/ref.write"),
            "a trigger's event must be",
        ),
        (registration("a/{x=**}"), "may not contain '**'"),
    ],
    ids=[
        "a first generation name",
        "no object",
        "an unknown event",
        "a first generation event",
        "a wildcard over several levels",
    ],
)
def test_ours_what_cannot_be_served_is_refused(body: Any, text: str) -> None:
    with pytest.raises(BadRequest, match=re.escape(text)):
        parse_registration(body)


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
