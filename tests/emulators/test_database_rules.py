"""Who may read and write where. "spec": the documentation's guides to security rules."""

from __future__ import annotations

from typing import Any

import pytest

from emulators.database.json_form import from_json
from emulators.database.tree import View
from tests.emulators.rules_cases import NOW_MS, may_read, may_write, path_of, ruleset

ADA = {"uid": "ada", "provider": "password", "token": {"email": "ada@example.com"}}

Rules = dict[str, Any]

READS: list[tuple[str, Rules, str, Any, bool]] = [
    ("without rules nothing is readable", {}, "a", None, False),
    ("a shallower rule grants what lies below", {"a": {".read": True, "b": {".read": False}}}, "a/b", None, True),
    ("rules are not filters: a deeper grant does not open the parent", {"a": {"b": {".read": True}}}, "a", None, False),
    ("a deeper grant opens its own place", {"a": {"b": {".read": True}}}, "a/b", None, True),
    ("and everything below it", {"a": {"b": {".read": True}}}, "a/b/c/d", None, True),
    ("a wildcard captures the key", {"users": {"$uid": {".read": "auth.uid == $uid"}}}, "users/ada", ADA, True),
    ("and refuses another", {"users": {"$uid": {".read": "auth.uid == $uid"}}}, "users/bob", ADA, False),
    ("a capture is known in deeper rules", {"$a": {"x": {"$b": {".read": "$a + $b == 'ab'"}}}}, "a/x/b", None, True),
    ("named siblings win over the wildcard", {"x": {".read": False}, "$o": {".read": True}}, "x", None, False),
    ("the wildcard is for all others", {"x": {".read": False}, "$o": {".read": True}}, "y", None, True),
    ("a runtime error denies", {".read": "auth.uid.length > 1"}, "a", None, False),
    (
        "data is the place of the rule, not of the request",
        {"a": {".read": "data.child('open').val() == 1"}},
        "a/b",
        None,
        True,
    ),
    ("a boolean is a rule", {".read": True}, "", None, True),
]


@pytest.mark.parametrize(("sentence", "rules", "path", "auth", "expected"), READS, ids=[row[0] for row in READS])
def test_spec_read(sentence: str, rules: Rules, path: str, auth: Any, expected: bool) -> None:
    assert may_read(rules, path, data={"a": {"open": 1, "b": 2}}, auth=auth) is expected


WIDGET: Rules = {
    ".write": True,
    "widget": {
        ".validate": "newData.hasChildren(['color', 'size'])",
        "size": {".validate": "newData.isNumber() && newData.val() >= 0 && newData.val() <= 99"},
        "color": {".validate": "root.child('valid_colors/' + newData.val()).exists()"},
    },
}
COLORS = {"valid_colors": {"blue": True, "red": True}}
STORED = {**COLORS, "widget": {"color": "red", "size": 1}}
ONLY: Rules = {
    "widget": {
        ".write": True,
        "title": {".validate": True},
        "color": {".validate": True},
        "$other": {".validate": False},
    }
}
MESSAGES: Rules = {
    "rooms": {
        "$room": {
            ".write": "newData.parent().parent().child('members').child($room).child(auth.uid).exists()",
            "text": {".validate": "newData.isString() && newData.val().length < 10"},
            "at": {".validate": "newData.val() <= now"},
        }
    },
    "members": {".write": True},
}
CREATE: Rules = {"$k": {".write": "!data.exists() || !newData.exists()"}}
Writes = dict[str, Any]

