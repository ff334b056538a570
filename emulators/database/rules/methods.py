"""Every property and method of the rules language: what it belongs to, takes and gives, and what it does.

Knows nothing of how they are written, checked or called.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emulators.database.rules.errors import RuleFailure
from emulators.database.rules.snapshot import Snapshot
from emulators.database.rules.types import STORED, Type
from emulators.database.rules.values import MAX_LENGTH, limited


@dataclass(frozen=True, slots=True)
class Method:
    """One method. `run` takes the owner and then the arguments, all of the declared types."""

    owner: Type
    arguments: tuple[Type, ...]
    returns: Type
    run: Callable[..., Any]
    optional: bool = False  # whether it may be called without its arguments


def _replace(text: str, old: str, new: str) -> str:
    if len(text) + text.count(old) * (len(new) - len(old)) > MAX_LENGTH:
        raise RuleFailure(f"replace() would make a string over {MAX_LENGTH} characters")
    return limited(text.replace(old, new))


def _matches(text: str, regex: Callable[[str], bool]) -> bool:
    return regex(text)


def _contains(text: str, part: str) -> bool:
    return part in text


_SNAPSHOT, _STRING, _BOOLEAN = Type.SNAPSHOT, Type.STRING, Type.BOOLEAN

METHODS: dict[str, Method] = {
    "val": Method(_SNAPSHOT, (), STORED, Snapshot.val),
    "child": Method(_SNAPSHOT, (_STRING,), _SNAPSHOT, Snapshot.child),
    "parent": Method(_SNAPSHOT, (), _SNAPSHOT, Snapshot.parent),
    "hasChild": Method(_SNAPSHOT, (_STRING,), _BOOLEAN, Snapshot.has_child),
    "hasChildren": Method(_SNAPSHOT, (Type.ARRAY,), _BOOLEAN, Snapshot.has_children, optional=True),
    "exists": Method(_SNAPSHOT, (), _BOOLEAN, Snapshot.exists),
    "getPriority": Method(_SNAPSHOT, (), Type.NULL | Type.NUMBER | _STRING, Snapshot.priority),
    "isNumber": Method(_SNAPSHOT, (), _BOOLEAN, Snapshot.is_number),
    "isString": Method(_SNAPSHOT, (), _BOOLEAN, Snapshot.is_string),
    "isBoolean": Method(_SNAPSHOT, (), _BOOLEAN, Snapshot.is_boolean),
    "contains": Method(_STRING, (_STRING,), _BOOLEAN, _contains),
    "beginsWith": Method(_STRING, (_STRING,), _BOOLEAN, str.startswith),
    "endsWith": Method(_STRING, (_STRING,), _BOOLEAN, str.endswith),
    "replace": Method(_STRING, (_STRING, _STRING), _STRING, _replace),
    "toLowerCase": Method(_STRING, (), _STRING, str.lower),
    "toUpperCase": Method(_STRING, (), _STRING, str.upper),
    "matches": Method(_STRING, (Type.REGEX,), _BOOLEAN, _matches),
}

_BOUND = Type.NULL | Type.BOOLEAN | Type.NUMBER | Type.STRING
_LIMIT = Type.NULL | Type.NUMBER

QUERY_PROPERTIES: dict[str, Type] = {
    "orderByKey": Type.BOOLEAN,
    "orderByPriority": Type.BOOLEAN,
    "orderByValue": Type.BOOLEAN,
    "orderByChild": Type.NULL | Type.STRING,
    "startAt": _BOUND,
    "endAt": _BOUND,
    "equalTo": _BOUND,
    "limitToFirst": _LIMIT,
    "limitToLast": _LIMIT,
}
