"""Asks one security rule a question: the shared ground of the rules' tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from emulators.database.json_form import from_json
from emulators.database.overlay import overlay
from emulators.database.query import Query
from emulators.database.rules import Ruleset, parse
from emulators.database.tree import View

NOW_MS = 1_000_000
USER = {"uid": "u1", "provider": "custom", "token": {"name": "Ada", "level": 3, "staff": True, "groups": ["a", "b"]}}


def path_of(text: str) -> tuple[str, ...]:
    """The path of `a/b/c`."""
    return tuple(filter(None, text.split("/")))


def ruleset(rules: Mapping[str, Any]) -> Ruleset:
    """The parsed rules of one rules object."""
    return parse(json.dumps({"rules": rules}))


def verdict(expression: str, *, data: Any = None, auth: Any = USER, query: Query | None = None) -> bool | str:
    """What a `.read` rule at the root says: True, False, or "error" for a runtime error.

    A runtime error is told from False as users of the service can tell it: `(rule) || true` is denied as well.
    """

    def asked(text: str) -> bool:
        rules = ruleset({".read": text})
        return rules.can_read((), auth=auth, now_ms=NOW_MS, root=View(from_json(data)), query=query)

    return asked(expression) or (False if asked(f"({expression}) || true") else "error")


def may_read(rules: Mapping[str, Any], path: str, *, data: Any = None, auth: Any = None) -> bool:
    """Whether the rules let `auth` read at `path`."""
    root = View(from_json(data))
    return ruleset(rules).can_read(path_of(path), auth=auth, now_ms=NOW_MS, root=root, query=None)


def may_write(rules: Mapping[str, Any], writes: Mapping[str, Any], *, data: Any = None, auth: Any = None) -> bool:
    """Whether the rules let `auth` make all the writes at once."""
    root = View(from_json(data))
    new_root = overlay(root, [(path_of(path), from_json(value)) for path, value in writes.items()])
    asked = ruleset(rules)
    return all(
        asked.can_write(path_of(path), auth=auth, now_ms=NOW_MS, root=root, new_root=new_root) for path in writes
    )