WRITES: list[tuple[str, Rules, Any, Writes, bool]] = [
    ("without rules nothing is writable", {}, None, {"a": 1}, False),
    (
        "a shallower rule grants what lies below",
        {"a": {".write": True, "b": {".write": False}}},
        None,
        {"a/b": 1},
        True,
    ),
    ("a deeper rule does not grant the parent", {"a": {"b": {".write": True}}}, None, {"a": {"b": 1}}, False),
    ("a rule at the place itself grants", {"a": {"b": {".write": True}}}, None, {"a/b": 1}, True),
    ("a widget that is no object has no children color and size", WIDGET, COLORS, {"widget": "foo"}, False),
    ("a widget without color", WIDGET, COLORS, {"widget": {"size": 22}}, False),
    ("a widget whose size is not a number", WIDGET, COLORS, {"widget": {"size": "foo", "color": "red"}}, False),
    ("a widget with a valid color", WIDGET, COLORS, {"widget": {"size": 21, "color": "blue"}}, True),
    ("a size alone, where the record exists and has a color", WIDGET, STORED, {"widget/size": 99}, True),
    ("a size alone, where it has none, fails to validate above", WIDGET, COLORS, {"widget/size": 99}, False),
    ("a size beyond the range", WIDGET, STORED, {"widget/size": 100}, False),
    (".validate is ignored when data is deleted", WIDGET, STORED, {"widget/color": None}, True),
    (
        ".validate does not cascade: a true one above saves no false one below",
        WIDGET,
        COLORS,
        {"": {**COLORS, "widget": {"size": -1, "color": "red"}}},
        False,
    ),
    (
        ".validate is looked at in the whole written subtree",
        {".write": True, "a": {"$k": {"n": {".validate": "newData.isNumber()"}}}},
        None,
        {"a": {"x": {"n": 1}, "y": {"n": "1"}}},
        False,
    ),
    (
        ".validate is not evaluated where no data is written",
        {".write": True, "a": {"b": {".validate": False}}},
        None,
        {"a": {"c": 1}},
        True,
    ),
    (".validate alone grants nothing", {"a": {".validate": True}}, None, {"a": 1}, False),
    ("$other refuses unknown children", ONLY, None, {"widget/weight": 1}, False),
    ("$other refuses them inside a set", ONLY, None, {"widget": {"title": "x", "weight": 1}}, False),
    ("$other lets the named ones be", ONLY, None, {"widget": {"title": "x", "color": "red"}}, True),
    (
        "newData is merged with what exists",
        {"a": {".write": "newData.hasChildren(['x', 'y'])"}},
        {"a": {"x": 1}},
        {"a/y": 2},
        True,
    ),
    ("data is what was there before", CREATE, {"k": 1}, {"k": 2}, False),
    ("a new record may be created", CREATE, {"k": 1}, {"l": 2}, True),
    ("a record may be deleted", CREATE, {"k": 1}, {"k": None}, True),
    (
        "root is the tree before, also where the update creates a path",
        {"a": {".write": "root.child('b').exists()"}, "b": {".write": True}},
        None,
        {"a": 1, "b": 1},
        False,
    ),
    (
        "newData climbs to the tree after all keys of the update",
        MESSAGES,
        None,
        {"rooms/r1": {"text": "hi"}, "members/r1/ada": True},
        True,
    ),
    (
        "newData climbs to the tree after: a removed membership denies",
        MESSAGES,
        {"members": {"r1": {"ada": True}}},
        {"rooms/r1": {"text": "hi"}, "members/r1/ada": None},
        False,
    ),
    (
        "newData climbs also from a delete",
        MESSAGES,
        {"rooms": {"r1": {"text": "hi"}}},
        {"rooms/r1": None, "members/r1/ada": True},
        True,
    ),
    (
        "all or nothing: one refused key",
        MESSAGES,
        None,
        {"rooms/r1/text": "far too long a text", "members/r1/ada": True},
        False,
    ),
    ("now bounds a timestamp", MESSAGES, {"members": {"r1": {"ada": True}}}, {"rooms/r1/at": NOW_MS}, True),
    ("now refuses the future", MESSAGES, {"members": {"r1": {"ada": True}}}, {"rooms/r1/at": NOW_MS + 1}, False),
    ("a runtime error denies", {".write": "newData.val().length > 0"}, None, {"": 1}, False),
    (
        "a runtime error in .validate denies",
        {".write": True, ".validate": "newData.val().length > 0"},
        None,
        {"": 1},
        False,
    ),
    ("a write into a scalar replaces it", {"a": {".write": "newData.hasChild('b')"}}, {"a": 1}, {"a/b": 2}, True),
    (
        "a priority is written as the node",
        {"a": {".write": "newData.getPriority() == 5", ".validate": "newData.val() == 1"}},
        {"a": 1},
        {"a/.priority": 5},
        True,
    ),
]


