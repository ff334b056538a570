"""The JavaScript client from npm: what its scenarios see, and how they are started in Node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parents[1]
SCRIPTS = TESTS / "emulators" / "js"
SCENARIO_S = 60  # far more than one takes; a hang becomes a failure

RULES = {
    "rules": {
        "free": {
            ".read": True,
            ".write": True,
            "people": {".indexOn": ["age", "info/city", ".value"]},
            "scores": {".indexOn": "n"},
        },
        "users": {
            "$uid": {
                ".read": "auth.uid === $uid",
                ".write": "auth.uid === $uid",
                "age": {".validate": "newData.isNumber()"},
            }
        },
        "staff": {".read": "auth.token.staff === true"},
        "gate": {".read": "root.child('free/open').val() === true"},
    }
}

_DENIED = "PERMISSION_DENIED"
_PEOPLE = {
    "by key": ["9", "10", "ada", "bob", "cid", "dan", "eve"],
    "keys from, before": ["9", "10", "ada", "bob"],
    "keys after, to": ["ada", "bob"],
    "first keys": ["9", "10", "ada"],
    "last keys": ["dan", "eve"],
    "by child": ["eve", "10", "bob", "ada", "cid", "9", "dan"],
    "child equal": ["ada", "cid"],
    "child equal with key": ["cid"],
    "child from": ["ada", "cid", "9", "dan"],
    "child after": ["9", "dan"],
    "child from with key": ["cid", "9", "dan"],
    "child to": ["eve", "10", "bob", "ada", "cid"],
    "child before": ["eve", "10", "bob"],
    "child between, last": ["cid", "9"],
    "deep child": ["bob", "eve"],
    "unindexed child": ["9", "10"],
    "by value": ["9"],
    "by priority": ["eve"],
    "default order": ["9", "10"],
}
_DONE = {"deep": {"er": "x"}, "done": True, "n": 2, "text": "é😀\u0001"}

EXPECTED: dict[str, Any] = {
    "values": {
        "seen": [
            None,
            {"list": ["a", "b"], "n": 1.5, "text": "é😀\u0001", "yes": True},
            {"deep": {"er": "x"}, "list": ["a", "b"], "n": 2, "text": "é😀\u0001"},
            {"deep": {"er": "x"}, "n": 2, "text": "é😀\u0001"},
            _DONE,
        ],
        "got": _DONE,
        "pushed": {"a": 1},
        "length": 20,
    },
    "queries": {
        "found": _PEOPLE,
        "got": {
            **_PEOPLE,
            "unindexed child": (
                'Index not defined, add ".indexOn": "info/street", for path "/free/people", to the rules'
            ),
        },
    },
    "childEvents": [
        ["added", "a", 1, None],
        ["added", "b", 2, "a"],
        ["moved", "b", 0, None],
        ["changed", "b", 0, None],
        ["removed", "a", 1, None],
        ["added", "d", 0.5, "b"],
        ["removed", "b", 0, None],
        ["added", "a", 1, "d"],
        ["removed", "a", 1, None],
        ["added", "c", 3, "d"],
    ],
    "transactions": {
        "counted": 40,
        "aborted": [False, None],
        "committed": [False, True],
        "stock": {"left": 0, "taken": 1},
        "denied": "permission_denied",
    },
    "presence": {
        "denied": _DENIED,
        "offline": False,
        "left": {"kept": 1, "last": True, "online": False},
        "back": True,
    },
    "rules": {
        "written": "ok",
        "read": "Ada",
        "strangerWrites": _DENIED,
        "strangerReads": "Permission denied",
        "strangerListens": _DENIED,
        "claim": None,
        "invalid": _DENIED,
        "update": _DENIED,
        "after": "Ada",
    },
    "revoked": _DENIED,
    "priorities": {
        "keys": ["c", "a", "b"],
        "exported": {
            "a": {".priority": 3, ".value": "first"},
            "b": {".priority": "z", "x": 1},
            "c": "none",
        },
        "later": ["a", "b"],
    },
    "longValues": True,
    "serverValues": {"n": 5, "m": -2, "near": True},
    "offlineWrites": {
        "after": {"a": 11, "b": 2, "c": 3},
        "elsewhere": {"a": 11, "b": 2, "c": 3},
        "first": {"a": 1},
    },
}
"""What each scenario of `scenarios.mjs` sees, in Node and in a browser alike."""


def node() -> str:
    """The Node that runs the scenarios; skips the test where it or the client's package is missing."""
    found = shutil.which("node")
    if not found:
        pytest.skip("needs Node, for the JavaScript client")
    if not (TESTS / "node_modules" / "firebase" / "package.json").is_file():
        pytest.skip("needs the packages of tests/package.json: `python3 dev.py test` installs them")
    return found


def environment(host: str, namespace: str) -> dict[str, str]:
    """What a script is told: which emulator, which database."""
    return {**os.environ, "DATABASE_HOST": host, "DATABASE_NAMESPACE": namespace}


def run_scenario(name: str, host: str, namespace: str) -> tuple[Any, str]:
    """What the scenario saw, and what the client wrote to the console's error stream."""
    done = subprocess.run(
        [node(), str(SCRIPTS / "run.mjs"), name],
        env=environment(host, namespace),
        capture_output=True,
        text=True,
        timeout=SCENARIO_S,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]), done.stderr + "".join(done.stdout.splitlines(keepends=True)[:-1])