@pytest.mark.parametrize(("sentence", "rules", "data", "writes", "expected"), WRITES, ids=[row[0] for row in WRITES])
def test_spec_write(sentence: str, rules: Rules, data: Any, writes: Writes, expected: bool) -> None:
    assert may_write(rules, writes, data=data, auth=ADA) is expected


VERSION = "child('collections').child($c).child('version').val()"
COMMITS: Rules = {
    "collections": {"$c": {".write": "auth.uid === 'kindling'"}},
    "data": {
        "$c": {
            "$id": {
                ".write": "auth != null && auth.uid === 'kindling' && newData.parent().parent().parent()."
                f"{VERSION} === (root.child('collections').child($c).child('version').exists()"
                f" ? root.{VERSION} + 1 : 1)"
            }
        }
    },
}
AT_THREE = {"collections": {"m": {"version": 3}}, "data": {"m": {"old": 1}}}
SERVICE = {"uid": "kindling"}

CAS: list[tuple[str, Any, Any, Writes, bool]] = [
    ("a commit carries the next version", SERVICE, AT_THREE, {"data/m/a": 1, "collections/m/version": 4}, True),
    ("a delete counts as any other change", SERVICE, AT_THREE, {"data/m/old": None, "collections/m/version": 4}, True),
    ("a stale commit is refused", SERVICE, AT_THREE, {"data/m/a": 1, "collections/m/version": 3}, False),
    ("a commit without a version is refused", SERVICE, AT_THREE, {"data/m/a": 1}, False),
    ("the first commit has version 1", SERVICE, None, {"data/m/a": 1, "collections/m/version": 1}, True),
    ("nobody else commits", ADA, AT_THREE, {"data/m/a": 1, "collections/m/version": 4}, False),
    ("nor does no user", None, AT_THREE, {"data/m/a": 1, "collections/m/version": 4}, False),
]


@pytest.mark.parametrize(("sentence", "auth", "data", "writes", "expected"), CAS, ids=[row[0] for row in CAS])
def test_ours_rules_are_a_compare_and_set(sentence: str, auth: Any, data: Any, writes: Writes, expected: bool) -> None:
    assert may_write(COMMITS, writes, data=data, auth=auth) is expected


INDEXES: list[tuple[str, str, frozenset[str]]] = [
    (".indexOn takes one path", "dinosaurs", frozenset({"height"})),
    (".indexOn takes several paths, also deep ones", "scores/x", frozenset({"info/age", ".value"})),
    ("a node without .indexOn has none", "scores", frozenset()),
    ("a node without rules has none", "scores/x/y", frozenset()),
    (".indexOn does not cascade", "dinosaurs/trex", frozenset()),
]


@pytest.mark.parametrize(("sentence", "path", "expected"), INDEXES, ids=[row[0] for row in INDEXES])
def test_spec_indexes(sentence: str, path: str, expected: frozenset[str]) -> None:
    rules = {"dinosaurs": {".indexOn": "height"}, "scores": {"$game": {".indexOn": ["info/age", ".value"]}}}
    assert ruleset(rules).indexes(path_of(path)) == expected


def test_ours_a_ruleset_remembers_no_request() -> None:
    asked = ruleset({"$k": {".read": "auth.uid == $k"}})
    root = View(from_json({"a": 1}))
    verdicts = [
        asked.can_read((key,), auth={"uid": uid}, now_ms=NOW_MS, root=root, query=None)
        for key, uid in (("a", "a"), ("b", "a"), ("a", "b"), ("a", "a"))
    ]
    assert verdicts == [True, False, False, True]
